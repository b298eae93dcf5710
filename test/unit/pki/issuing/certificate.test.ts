import { describe, expect, test } from "bun:test";
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import {
  type BaseBlock,
  BitString,
  Boolean as DerBoolean,
  fromBER,
  GeneralizedTime,
  Integer,
  ObjectIdentifier,
  OctetString,
  Sequence,
  UTCTime,
} from "asn1js";
import { CertificateError } from "../../../../src/errors.ts";
import { issueCertificate } from "../../../../src/pki/issuing/certificate.ts";
import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { dayMs, daysFromNow, makeParty, makeRoot, now } from "../authorities.ts";

function expectType<Type extends BaseBlock>(block: unknown, type: new () => Type): Type {
  expect(block).toBeInstanceOf(type);
  return block as Type;
}

function itemsOf(block: unknown): BaseBlock[] {
  return [...expectType(block, Sequence).valueBlock.value];
}

function hexOf(block: BaseBlock): string {
  return Buffer.from(block.toBER()).toString("hex");
}

interface DerExtension {
  critical: boolean;
  /** The bytes in the OCTET STRING. */
  hex: string;
}

/** Takes a certificate apart as RFC 5280, section 4.1 lays it out. */
function dissect(certificate: X509Certificate) {
  const decoded = fromBER(certificate.raw);
  expect(decoded.offset).toBe(certificate.raw.length);
  const [tbs, outerAlgorithm, signature] = itemsOf(decoded.result);
  const [version, serial, algorithm, issuer, validity, subject, publicKey, wrapper, ...rest] = itemsOf(tbs);
  expect(rest).toEqual([]);
  const [notBefore, notAfter] = itemsOf(validity);
  const [list] = (wrapper as unknown as { valueBlock: { value: BaseBlock[] } }).valueBlock.value;
  const extensions = new Map<string, DerExtension>();
  for (const extension of itemsOf(list)) {
    const [id, ...others] = itemsOf(extension);
    const value = expectType(others.at(-1), OctetString);
    const critical = others.length === 2 && expectType(others[0], DerBoolean).valueBlock.value;
    const hex = Buffer.from(value.valueBlock.valueHexView).toString("hex");
    extensions.set(expectType(id, ObjectIdentifier).valueBlock.toString(), { critical, hex });
  }
  if (!version || !serial || !algorithm || !outerAlgorithm || !issuer || !subject || !publicKey || !signature) {
    throw new Error("a part of the certificate is missing");
  }
  return {
    version,
    serial,
    algorithm,
    outerAlgorithm,
    issuer,
    subject,
    publicKey,
    notBefore,
    notAfter,
    extensions,
    signature,
  };
}

const root = await makeRoot("A root (me@here)");
const leaf = await makeParty({
  commonName: "server.example.org",
  hosts: ["server.example.org", "*.example.org", "bücher.example", "127.0.0.1", "::1"],
  issuer: root,
});

function keyIdentifierOf(certificate: X509Certificate): string {
  const bits = expectType(itemsOf(dissect(certificate).publicKey)[1], BitString);
  return createHash("sha1").update(bits.valueBlock.valueHexView).digest("hex");
}

describe.each([
  ["root", root],
  ["leaf", leaf],
])("a %s", (_, { certificate }) => {
  const parts = dissect(certificate);

  test("is of version 3, signed with ECDSA and SHA-256 without parameters", () => {
    expect(hexOf(parts.version)).toBe("a003020102");
    expect(hexOf(parts.algorithm)).toBe("300a06082a8648ce3d040302");
    expect(hexOf(parts.outerAlgorithm)).toBe(hexOf(parts.algorithm));
  });

  test("has a signature of two minimal integers", () => {
    const bits = expectType(parts.signature, BitString);
    expect(bits.valueBlock.unusedBits).toBe(0);
    const integers = itemsOf(fromBER(Uint8Array.from(bits.valueBlock.valueHexView)).result);
    expect(integers.length).toBe(2);
    for (const integer of integers) {
      const [first = 0, second = 0] = expectType(integer, Integer).valueBlock.valueHexView;
      expect(first).toBeLessThan(0x80);
      if (first === 0) expect(second).toBeGreaterThanOrEqual(0x80);
    }
  });

  test("has a positive serial number of sixteen bytes", () => {
    expect(hexOf(parts.serial)).toMatch(/^0210[4-7]/);
  });

  test("names its own key and its issuer's", () => {
    const own = keyIdentifierOf(certificate);
    const issuers = keyIdentifierOf(root.certificate);
    expect(parts.extensions.get("2.5.29.14")).toEqual({ critical: false, hex: `0414${own}` });
    expect(parts.extensions.get("2.5.29.35")).toEqual({ critical: false, hex: `30168014${issuers}` });
  });

  test("has its issuer's name byte for byte", () => {
    expect(hexOf(parts.issuer)).toBe(hexOf(dissect(root.certificate).subject));
  });

  test("is dated back by five minutes, in whole seconds of UTCTime", () => {
    expect(expectType(parts.notBefore, UTCTime).toDate().toISOString()).toBe("2027-03-01T12:29:56.000Z");
    expect(Buffer.from(expectType(parts.notBefore, UTCTime).toBER()).subarray(2).toString()).toBe("270301122956Z");
    expectType(parts.notAfter, UTCTime);
  });
});

