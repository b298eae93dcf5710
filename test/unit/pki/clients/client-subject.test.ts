import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { UnauthenticatedError } from "../../../../src/errors.ts";
import { subjectOfClient } from "../../../../src/pki/clients/client-subject.ts";
import { fieldsOf } from "../../../../src/pki/files/certificate-fields.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { der, extension, oid, utcTime } from "../der-builder.ts";

const ca = new OpensslCa(temporaryFolder(), "ca");
const commonName = "2.5.4.3";
const organization = "2.5.4.10";

const tags = { utf8: 0x0c, printable: 0x13, teletex: 0x14, ia5: 0x16, universal: 0x1c, bmp: 0x1e } as const;

/** AttributeTypeAndValue */
function attribute(id: string, value: string | Uint8Array, tag: keyof typeof tags = "utf8"): Buffer {
  return der(0x30, oid(id), der(tags[tag], typeof value === "string" ? Buffer.from(value) : value));
}

const rdn = (...attributes: readonly Uint8Array[]) => der(0x31, ...attributes);
const cn = (value: string | Uint8Array, tag?: keyof typeof tags) => rdn(attribute(commonName, value, tag));
const inUtf16 = (text: string) => Buffer.from(text, "utf16le").swap16();

const email = (value: string) => der(0x81, Buffer.from(value));
const dns = (value: string) => der(0x82, Buffer.from(value));
const uri = (value: string) => der(0x86, Buffer.from(value));
const address = der(0x87, Buffer.of(127, 0, 0, 1));

/** A certificate whose signature is none: nobody looks at it here. */
function certificateOf(subject: readonly Uint8Array[], alternativeNames: readonly Uint8Array[] = []): X509Certificate {
  const algorithm = der(0x30, oid("1.2.840.10045.4.3.2"));
  const names = extension("2.5.29.17", der(0x30, ...alternativeNames), subject.length === 0);
  const signed = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    der(0x30, cn("issuer")),
    der(0x30, utcTime(new Date(0)), utcTime(new Date(1e12))),
    der(0x30, ...subject),
    fieldsOf(new X509Certificate(ca.cert)).publicKey,
    ...(alternativeNames.length > 0 ? [der(0xa3, der(0x30, names))] : []),
  );
  return new X509Certificate(der(0x30, signed, algorithm, der(0x03, Buffer.of(0, 0x30, 0))));
}

describe("a certificate that openssl made", () => {
  test.each([
    ["/CN=alice", "alice"],
    ["/C=DE/O=Example, Inc./CN=alice", "alice"],
    ["/O=Example/CN=Jürgen Groß (ops)/OU=x", "Jürgen Groß (ops)"],
  ])("for %s is known as %s", (subject, name) => {
    const { cert } = ca.issue(crypto.randomUUID(), { subject });
    expect(subjectOfClient(new X509Certificate(cert))).toBe(name);
  });

  test("for no subject is known by its alternative name", () => {
    const extensions = ["subjectAltName=critical,URI:spiffe://example.org/ci", "extendedKeyUsage=clientAuth"];
    const { cert } = ca.issue("spiffe", { subject: "/", extensions });
    expect(subjectOfClient(new X509Certificate(cert))).toBe("spiffe://example.org/ci");
  });
});

test.each<[what: string, subject: readonly Uint8Array[], name: string]>([
  ["as UTF8String", [cn("Zoë")], "Zoë"],
  ["as PrintableString", [cn("alice", "printable")], "alice"],
  ["as BMPString", [cn(inUtf16("Zoë"), "bmp")], "Zoë"],
  ["as IA5String", [cn("alice", "ia5")], "alice"],
  ["as TeletexString in ASCII", [cn("alice", "teletex")], "alice"],
  ["in one set with others", [rdn(attribute(organization, "x"), attribute(commonName, "alice"))], "alice"],
  ["that looks like two attributes", [cn("alice/CN=bob, CN=carol+CN=dave")], "alice/CN=bob, CN=carol+CN=dave"],
  ["beside an organization that looks like one", [rdn(attribute(organization, "x\nCN=bob")), cn("alice")], "alice"],
  ["of 256 characters", [cn("x".repeat(256))], "x".repeat(256)],
])("a common name %s is the client's", (_, subject, name) => {
  expect(subjectOfClient(certificateOf(subject))).toBe(name);
});

