import { describe, expect, test } from "bun:test";
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { parseHostNames } from "../../../../src/pki/host-names.ts";
import { type CertificateRequest, issueCertificate } from "../../../../src/pki/issuing/certificate.ts";
import { generatePrivateKey, type KeyType, keyTypes, systemRandom } from "../../../../src/pki/issuing/keys.ts";
import { type CertificateProfile, profiles } from "../../../../src/pki/issuing/profile.ts";
import { dayMs, makeRoot, now } from "../authorities.ts";
import { bytesOf, decode, dissect, expectCertificateDer, expectDer, hexOf, itemsOf } from "../dissect.ts";
import { failureOf } from "../failure.ts";

const root = await makeRoot("A root");
const keys = new Map<KeyType, KeyObject>();
for (const type of keyTypes) keys.set(type, await generatePrivateKey(type));

const subject = { commonName: "server.example.org", organization: "Bücher & Söhne", country: "de" };

type Overrides = Partial<CertificateRequest>;

function request(profile: CertificateProfile, overrides: Overrides = {}): CertificateRequest {
  const isServers = profile === profiles.serverLeaf || profile === profiles.developmentLeaf;
  const names = parseHostNames(isServers ? ["server.example.org", "127.0.0.1"] : []);
  const signsItself = profile === profiles.root || profile === profiles.developmentRoot;
  const issuer = signsItself ? undefined : root;
  return { profile, subject, names, key: root.key, issuer, now, random: systemRandom, ...overrides };
}

async function issue(profile: CertificateProfile, overrides: Overrides = {}): Promise<X509Certificate> {
  return new X509Certificate(await issueCertificate(request(profile, overrides)));
}

const ids = {
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  subjectKeyIdentifier: "2.5.29.14",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  subjectAltName: "2.5.29.17",
};

const common = [ids.basicConstraints, ids.keyUsage, ids.subjectKeyIdentifier, ids.authorityKeyIdentifier];
const caUsage = { ec: "03020106", rsa: "03020106" };
const serverUsage = { ec: "03020780", rsa: "030205a0" };
const clientUsage = { ec: "03020780", rsa: "03020780" };
const leafExtensions = [...common, ids.extendedKeyUsage, ids.subjectAltName];
const serverAuth = "300a06082b06010505070301";
const clientAuth = "300a06082b06010505070302";

/** What the profiles mean, byte for byte. */
const expected: Readonly<
  Record<
    keyof typeof profiles,
    { days: number; constraints: string; usage: typeof caUsage; purpose?: string; extensions: string[] }
  >
> = {
  root: { days: 3650, constraints: "30060101ff020101", usage: caUsage, extensions: common },
  intermediate: { days: 1825, constraints: "30060101ff020100", usage: caUsage, extensions: common },
  developmentRoot: { days: 3650, constraints: "30060101ff020100", usage: caUsage, extensions: common },
  serverLeaf: { days: 90, constraints: "3000", usage: serverUsage, purpose: serverAuth, extensions: leafExtensions },
  clientLeaf: { days: 90, constraints: "3000", usage: clientUsage, purpose: clientAuth, extensions: leafExtensions },
  developmentLeaf: {
    days: 365,
    constraints: "3000",
    usage: serverUsage,
    purpose: serverAuth,
    extensions: leafExtensions,
  },
};

/** A key's algorithm in a SubjectPublicKeyInfo, and that of its signatures (RFC 5480, RFC 5758, RFC 3279, RFC 4055). */
const algorithms: Readonly<Record<KeyType, { key: string; signature: string }>> = {
  p256: { key: "301306072a8648ce3d020106082a8648ce3d030107", signature: "300a06082a8648ce3d040302" },
  p384: { key: "301006072a8648ce3d020106052b81040022", signature: "300a06082a8648ce3d040303" },
  "rsa-2048": { key: "300d06092a864886f70d0101010500", signature: "300d06092a864886f70d01010b0500" },
  "rsa-4096": { key: "300d06092a864886f70d0101010500", signature: "300d06092a864886f70d01010b0500" },
};

/** 1.2.840.113549.1.1 */
const rsaArc = "2a864886f70d0101";

