import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { describeCertificate } from "../../../../src/pki/inspection/describe-certificate.ts";
import { hasOpenssl } from "../openssl.ts";
import { authorityExtensions, oddCertificates, serverExtensions } from "./odd-certificates.ts";

const { make } = oddCertificates();
const describeOdd = (...args: Parameters<typeof make>) => describeCertificate(make(...args).der);
const withNames = (names: string) => describeOdd({ extensions: [`subjectAltName=${names}`] }).names;

describe.skipIf(!hasOpenssl)("a certificate is described", () => {
  test("with all that openssl says of it", () => {
    const issuer = make({ subject: "/C=DE/O=Example, Inc./CN=A CA", extensions: authorityExtensions });
    const { der } = make({ issuer, extensions: [...serverExtensions, "authorityKeyIdentifier=keyid"], serial: "0xab" });
    const reference = new X509Certificate(der);
    expect(describeCertificate(der)).toMatchObject({
      version: 3,
      subject: { text: "CN=odd", attributes: [{ type: "CN", value: "odd" }] },
      issuer: {
        text: "C=DE, O=Example\\, Inc., CN=A CA",
        attributes: [
          { type: "C", value: "DE" },
          { type: "O", value: "Example, Inc." },
          { type: "CN", value: "A CA" },
        ],
      },
      serialNumber: "AB",
      notBefore: reference.validFromDate,
      notAfter: reference.validToDate,
      key: { kind: "ECDSA P-256", algorithm: "ECDSA" },
      signatureAlgorithm: "ECDSA with SHA-256",
      selfSigned: false,
      basicConstraints: { authority: false },
      keyUsage: ["digitalSignature"],
      extendedKeyUsage: ["serverAuth"],
      names: [{ kind: "dns", value: "server.example.org" }],
      authorityKeyId: describeCertificate(issuer.der).subjectKeyId,
      extensions: [
        { id: "2.5.29.19", name: "basicConstraints", critical: true },
        { id: "2.5.29.15", name: "keyUsage", critical: true },
        { name: "extKeyUsage", critical: false },
        { name: "subjectAltName", critical: false },
        { name: "subjectKeyIdentifier", critical: false },
        { name: "authorityKeyIdentifier", critical: false },
      ],
      fingerprints: { sha256: reference.fingerprint256, sha1: reference.fingerprint },
    });
  });

  test.each<[string, string[], string, string]>([
    ["ECDSA P-384", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "-sha384", "ECDSA with SHA-384"],
    ["RSA 2048 bits", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "-sha256", "RSA with SHA-256"],
    ["RSA 1024 bits", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "-sha1", "RSA with SHA-1"],
    ["RSA-PSS 2048 bits", ["-algorithm", "RSA-PSS"], "-sha512", "RSA-PSS with SHA-512"],
    ["Ed25519", ["-algorithm", "ED25519"], "-sha256", "Ed25519"],
    ["Ed448", ["-algorithm", "ED448"], "-sha256", "Ed448"],
    [
      "ECDSA brainpoolP256r1",
      ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"],
      "-sha256",
      "ECDSA with SHA-256",
    ],
  ])("with a key of the kind %s", (kind, key, digest, signatureAlgorithm) => {
    expect(describeOdd({ key, digest })).toMatchObject({ key: { kind }, signatureAlgorithm, selfSigned: true });
  });

  test("with names of each kind, and the Unicode form of internationalised ones", () => {
    const names = "DNS:xn--bcher-kva.example,DNS:*.xn--bcher-kva.example,IP:10.0.0.1,IP:fd00::1,URI:spiffe://a/b";
    expect(withNames(`${names},email:root@example.org,RID:1.2.3.4,otherName:1.2.3;UTF8:x`)).toEqual([
      { kind: "dns", value: "xn--bcher-kva.example", unicode: "bücher.example" },
      { kind: "dns", value: "*.xn--bcher-kva.example", unicode: "*.bücher.example" },
      { kind: "ip", value: "10.0.0.1" },
      { kind: "ip", value: "fd00::1" },
      { kind: "uri", value: "spiffe://a/b" },
      { kind: "email", value: "root@example.org" },
      { kind: "registered", value: "1.2.3.4" },
      { kind: "other", value: expect.stringMatching(/^1\.2\.3 [0-9A-F]+$/) },
    ]);
  });

  test("with a directory name among its names", () => {
    const sections = "[sub]\nC=DE\nCN=inner\n";
    const { names } = describeOdd({ extensions: ["subjectAltName=dirName:sub"], sections });
    expect(names).toEqual([{ kind: "directory", value: "C=DE, CN=inner" }]);
  });

  test("with 10,000 names", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `DNS.${index}=host-${index}.example.org`);
    const sections = `[names]\n${names.join("\n")}\n`;
    const description = describeOdd({ extensions: ["subjectAltName=@names"], sections });
    expect(description.names).toHaveLength(10_000);
    expect(description.names?.at(-1)).toEqual({ kind: "dns", value: "host-9999.example.org" });
  });

  test("with the names that a CA may issue for", () => {
    const constraints = [
      "permitted;DNS:example.org",
      "permitted;IP:10.0.0.0/255.0.0.0",
      "permitted;IP:fd00::/ff00::",
      "excluded;DNS:secret.example.org",
      "excluded;IP:10.1.0.0/255.255.0.255",
    ];
    const extensions = [...authorityExtensions, `nameConstraints=critical,${constraints.join(",")}`];
    expect(describeOdd({ extensions }).nameConstraints).toEqual({
      permitted: [
        { kind: "dns", value: "example.org" },
        { kind: "ip", value: "10.0.0.0/8" },
        { kind: "ip", value: "fd00::/8" },
      ],
      excluded: [
        { kind: "dns", value: "secret.example.org" },
        { kind: "ip", value: "10.1.0.0/255.255.0.255" },
      ],
    });
  });

  test("with purposes that have no name here in dotted form", () => {
    const extensions = ["extendedKeyUsage=serverAuth,clientAuth,1.2.3.4.5"];
    expect(describeOdd({ extensions }).extendedKeyUsage).toEqual(["serverAuth", "clientAuth", "1.2.3.4.5"]);
  });

  test("with a path length, and with none", () => {
    const limited = describeOdd({ extensions: ["basicConstraints=CA:TRUE,pathlen:0"] });
    expect(limited.basicConstraints).toEqual({ authority: true, pathLength: 0 });
    const { basicConstraints } = describeOdd({ extensions: authorityExtensions });
    expect(basicConstraints).toEqual({ authority: true, pathLength: undefined });
  });

  test.each([
    ["0", "00"],
    ["-1", "-01"],
    ["-0x1234", "-1234"],
    ["0x80", "80"],
    [`0x${"f".repeat(42)}`, "F".repeat(42)],
  ])("with the serial number %s", (serial, shown) => {
    expect(describeOdd({ serial }).serialNumber).toBe(shown);
  });

  test("with text of any encoding in its subject", () => {
    const { der } = make({ subject: "/CN=bücher\u0001/O=x" });
    expect(describeCertificate(der).subject.attributes[0]).toEqual({ type: "CN", value: "bücher\u0001" });
  });

  test("as the public roots are, each of which is self-signed and has nothing that is damaged", () => {
    for (const pem of rootCertificates) {
      const { raw, validFromDate, validToDate, ca } = new X509Certificate(pem);
      const description = describeCertificate(raw);
      expect(description).toMatchObject({ selfSigned: true, notBefore: validFromDate, notAfter: validToDate });
      expect(description.basicConstraints?.authority).toBe(ca);
      expect(description.extensions.filter(({ damaged }) => damaged !== undefined)).toEqual([]);
    }
  });
});

