import { domainToUnicode } from "node:url";
import { addressText, networkText } from "../host-names.ts";
import { type Asn1Node, contextTag, hex, objectIdOf, tags } from "./asn1-tree.ts";

/** One attribute of a distinguished name. */
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

/** What a certificate is for, or a CA may issue for: a GeneralName (RFC 5280, section 4.2.1.6). */
export interface AlternativeName {
  /** `damaged` is one that can't be decoded, and `other` one that has no text. */
  kind: "dns" | "ip" | "uri" | "email" | "directory" | "registered" | "other" | "damaged";
  /** Its text. Of a constraint on addresses `ADDRESS/BITS`; where there is no text, hexadecimal. */
  value: string;
  /** The Unicode form of an internationalised DNS name (RFC 5890). */
  unicode?: string;
}

/** Short names of attributes (RFC 4514, section 3; OpenSSL for the rest). */
const attributeTypes: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.15": "businessCategory",
  "2.5.4.17": "postalCode",
  "2.5.4.42": "GN",
  "2.5.4.97": "organizationIdentifier",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

const universalString = 0x1c;
const bmpString = 0x1e;
/** NumericString, PrintableString, TeletexString, IA5String, VisibleString, which are all read as Latin-1. */
const byteStrings = [0x12, 0x13, 0x14, 0x16, 0x1a];
const utf8String = 0x0c;

function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function wideText(content: Uint8Array, width: 2 | 4): string | undefined {
  if (content.length % width !== 0) return undefined;
  const bytes = Buffer.from(content);
  const units = Array.from({ length: bytes.length / width }, (_, index) => bytes.readUIntBE(index * width, width));
  if (width === 2) return units.map((unit) => String.fromCharCode(unit)).join("");
  return units.some((unit) => unit > 0x10ffff) ? undefined : units.map((unit) => String.fromCodePoint(unit)).join("");
}

function textOf({ tag, content }: Asn1Node): string | undefined {
  if (tag === utf8String) return utf8(content);
  if (byteStrings.includes(tag)) return Buffer.from(content).toString("latin1");
  if (tag === bmpString) return wideText(content, 2);
  if (tag === universalString) return wideText(content, 4);
  return undefined;
}

/** Puts a backslash before what would part a name (RFC 4514, section 2.4). */
function escaped(value: string): string {
  return value.replace(/["+,;<>\\]|^[ #]| $/g, "\\$&");
}

function describeAttribute(node: Asn1Node): NameAttribute {
  const [type, value] = node.children;
  const id = objectIdOf(type);
  const text = value && textOf(value);
  return {
    type: id === undefined ? "?" : (attributeTypes[id] ?? id),
    value: text ?? `#${hex((value ?? node).bytes)}`,
  };
}

/** Describes a Name (RFC 5280, section 4.1.2.4); one with several attributes in a set joins them by `+`. */
export function describeName(name: Asn1Node): DescribedName {
  const sets = name.children.map((set) => set.children.map(describeAttribute));
  const line = sets.map((set) => set.map(({ type, value }) => `${type}=${escaped(value)}`).join(" + ")).join(", ");
  return { attributes: sets.flat(), text: line };
}

function describeDns(content: Uint8Array): AlternativeName {
  const value = utf8(content);
  const unicode = /(^|\.)xn--/i.test(value) ? domainToUnicode(value) : "";
  return { kind: "dns", value, ...(unicode === "" || unicode === value ? {} : { unicode }) };
}

function describeDirectory(node: Asn1Node): AlternativeName {
  const [name] = node.children;
  if (name?.tag !== tags.sequence) return damaged(node, "directory name");
  return { kind: "directory", value: describeName(name).text };
}

function damaged({ content }: Asn1Node, what: string): AlternativeName {
  return { kind: "damaged", value: `${what} of ${content.length} bytes: ${hex(content.subarray(0, 64))}` };
}

/**
 * Describes a GeneralName.
 *
 * @param form - Whether an address stands with a mask, as in a constraint.
 */
export function describeGeneralName(node: Asn1Node, form: "name" | "constraint"): AlternativeName {
  const { tag, content } = node;
  if (tag === contextTag(1, "primitive")) return { kind: "email", value: utf8(content) };
  if (tag === contextTag(2, "primitive")) return describeDns(content);
  if (tag === contextTag(4, "constructed")) return describeDirectory(node);
  if (tag === contextTag(6, "primitive")) return { kind: "uri", value: utf8(content) };
  if (tag === contextTag(7, "primitive")) {
    const text = form === "name" ? addressText(content) : networkText(content);
    return text === undefined ? damaged(node, "IP address") : { kind: "ip", value: text };
  }
  if (tag === contextTag(8, "primitive")) {
    const id = objectIdOf({ ...node, tag: tags.objectId });
    return id === undefined ? damaged(node, "registered ID") : { kind: "registered", value: id };
  }
  if (tag === contextTag(0, "constructed")) {
    const id = objectIdOf(node.children[0]);
    return id === undefined ? damaged(node, "other name") : { kind: "other", value: `${id} ${hex(content)}` };
  }
  return damaged(node, "name of an unknown kind");
}
