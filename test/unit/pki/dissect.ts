import { expect } from "bun:test";
import type { X509Certificate } from "node:crypto";
import {
  type BaseBlock,
  BitString,
  Constructed,
  Boolean as DerBoolean,
  fromBER,
  Integer,
  ObjectIdentifier,
  OctetString,
  Sequence,
} from "asn1js";

/** An extension as it lies in a certificate. */
export interface DissectedExtension {
  id: string;
  /** Whether a BOOLEAN says so; one that says the opposite is none of DER. */
  critical: boolean;
  /** The bytes in the OCTET STRING. */
  hex: string;
}

/** Bytes as hexadecimal digits. */
export function hexOf(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString("hex");
}

/** The bytes of a block as they were read. */
export function bytesOf(block: BaseBlock): Uint8Array {
  return block.valueBeforeDecodeView;
}

/** Reads one value and makes sure that nothing follows it. */
export function decode(bytes: Uint8Array): BaseBlock {
  const { offset, result } = fromBER(Uint8Array.from(bytes));
  expect(offset).toBe(bytes.length);
  return result;
}

function expectType<Type extends BaseBlock>(block: unknown, type: new () => Type): Type {
  expect(block).toBeInstanceOf(type);
  return block as Type;
}

/** What a SEQUENCE, SET or explicit tag holds. */
export function itemsOf(block: BaseBlock | undefined): BaseBlock[] {
  return [...expectType(block, Constructed).valueBlock.value];
}

function extensionOf(block: BaseBlock): DissectedExtension {
  const [id, ...others] = itemsOf(expectType(block, Sequence));
  const value = expectType(others.at(-1), OctetString);
  if (others.length === 2) expect(hexOf(bytesOf(expectType(others[0], DerBoolean)))).toBe("0101ff");
  expect(others.length).toBeLessThanOrEqual(2);
  return {
    id: expectType(id, ObjectIdentifier).valueBlock.toString(),
    critical: others.length === 2,
    hex: hexOf(value.valueBlock.valueHexView),
  };
}

/** Takes a certificate apart as RFC 5280, section 4.1 lays it out; each part in its bytes as hexadecimal digits. */
export function dissect({ raw }: X509Certificate) {
  const [tbs, outerAlgorithm, signature, ...rest] = itemsOf(decode(raw));
  const [version, serial, algorithm, issuer, validity, subject, publicKey, wrapper, ...others] = itemsOf(tbs);
  expect([...rest, ...others]).toEqual([]);
  const [notBefore, notAfter, ...times] = itemsOf(validity);
  const [list, ...lists] = itemsOf(wrapper);
  expect([...times, ...lists]).toEqual([]);
  const hex = (block: BaseBlock | undefined) => hexOf(block ? bytesOf(block) : new Uint8Array());
  const [keyAlgorithm, keyBits] = itemsOf(publicKey);
  return {
    version: hex(version),
    serial: hex(serial),
    algorithm: hex(algorithm),
    outerAlgorithm: hex(outerAlgorithm),
    issuer: hex(issuer),
    subject: hex(subject),
    keyAlgorithm: hex(keyAlgorithm),
    /** The BIT STRING's content, which the subject key identifier is made from. */
    keyBits: expectType(keyBits, BitString).valueBlock.valueHexView,
    notBefore: hex(notBefore),
    notAfter: hex(notAfter),
    wrapperTag: wrapper?.idBlock.tagNumber,
    extensions: itemsOf(list).map(extensionOf),
    signature: expectType(signature, BitString).valueBlock,
  };
}

/** The bytes that a tag and a length take in DER, for a tag below 31 (X.690, section 10.1). */
function headerLength(contentLength: number): number {
  if (contentLength < 0x80) return 2;
  return 2 + Math.ceil(contentLength.toString(16).length / 2);
}

/**
 * Makes sure that every value in a block is encoded as DER wants it: definite and shortest lengths, shortest integers,
 * BOOLEANs of one kind, no bits set behind the last of a BIT STRING (X.690, sections 8.3.2, 10 and 11).
 *
 * @returns How many values it has looked at.
 */
export function expectDer(block: BaseBlock): number {
  const { valueBlock } = block;
  const total = bytesOf(block).length;
  expect(block.lenBlock.isIndefiniteForm).toBe(false);
  expect(total).toBe(headerLength(block.lenBlock.length) + block.lenBlock.length);
  if (block instanceof Integer) {
    const [first = 0, second = 0x80] = block.valueBlock.valueHexView;
    expect((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)).toBe(false);
  }
  if (block instanceof DerBoolean) expect(hexOf(bytesOf(block))).toBe("0101ff");
  if (block instanceof BitString) {
    const last = block.valueBlock.valueHexView.at(-1) ?? 0;
    expect(last & ((1 << block.valueBlock.unusedBits) - 1)).toBe(0);
    expect(block.idBlock.isConstructed).toBe(false);
  }
  if (block instanceof OctetString) expect(block.idBlock.isConstructed).toBe(false);
  const children = block instanceof Constructed && "value" in valueBlock ? itemsOf(block) : [];
  return children.reduce((sum, child) => sum + expectDer(child), 1);
}

/** Makes sure that a whole certificate is DER, what its extensions hold included. */
export function expectCertificateDer(certificate: X509Certificate): void {
  expect(expectDer(decode(certificate.raw))).toBeGreaterThan(40);
  for (const { hex } of dissect(certificate).extensions) expectDer(decode(Buffer.from(hex, "hex")));
}