test.each<[what: string, names: readonly Uint8Array[], name: string]>([
  ["the one email address", [email("a@example.org")], "a@example.org"],
  ["the one URI", [uri("spiffe://x/y")], "spiffe://x/y"],
  ["the one DNS name", [dns("ci.example.org"), address], "ci.example.org"],
  ["the email address before others", [dns("a"), uri("b:"), email("c@d")], "c@d"],
  ["the URI before DNS names", [dns("a"), uri("b:c"), dns("d")], "b:c"],
])("without a common name, %s is the client's", (_, names, name) => {
  expect(subjectOfClient(certificateOf([], names))).toBe(name);
  expect(subjectOfClient(certificateOf([rdn(attribute(organization, "x"))], names))).toBe(name);
});

test("a common name comes before alternative names", () => {
  expect(subjectOfClient(certificateOf([cn("alice")], [email("bob@example.org")]))).toBe("alice");
});

test.each<[what: string, subject: readonly Uint8Array[], names: readonly Uint8Array[], found: string]>([
  ["no name", [], [], "neither a common name nor an email address, URI or DNS name"],
  ["only an organization", [rdn(attribute(organization, "x"))], [], "neither a common name"],
  ["only an address", [], [address], "neither a common name"],
  ["two common names", [cn("alice"), cn("bob")], [], "2 values of the kind common name"],
  ["the same common name twice", [cn("alice"), cn("alice")], [], "2 values of the kind common name"],
  ["two common names in one set", [rdn(attribute(commonName, "a"), attribute(commonName, "b"))], [], "2 values"],
  ["two email addresses", [], [email("a@b"), email("c@d")], "2 values of the kind email address"],
  ["two URIs beside one DNS name", [], [uri("a:"), uri("b:"), dns("c")], "2 values of the kind URI"],
  ["an empty common name", [cn("")], [email("a@b")], 'the common name "", which is not'],
  ["a NUL in it", [cn("alice\0.example.org")], [], String.raw`"alice\u0000.example.org"`],
  ["a line break in it", [cn("alice\nCN=bob")], [], String.raw`"alice\nCN=bob"`],
  ["a character that turns the direction round", [cn("alice\u202e")], [], "which is not"],
  ["a blank before it", [cn(" alice")], [], "which is not"],
  ["a no-break blank in it", [cn("al\u00a0ice")], [], "which is not"],
  ["257 characters", [cn("x".repeat(257))], [], "which is not 1 to 256"],
  ["a byte order mark", [cn("\ufeffalice")], [], "which is not"],
  ["a TeletexString beyond ASCII", [cn(Buffer.of(0xc8, 0x61), "teletex")], [], "unknown encoding"],
  ["a UniversalString", [cn(Buffer.of(0, 0, 0, 0x61), "universal")], [], "unknown encoding"],
  ["an email address beyond ASCII", [], [email("ä@example.org")], "unknown encoding"],
  ["an alternative name that is cut off", [], [Buffer.of(0x82, 9, 0x61)], "is damaged"],
  ["a NUL in a DNS name", [], [dns("ci.example.org\0.evil.example")], "which is not"],
])("a certificate with %s is nobody's", (_, subject, names, found) => {
  const certificate = certificateOf(subject, names);
  for (const _time of ["first", "second"]) {
    expect(() => subjectOfClient(certificate)).toThrow(UnauthenticatedError);
    expect(() => subjectOfClient(certificate)).toThrow(found);
  }
});
