import { describe, expect, test } from "bun:test";
import { formatBlock } from "../../../src/cli/block.ts";
import { certificateBlock } from "../../../src/cli/certificate-block.ts";
import { fileFindings, formatFindings, toJson } from "../../../src/cli/inspect-report.ts";
import { describeChain } from "../../../src/pki/inspection/certificate-chain.ts";
import { authorityExtensions, oddCertificates, serverExtensions } from "../pki/inspection/odd-certificates.ts";
import { hasOpenssl } from "../pki/openssl.ts";

const { make } = oddCertificates();
const plain = { colour: false };
const dayMs = 86_400_000;

/** A certificate as it is printed, some days after its begin. */
function printed(options: Parameters<typeof make>[0], days = 27.5): string {
  const { der } = make(options);
  const [certificate] = describeChain([der], new Date()).certificates;
  if (!certificate) throw new Error("there is no certificate");
  const now = new Date(certificate.notBefore.getTime() + days * dayMs);
  return formatBlock(certificateBlock(certificate, 1, now), plain);
}

describe.skipIf(!hasOpenssl)("a certificate is printed", () => {
  test("with what is most wanted first", () => {
    const constraints = "nameConstraints=critical,permitted;DNS:example.org,excluded;IP:10.0.0.0/255.0.0.0";
    const text = printed({ extensions: [...authorityExtensions, constraints], subject: "/C=DE/CN=A CA" });
    expect(text.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, "  "))).toEqual([
      "Certificate",
      "Subject  C=DE, CN=A CA",
      "Issued by  itself",
      expect.stringMatching(/^Valid from {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC \(27 days ago\)$/),
      expect.stringMatching(/^Valid until {2}.* UTC \(in 62 days\)$/),
      "Key  ECDSA P-256",
      "Usage  keyCertSign, cRLSign",
      "CA  yes, with any number of CAs below it",
      "Permitted  example.org",
      "Excluded  10.0.0.0/8",
      "Signature  ECDSA with SHA-256",
      "Extensions  basicConstraints (critical), keyUsage (critical), subjectKeyIdentifier,",
      "nameConstraints (critical)",
      "Serial  1234567890",
      expect.stringMatching(/^Key ID {2}[0-9A-F]{40}$/),
      expect.stringMatching(/^SHA-256 {2}(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      expect.stringMatching(/^SHA-1 {2}(?:[0-9A-F]{2}:){19}[0-9A-F]{2}$/),
    ]);
  });

  test("with names of each kind, and warnings below", () => {
    const names = "subjectAltName=DNS:xn--bcher-kva.example,IP:::1,URI:https://a/,email:a@b.example,DNS:a_b";
    const text = printed({ extensions: ["extendedKeyUsage=serverAuth", names], digest: "-sha1" });
    expect(text).toContain("For           xn--bcher-kva.example (bücher.example), ::1, URI https://a/,\n");
    expect(text).toContain("\n                email a@b.example, a_b\n");
    expect(text.split("\n").slice(-2)).toEqual([
      "  warning: It is signed with a hash that is broken (ECDSA with SHA-1): clients refuse it",
      '  warning: The DNS name "a_b" has an underscore, which host names can\'t have',
    ]);
  });

  test("with twenty of its names, and the number of the others", () => {
    const names = Array.from({ length: 30 }, (_, index) => `DNS:host-${index}.example`).join(",");
    const text = printed({ extensions: [`subjectAltName=${names}`] });
    expect(text).toContain("host-19.example,\n");
    expect(text).toContain("and 10 more (--json shows all)");
    expect(text).not.toContain("host-20.example");
  });

  test("with control characters made visible, and without lines of its own making", () => {
    const subject = "/CN=\u001b[2J\u0007\n  warning: all is well\u202e/O=x";
    const text = printed({ subject, extensions: [...serverExtensions.slice(0, 3), "subjectAltName=URI:a\u001b]0;x"] });
    expect(text).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expect(text).toContain("Subject       CN=\\u001b[2J\\u0007\\u000a  warning: all is well\\u202e, O=x\n");
  });

  test("with an end to what is very long", () => {
    const text = printed({ extensions: [`1.2.3=DER:05:00`, `subjectAltName=URI:${"a".repeat(5000)}`] });
    expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThan(1100);
  });
});

describe.skipIf(!hasOpenssl)("a file is reported", () => {
  const root = make({ extensions: authorityExtensions, subject: "/CN=root\u0085\u001b" });
  const leaf = make({ issuer: root });
  const report = (...certificates: Uint8Array[]) => {
    const chain = describeChain(certificates, new Date());
    return fileFindings({ chain, privateKeys: [{ belongsTo: [], unreadable: undefined }], others: ["a public key"] });
  };

  test("with how its certificates hang together, and what is wrong with that", () => {
    const text = formatFindings(report(root.der, leaf.der), new Date(), plain);
    expect(text).toContain("Certificate 1 of 2\n");
    expect(text).toContain("Issued by     CN=root\\u0085\\u001b (number 1)\n");
    expect(text.split("\n").slice(-7)).toEqual([
      "The file as a whole",
      "  Chain         number 1 is a root: it signed itself",
      "                number 2 was issued by number 1",
      "  Also there    a private key, which is not shown",
      "                a public key",
      "  warning: The order is wrong: each must stand right before the one that issued it; it would be 2, 1",
      "  warning: The private key belongs to no certificate in this file",
    ]);
  });

  test("in JSON, without a character that a terminal would obey, and with null for what is not there", () => {
    const text = toJson("a file", report(leaf.der));
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    const { certificates, ...rest } = JSON.parse(text);
    expect(rest).toMatchObject({ source: "a file", others: ["a public key"], inOrder: true, issuerMissing: [1] });
    expect(certificates[0]).toMatchObject({
      number: 1,
      issuedBy: null,
      issuer: { text: "CN=root\u0085\u001b" },
      notAfter: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      nameConstraints: null,
      problems: [expect.stringContaining("no authority key identifier")],
    });
  });
});
