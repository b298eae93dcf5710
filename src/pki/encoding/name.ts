import { type DerElement, DerReader, derTags } from "./der.ts";
import type { DerNode } from "./der-tree.ts";
import { dottedOf, hexOf } from "./der-values.ts";
import { objectIdIn } from "./node-values.ts";
import { attributeIds, namesById } from "./object-ids.ts";

/** One attribute of a distinguished name (RFC 5280, section 4.1.2.4). */
export interface NameAttribute {
  /** Its short name, such as `CN`, or its object identifier in dotted form. */
  type: string;
  /** Its text; `#` and hexadecimal where it is none (RFC 4514, section 2.4). */
  value: string;
}

/** A distinguished name as a certificate holds it. */
export interface DescribedName {
  /** In the certificate's order. */
  attributes: readonly NameAttribute[];
  /** All on one line, such as `C=DE, O=Example, CN=server`; empty for the empty name. */
  text: string;
}

const stringTags = { utf8: 0x0c, numeric: 0x12, printable: 0x13, teletex: 0x14, ia5: 0x16, visible: 0x1a } as const;
const wideStringTags = { universal: 0x1c, bmp: 0x1e } as const;

/** A text in US-ASCII; undefined where a byte is none of it. */
export function decodeAscii(bytes: Uint8Array): string | undefined {
  return bytes.every((byte) => byte < 0x80) ? Buffer.from(bytes).toString("latin1") : undefined;
}

function decodeStrictly(bytes: Uint8Array, encoding: "utf-8" | "utf-16be"): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The text of a DirectoryString. What is left out has no one meaning, or none that anything else writes. */
function exactTextOf({ tag, contents }: DerElement): string | undefined {
  if (tag === stringTags.utf8) return decodeStrictly(contents, "utf-8");
  if (tag === wideStringTags.bmp) return decodeStrictly(contents, "utf-16be");
  const isAscii = tag === stringTags.printable || tag === stringTags.teletex || tag === stringTags.ia5;
  return isAscii ? decodeAscii(contents) : undefined;
}

/**
 * The values of one type of attribute in a name, in their order, those in a set with others included. The runtime's text
 * of a name can't tell a line break in a value from the next attribute.
 *
 * @param name - A Name in DER.
 * @returns Each undefined where its characters can't be told for certain.
 * @throws DerError when it is none.
 */
export function exactTextsIn(name: Uint8Array, type: keyof typeof attributeIds): (string | undefined)[] {
  const texts: (string | undefined)[] = [];
  const sets = new DerReader(name).enter(derTags.sequence);
  while (!sets.done) {
    const set = sets.enter(derTags.set);
    while (!set.done) {
      const attribute = set.enter(derTags.sequence);
      const id = dottedOf(attribute.contents(derTags.objectIdentifier));
      const value = attribute.any();
      if (id === attributeIds[type]) texts.push(exactTextOf(value));
    }
  }
  return texts;
}

const labels = namesById(attributeIds);

/** UTF-8, with a replacement character for what is none of it. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function decodeWide(contents: Uint8Array, width: 2 | 4): string | undefined {
  if (contents.length % width !== 0) return undefined;
  const bytes = Buffer.from(contents);
  const units = Array.from({ length: bytes.length / width }, (_, index) => bytes.readUIntBE(index * width, width));
  if (width === 2) return units.map((unit) => String.fromCharCode(unit)).join("");
  return units.some((unit) => unit > 0x10ffff) ? undefined : units.map((unit) => String.fromCodePoint(unit)).join("");
}

/** The text of a string for a person, as near as it can be told. */
function shownTextOf({ tag, contents }: DerElement): string | undefined {
  if (tag === stringTags.utf8) return decodeUtf8(contents);
  if (tag === wideStringTags.bmp) return decodeWide(contents, 2);
  if (tag === wideStringTags.universal) return decodeWide(contents, 4);
  const isBytes = Object.values<number>(stringTags).includes(tag);
  return isBytes ? Buffer.from(contents).toString("latin1") : undefined;
}

/** Puts a backslash before what would part a name (RFC 4514, section 2.4). */
function escaped(value: string): string {
  return value.replace(/["+,;<>\\]|^[ #]| $/g, "\\$&");
}

function describeAttribute(node: DerNode): NameAttribute {
  const [type, value] = node.children;
  const id = objectIdIn(type);
  return {
    type: id === undefined ? "?" : (labels[id] ?? id),
    value: (value && shownTextOf(value)) ?? `#${hexOf((value ?? node).bytes)}`,
  };
}

/** Describes a Name; one with several attributes in a set joins them by `+`. */
export function describeName(name: DerNode): DescribedName {
  const sets = name.children.map((set) => set.children.map(describeAttribute));
  const line = sets.map((set) => set.map(({ type, value }) => `${type}=${escaped(value)}`).join(" + ")).join(", ");
  return { attributes: sets.flat(), text: line };
}
