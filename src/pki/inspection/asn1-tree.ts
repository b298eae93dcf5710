import { type BaseBlock, Constructed, fromBER } from "asn1js";

/** An element of an ASN.1 encoding (X.690, section 8.1). */
export interface Asn1Node {
  /** Its identifier octet, such as 0x30 of a SEQUENCE; of a tag number from 31 on the first of several. */
  tag: number;
  /** The octets between its length and its end. */
  content: Uint8Array;
  /** All of it. */
  bytes: Uint8Array;
  /** The elements in it; none of a primitive one. */
  children: readonly Asn1Node[];
}

/** Identifier octets. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of a context-specific element. */
export function contextTag(number: number, form: "primitive" | "constructed"): number {
  return (form === "primitive" ? 0x80 : 0xa0) + number;
}

/** The most elements that are decoded, so that a hostile file takes no more than a second or two. */
const mostNodes = 200_000;

function toNode(block: BaseBlock): Asn1Node {
  const bytes = block.valueBeforeDecodeView;
  return {
    tag: bytes[0] ?? 0,
    content: bytes.subarray(block.idBlock.blockLength + block.lenBlock.blockLength),
    bytes,
    children: block instanceof Constructed ? block.valueBlock.value.map(toNode) : [],
  };
}

/**
 * Decodes the first element of an encoding, and what is in it; strings of octets and bits are left as they are.
 *
 * @returns Undefined when it can't be decoded.
 */
export function decodeTree(bytes: Uint8Array): Asn1Node | undefined {
  try {
    const { offset, result } = fromBER(Uint8Array.from(bytes), { maxNodes: mostNodes, parseEmbedded: false });
    return offset < 0 ? undefined : toNode(result);
  } catch {
    return undefined;
  }
}

/**
 * Decodes an encoding that holds one element and nothing else.
 *
 * @returns Undefined when it does not, or has another tag.
 */
export function decodeWhole(bytes: Uint8Array, tag: number): Asn1Node | undefined {
  const node = decodeTree(bytes);
  return node?.tag === tag && node.bytes.length === bytes.length ? node : undefined;
}

/** The first of several elements that has a tag. */
export function childOf(node: Asn1Node, tag: number): Asn1Node | undefined {
  return node.children.find((child) => child.tag === tag);
}

/** Upper-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}

/** The longest OBJECT IDENTIFIER that is taken apart, in bytes: known ones have 20 at most. */
const longestObjectId = 128;

/** The dotted form of an OBJECT IDENTIFIER (X.690, section 8.19); undefined for anything else. */
export function objectIdOf(node: Asn1Node | undefined): string | undefined {
  if (node?.tag !== tags.objectId) return undefined;
  const { content } = node;
  if (content.length === 0 || content.length > longestObjectId || (content.at(-1) ?? 0) >= 0x80) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [joined = 0n, ...others] = arcs;
  const first = joined < 80n ? joined / 40n : 2n;
  return [first, joined - first * 40n, ...others].join(".");
}

/** A non-negative INTEGER that fits a number (X.690, section 8.3); undefined for anything else. */
export function smallIntegerOf(node: Asn1Node | undefined): number | undefined {
  if (node?.tag !== tags.integer || node.content.length === 0 || node.content.length > 6) return undefined;
  return (node.content[0] ?? 0) < 0x80 ? Number.parseInt(hex(node.content), 16) : undefined;
}

/** The octets of a BIT STRING whose last octet is whole; undefined for anything else. */
export function bitStringOf(node: Asn1Node | undefined): Uint8Array | undefined {
  return node?.tag === tags.bitString && node.content.length > 0 ? node.content.subarray(1) : undefined;
}

const timeForm = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?Z$/;

/** The time of a UTCTime or GeneralizedTime (RFC 5280, section 4.1.2.5); undefined for anything else. */
export function timeOf(node: Asn1Node | undefined): Date | undefined {
  if (node?.tag !== tags.utcTime && node?.tag !== tags.generalizedTime) return undefined;
  const text = Buffer.from(node.content).toString("latin1");
  const century = node.tag === tags.generalizedTime ? "" : text < "50" ? "20" : "19";
  const [, ...fields] = timeForm.exec(century + text) ?? [];
  if (fields.length === 0) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map((field) => Number(field ?? 0));
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return time.getUTCMonth() === month - 1 && time.getUTCDate() === day ? time : undefined;
}
