import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { CertificateError } from "../../../../src/errors.ts";
import { issueCertificate } from "../../../../src/pki/issuing/certificate.ts";
import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { daysFromNow, makeParty, makeRoot, now } from "../authorities.ts";
import { dissect, hexOf } from "../dissect.ts";

const root = await makeRoot("A root (me@here)");
const utcTime = (text: string) => `170d${hexOf(Buffer.from(text))}`;
const generalizedTime = (text: string) => `180f${hexOf(Buffer.from(text))}`;

describe("a leaf", () => {
  test("has its issuer's name byte for byte", async () => {
    const { certificate } = await makeParty({ hosts: ["a.example"], issuer: root });
    expect(dissect(certificate).issuer).toBe(dissect(root.certificate).subject);
    expect(certificate.checkIssued(root.certificate)).toBe(true);
  });

  test("has a wildcard as it is", async () => {
    const { certificate } = await makeParty({ hosts: ["*.example.org"], issuer: root });
    expect(certificate.subjectAltName).toBe("DNS:*.example.org");
  });

  test("without a common name has an empty subject and critical names", async () => {
    const { subject, extensions } = dissect((await makeParty({ hosts: ["a.example"], issuer: root })).certificate);
    expect(subject).toBe("3000");
    expect(extensions.find(({ id }) => id === "2.5.29.17")?.critical).toBe(true);
  });

  test("begins no earlier than its issuer", async () => {
    const young = await makeParty({ hosts: ["a.example"], issuer: root, at: root.certificate.validFromDate });
    expect(young.certificate.validFromDate).toEqual(root.certificate.validFromDate);
  });
});

describe("the time", () => {
  test("is UTCTime to the last second of 2049 and GeneralizedTime from 2050", async () => {
    const at = new Date(Date.parse("2049-12-31T23:59:59Z") + 5 * 60_000);
    const { notBefore, notAfter } = dissect((await makeRoot("At the turn", at)).certificate);
    expect(notBefore).toBe(utcTime("491231235959Z"));
    expect(notAfter).toBe(generalizedTime("20591229235958Z"));
    const next = dissect((await makeRoot("After it", new Date(at.getTime() + 1000))).certificate);
    expect(next.notBefore).toBe(generalizedTime("20500101000000Z"));
  });

  test.each([
    ["has ended", "CERTIFICATE_EXPIRED", 3651],
    ["has not begun", "CERTIFICATE_NOT_YET_VALID", -1],
  ])("when the issuer's %s refuses to issue", async (_, code, days) => {
    const issued = makeParty({ hosts: ["a.example"], issuer: root, at: daysFromNow(days) });
    await expect(issued).rejects.toBeInstanceOf(CertificateError);
    await expect(issued).rejects.toMatchObject({ code, hint: expect.stringContaining("clock") });
  });
});

test("a name of several scripts survives", async () => {
  const { certificate } = await makeRoot("Prüfstelle 例え");
  expect(certificate.subject).toBe("CN=Prüfstelle 例え");
});

test("serial numbers come from the given randomness, made positive and of full length", async () => {
  const serialFrom = async (byte: number) => {
    const text = await issueCertificate({
      profile: profiles.developmentRoot,
      subject: { commonName: "Serial" },
      names: [],
      key: root.key,
      issuer: undefined,
      now,
      random: (size) => new Uint8Array(size).fill(byte),
    });
    return new X509Certificate(text).serialNumber.toLowerCase();
  };
  expect(await serialFrom(0x00)).toBe(`40${"00".repeat(15)}`);
  expect(await serialFrom(0xff)).toBe(`7f${"ff".repeat(15)}`);
});
