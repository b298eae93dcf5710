import { DerReader, derTags } from "./der.ts";
import { dottedOf } from "./der-values.ts";

/** An attribute of a distinguished name (RFC 5280, section 4.1.2.4). */
export interface NameAttribute {
  /** The object identifier of its type in dotted form. */
  id: string;
  /** Undefined where its characters can't be told for certain. */
  value: string | undefined;
}

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

/** By the tag of a DirectoryString. What is left out has no one meaning, or none that anything else writes. */
const decoders: Readonly<Record<number, (bytes: Uint8Array) => string | undefined>> = {
  // UTF8String
  12: (bytes) => decodeStrictly(bytes, "utf-8"),
  // PrintableString, TeletexString, IA5String
  19: decodeAscii,
  20: decodeAscii,
  22: decodeAscii,
  // BMPString
  30: (bytes) => decodeStrictly(bytes, "utf-16be"),
};

/**
 * Reads the attributes of a name in their order, those of a set with several included. The runtime's text of a name can't
 * tell a line break in a value from the next attribute.
 *
 * @param name - A Name in DER.
 * @throws DerError when it is none.
 */
export function readName(name: Uint8Array): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  const sets = new DerReader(name).enter(derTags.sequence);
  while (!sets.done) {
    const set = sets.enter(derTags.set);
    while (!set.done) {
      const attribute = set.enter(derTags.sequence);
      const id = dottedOf(attribute.contents(derTags.objectIdentifier));
      const { tag, contents } = attribute.any();
      attributes.push({ id, value: decoders[tag]?.(contents) });
    }
  }
  return attributes;
}

/** Short names of attributes (RFC 4514, section 3). */
const labels: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
};

/** A name on one line, for a person. */
export function describeName(name: Uint8Array): string {
  const attributes = readName(name).map(({ id, value }) => `${labels[id] ?? id}=${value ?? "?"}`);
  return attributes.join(", ").replaceAll(/\p{Cc}/gu, "?") || "no name";
}