describe("a root", () => {
  const { extensions } = dissect(root.certificate);

  test("may sign certificates and revocation lists, and nothing else", () => {
    expect(extensions.get("2.5.29.15")).toEqual({ critical: true, hex: "03020106" });
    expect(extensions.has("2.5.29.37")).toBe(false);
    expect(extensions.has("2.5.29.17")).toBe(false);
  });

  test("is a CA, critically, with its path length", async () => {
    expect(extensions.get("2.5.29.19")).toEqual({ critical: true, hex: "30060101ff020101" });
    const development = await makeParty({ commonName: "Development", profile: profiles.developmentRoot });
    expect(dissect(development.certificate).extensions.get("2.5.29.19")?.hex).toBe("30060101ff020100");
  });

  test("lives for ten years", () => {
    const { validFromDate, validToDate } = root.certificate;
    expect(validToDate.getTime() - validFromDate.getTime()).toBe(3650 * dayMs - 1000);
  });
});

describe("a leaf", () => {
  const { extensions } = dissect(leaf.certificate);

  test("is no CA, critically", () => {
    expect(extensions.get("2.5.29.19")).toEqual({ critical: true, hex: "3000" });
  });

  test("may sign handshakes as a server, which is not critical", () => {
    expect(extensions.get("2.5.29.15")).toEqual({ critical: true, hex: "03020780" });
    expect(extensions.get("2.5.29.37")).toEqual({ critical: false, hex: "300a06082b06010505070301" });
  });

  test("has its names typed as DNS names and addresses", () => {
    const { critical, hex = "" } = extensions.get("2.5.29.17") ?? {};
    expect(critical).toBe(false);
    const names = itemsOf(fromBER(Buffer.from(hex, "hex")).result).map((name) => {
      const bytes = Buffer.from(name.toBER()).subarray(2);
      return [name.idBlock.tagNumber, name.idBlock.tagNumber === 2 ? bytes.toString() : bytes.toString("hex")];
    });
    expect(names).toEqual([
      [2, "server.example.org"],
      [2, "*.example.org"],
      [2, "xn--bcher-kva.example"],
      [7, "7f000001"],
      [7, "00000000000000000000000000000001"],
    ]);
  });

  test("has its common name in UTF-8", () => {
    expect(hexOf(dissect(leaf.certificate).subject)).toContain(
      `0603550403${"0c12"}${Buffer.from("server.example.org").toString("hex")}`,
    );
  });

  test("without a common name has an empty subject and critical names", async () => {
    const anonymous = dissect((await makeParty({ hosts: ["a.example"], issuer: root })).certificate);
    expect(hexOf(anonymous.subject)).toBe("3000");
    expect(anonymous.extensions.get("2.5.29.17")?.critical).toBe(true);
  });

  test("lives for 365 days, the first and the last second included", () => {
    const { validFromDate, validToDate } = leaf.certificate;
    expect(validToDate.getTime() - validFromDate.getTime()).toBe(365 * dayMs - 1000);
  });

  test("ends no later than its issuer and begins no earlier", async () => {
    const at = daysFromNow(3600);
    const late = await makeParty({ hosts: ["a.example"], issuer: root, at });
    expect(late.certificate.validToDate).toEqual(root.certificate.validToDate);
    const young = await makeParty({ hosts: ["a.example"], issuer: root, at: root.certificate.validFromDate });
    expect(young.certificate.validFromDate).toEqual(root.certificate.validFromDate);
  });

  test("is verified by its issuer's key", () => {
    expect(leaf.certificate.verify(createPublicKey(root.key))).toBe(true);
    expect(leaf.certificate.checkIssued(root.certificate)).toBe(true);
  });
});

describe("the time", () => {
  const before2050 = new Date("2049-12-31T23:59:59Z");

  test("is UTCTime to the last second of 2049 and GeneralizedTime from 2050", async () => {
    const at = new Date(before2050.getTime() + 5 * 60_000);
    const { notBefore, notAfter } = dissect((await makeRoot("At the turn", at)).certificate);
    expect(hexOf(expectType(notBefore, UTCTime))).toBe(`170d${Buffer.from("491231235959Z").toString("hex")}`);
    expect(hexOf(expectType(notAfter, GeneralizedTime))).toBe(`180f${Buffer.from("20591229235958Z").toString("hex")}`);
    const next = dissect((await makeRoot("After it", new Date(at.getTime() + 1000))).certificate);
    expect(hexOf(expectType(next.notBefore, GeneralizedTime))).toBe(
      `180f${Buffer.from("20500101000000Z").toString("hex")}`,
    );
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