const matrix = (Object.keys(expected) as (keyof typeof profiles)[]).flatMap((profile) =>
  keyTypes.map((type) => [profile, type] as const),
);

describe.each(matrix)("a certificate of the profile %s with a key of the type %s", async (name, type) => {
  const { days, constraints, usage, purpose, extensions } = expected[name];
  const key = keys.get(type) ?? root.key;
  const certificate = await issue(profiles[name], { key });
  const parts = dissect(certificate);
  const find = (id: string) => parts.extensions.find((each) => each.id === id);
  const signsItself = parts.issuer === parts.subject;

  test("is DER throughout, of version 3", () => {
    expectCertificateDer(certificate);
    expect(parts.version).toBe("a003020102");
    expect(parts.wrapperTag).toBe(3);
  });

  test("has the extensions of its profile, each once, and only the constraints and the key's uses critical", () => {
    expect(parts.extensions.map(({ id }) => id)).toEqual(extensions);
    const critical = parts.extensions.flatMap((each) => (each.critical ? [each.id] : []));
    expect(critical).toEqual([ids.basicConstraints, ids.keyUsage]);
    expect(find(ids.basicConstraints)?.hex).toBe(constraints);
    expect(find(ids.keyUsage)?.hex).toBe(usage[type.startsWith("rsa") ? "rsa" : "ec"]);
    expect(find(ids.extendedKeyUsage)?.hex).toBe(purpose);
  });

  test("names its own key by its SHA-1, and its issuer's as the issuer does", () => {
    const own = createHash("sha1").update(parts.keyBits).digest("hex");
    const rootId = dissect(root.certificate).extensions.find(({ id }) => id === ids.subjectKeyIdentifier);
    expect(find(ids.subjectKeyIdentifier)?.hex).toBe(`0414${own}`);
    const issuers = signsItself ? own : rootId?.hex.slice(4);
    expect(find(ids.authorityKeyIdentifier)?.hex).toBe(`30168014${issuers}`);
  });

  test("is signed as its issuer's key signs, which is said twice alike", () => {
    expect(parts.algorithm).toBe(algorithms[signsItself ? type : "p256"].signature);
    expect(parts.outerAlgorithm).toBe(parts.algorithm);
    expect(parts.keyAlgorithm).toBe(algorithms[type].key);
    expect(parts.signature.unusedBits).toBe(0);
    // Two integers in a sequence.
    const isEcdsa = !parts.algorithm.includes(rsaArc);
    if (isEcdsa) expect(expectDer(decode(parts.signature.valueHexView))).toBe(3);
    expect(certificate.verify(signsItself ? certificate.publicKey : root.certificate.publicKey)).toBe(true);
  });

  test("has a positive serial number of sixteen bytes", () => {
    expect(parts.serial).toMatch(/^0210[4-7]/);
  });

  test("begins five minutes back, lives as long as its profile says, and inside its issuer's life", () => {
    const { validFromDate, validToDate } = certificate;
    expect(parts.notBefore).toBe(`170d${hexOf(Buffer.from("270301122956Z"))}`);
    const end = Math.min(validFromDate.getTime() + days * dayMs - 1000, root.certificate.validToDate.getTime());
    expect(validToDate).toEqual(new Date(end));
    expect(validFromDate.getTime()).toBeGreaterThanOrEqual(root.certificate.validFromDate.getTime());
  });
});

describe("the time", () => {
  test("of a root from 2045 begins in UTCTime and ends in GeneralizedTime, both in whole seconds", async () => {
    const { notBefore, notAfter } = dissect(await issue(profiles.root, { now: new Date("2045-06-01T00:00:00.999Z") }));
    expect(notBefore).toBe(`170d${hexOf(Buffer.from("450531235500Z"))}`);
    expect(notAfter).toBe(`180f${hexOf(Buffer.from("20550529235459Z"))}`);
  });

  test("of a leaf ends with its issuer where its own end would be later", async () => {
    const leaf = await issue(profiles.serverLeaf, { lifetimeDays: 4000 });
    expect(leaf.validToDate).toEqual(root.certificate.validToDate);
  });
});