describe.skipIf(!hasOpenssl)("an extension that can't be decoded is described as such", () => {
  test.each([
    ["subjectAltName", "is another element", "05:00"],
    ["subjectAltName", "is cut off", "30:10:82:05:61"],
    ["subjectAltName", "is followed by something", "30:03:82:01:61:00"],
    ["basicConstraints", "has a negative path length", "30:06:01:01:ff:02:01:ff"],
    ["keyUsage", "is no bit string", "04:01:06"],
    ["keyUsage", "is empty", "03:00"],
    ["extendedKeyUsage", "has a purpose that is none", "30:03:02:01:05"],
    ["extendedKeyUsage", "is empty", "30:00"],
    ["nameConstraints", "is garbage", "ff:ff:ff"],
    ["subjectKeyIdentifier", "is garbage", "de:ad:be:ef"],
    ["authorityKeyIdentifier", "is garbage", "30:80:00"],
  ])("%s %s", (name, _, bytes) => {
    const { extensions, names } = describeOdd({ extensions: [`${name}=DER:${bytes}`] });
    expect(extensions).toEqual([expect.objectContaining({ damaged: bytes.replaceAll(":", "").toUpperCase() })]);
    expect(names).toBeUndefined();
  });

  test("and so is a name in it", () => {
    expect(describeOdd({ extensions: ["subjectAltName=DER:30:0b:87:03:0a:00:00:82:01:61:9f:50:00"] }).names).toEqual([
      { kind: "damaged", value: "IP address of 3 bytes: 0A0000" },
      { kind: "dns", value: "a" },
      { kind: "damaged", value: "name of an unknown kind of 0 bytes: " },
    ]);
  });

  test("and one that is not known here is named by its object identifier", () => {
    const { extensions } = describeOdd({ extensions: ["1.2.3.4=critical,DER:00:ff"] });
    expect(extensions).toEqual([{ id: "1.2.3.4", name: undefined, critical: true }]);
  });
});

describe.skipIf(!hasOpenssl)("what is no certificate is refused", () => {
  const { der } = make();

  test.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["a certificate that is cut off", der.subarray(0, der.length - 1)],
    ["the beginning of one", der.subarray(0, 60)],
    ["a certificate that something follows", Buffer.concat([der, Buffer.of(0)])],
    ["nested elements without end", Buffer.alloc(100_000, Buffer.of(0x30, 0x80))],
    ["an empty sequence", Buffer.of(0x30, 0)],
    ["text", Buffer.from("hello")],
  ])("%s", (_, bytes) => {
    expect(() => describeCertificate(bytes)).toThrow(/^The certificate can't be decoded: its /);
  });

  test("a certificate whose dates are none", () => {
    const bytes = Buffer.from(der);
    bytes.write("9999", bytes.indexOf(Buffer.of(0x17, 0x0d)) + 4, "latin1");
    expect(() => describeCertificate(bytes)).toThrow("The certificate can't be decoded: its dates are damaged");
  });
});
