import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { CertificateError } from "../../../../src/errors.ts";
import { DerError } from "../../../../src/pki/encoding/der.ts";
import { alternativeNamesOf, fieldsOf } from "../../../../src/pki/files/certificate-fields.ts";
import { issuerOf, subjectOf } from "../../../../src/pki/files/certificate-file.ts";
import { damagedPartOf } from "../../../../src/pki/files/key-usage.ts";
import { describeCertificate } from "../../../../src/pki/inspection/describe-certificate.ts";
import { decodeCrl, UnsupportedCrlError } from "../../../../src/pki/revocation/crl.ts";
import { issueCrl } from "../../../../src/pki/revocation/issue-crl.ts";
import { makeParty, makeRoot, now } from "../authorities.ts";

const root = await makeRoot("A root");
const leaf = await makeParty({ commonName: "server", hosts: ["server.example.org", "10.0.0.1"], issuer: root });
const date = now.getTime();
const revoked = new Map([
  ["7f01", { date, reason: "keyCompromise" }],
  ["7f02", { date, reason: "unspecified" }],
]);
const list = await issueCrl(root, { revoked, thisUpdate: now, nextUpdate: new Date(date + 3_600_000) });
const crl = Buffer.from(list.replaceAll(/-----.*-----/g, ""), "base64");

/** Each byte of an encoding, changed in several ways. */
function* changed(der: Uint8Array): Generator<Buffer> {
  for (const position of der.keys()) {
    for (const mask of [0x01, 0x20, 0x80]) {
      const bytes = Buffer.from(der);
      bytes[position] = (bytes[position] ?? 0) ^ mask;
      yield bytes;
    }
  }
}

function expectOnly(kinds: readonly (abstract new (...args: never[]) => Error)[], action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
  }
}

function readable(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

const certificates = [leaf.certificate.raw, ...rootCertificates.slice(0, 2).map((pem) => new X509Certificate(pem).raw)];

test("a certificate of which any byte has changed is described, or refused as damaged", () => {
  for (const der of certificates.flatMap((each) => [...changed(each)])) {
    expectOnly([CertificateError], () => describeCertificate(der));
  }
});

test("one that the runtime can read all the same has a subject and an issuer", () => {
  let count = 0;
  for (const certificate of certificates.flatMap((each) => [...changed(each)]).map(readable)) {
    if (!certificate) continue;
    count++;
    expect([subjectOf(certificate), issuerOf(certificate)]).toEqual([expect.any(String), expect.any(String)]);
    damagedPartOf(certificate);
    expectOnly([DerError], () => fieldsOf(certificate));
    expectOnly([DerError], () => alternativeNamesOf(certificate));
  }
  expect(count).toBeGreaterThan(1000);
});

test("a revocation list of which any byte has changed is decoded, or refused as damaged", () => {
  expect(decodeCrl(crl).issuerName).toBe("CN=A root");
  for (const der of changed(crl)) expectOnly([DerError, UnsupportedCrlError], () => decodeCrl(der));
});