describe("a serial number", () => {
  test("has 126 random bits: each of them is seen both ways", async () => {
    const serials = await Promise.all(
      Array.from({ length: 64 }, async () => dissect(await issue(profiles.root)).serial),
    );
    expect(new Set(serials).size).toBe(64);
    const values = serials.map((serial) => BigInt(`0x${serial.slice(4)}`));
    const [ones, zeros] = [values.reduce((sum, value) => sum | value), values.reduce((sum, value) => sum & value)];
    expect(ones.toString(16)).toBe("7f".padEnd(32, "f"));
    expect(zeros.toString(16)).toBe("40".padEnd(32, "0"));
  });
});

describe("an issuer whose key has another identifier than its SHA-1", () => {
  test("is named by it", async () => {
    const raw = Buffer.from(root.certificate.raw);
    const own = dissect(root.certificate).extensions.find(({ id }) => id === ids.subjectKeyIdentifier)?.hex ?? "";
    const other = "0414000102030405060708090a0b0c0d0e0f10111213";
    const changed = raw.toString("hex").replaceAll(own.slice(4), other.slice(4));
    const certificate = new X509Certificate(Buffer.from(changed, "hex"));
    const leaf = dissect(await issue(profiles.serverLeaf, { issuer: { certificate, key: root.key } }));
    const named = leaf.extensions.find(({ id }) => id === ids.authorityKeyIdentifier);
    expect(named).toEqual({ id: ids.authorityKeyIdentifier, critical: false, hex: `30168014${other.slice(4)}` });
  });
});

describe("a subject", () => {
  const country = "310b3009060355040613024445";
  const attribute = (id: string, value: string) => {
    const text = hexOf(Buffer.from(value));
    const size = (length: number) => length.toString(16).padStart(2, "0");
    const bytes = text.length / 2;
    return `31${size(bytes + 9)}30${size(bytes + 7)}0603550${id}0c${size(bytes)}${text}`;
  };

  test("has country, organization and common name in this order, in a set each, in PrintableString and UTF8String", async () => {
    const dissected = dissect(await issue(profiles.root)).subject;
    const sets = [country, attribute("40a", subject.organization), attribute("403", subject.commonName)];
    expect(itemsOf(decode(Buffer.from(dissected, "hex"))).map((set) => hexOf(bytesOf(set)))).toEqual(sets);
  });

  test.each([
    ["a country of three letters", { country: "DEU" }],
    ["an organization that is blank", { organization: " " }],
    ["a common name of 65 characters", { commonName: "x".repeat(65) }],
    ["a common name with a line break", { commonName: "a\nCN=b" }],
  ])("with %s is refused", async (_, wrong) => {
    expect((await failureOf(issue(profiles.root, { subject: wrong }))).code).toBe("SUBJECT_INVALID");
  });
});

describe("alternative names", () => {
  const namesOf = (certificate: X509Certificate) => {
    const { hex = "" } = dissect(certificate).extensions.find(({ id }) => id === ids.subjectAltName) ?? {};
    return itemsOf(decode(Buffer.from(hex, "hex"))).map((name) => hexOf(bytesOf(name)));
  };
  const dns = (name: string) => `82${name.length.toString(16).padStart(2, "0")}${hexOf(Buffer.from(name))}`;

  test("are DNS names and addresses, internationalised ones in punycode, each once", async () => {
    const hosts = ["BÜCHER.example", "xn--bcher-kva.example.", "a.example", "A.example", "::1", "[0:0::1]", "10.0.0.1"];
    const certificate = await issue(profiles.serverLeaf, { names: parseHostNames(hosts) });
    expect(namesOf(certificate)).toEqual([
      dns("xn--bcher-kva.example"),
      dns("a.example"),
      `8710${"00".repeat(15)}01`,
      "87040a000001",
    ]);
  });

  test("of a client are its subject", async () => {
    const certificate = await issue(profiles.clientLeaf, { subject: { commonName: "alice" } });
    expect(namesOf(certificate)).toEqual(["a4123010310e300c06035504030c05616c696365"]);
  });

  test.each([
    ["an underscore", "a_b.example"],
    ["an empty label", "a..example"],
    ["an empty first label", ".example"],
  ])("with %s are refused", (_, host) => {
    expect(() => parseHostNames([host])).toThrow(expect.objectContaining({ code: "HOST_NAME_INVALID" }));
  });
});
