import { DerError, type DerReader, derTags } from "./der.ts";

/** An INTEGER's contents in hexadecimal, without the zeros that some encoders put before it. */
export function hexOfInteger(contents: Uint8Array): string {
  const hex = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength).toString("hex");
  return hex.startsWith("00") ? hex.replace(/^(?:00)+(?=.)/, "") : hex;
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const generalizedTime = /^(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/;

/**
 * Reads a UTCTime or GeneralizedTime as certificates write it: to the second, in UTC (RFC 5280, section 4.1.2.5).
 *
 * @returns Milliseconds since 1970.
 * @throws DerError when it is none.
 */
export function readTime(reader: DerReader): number {
  const short = reader.nextIs(derTags.utcTime);
  const text = latin1Of(reader.contents(short ? derTags.utcTime : derTags.generalizedTime));
  const century = short ? (text < "50" ? "20" : "19") : "";
  const [, year, month, day, hour, minute, second] = generalizedTime.exec(century + text) ?? [];
  if (year === undefined) throw new DerError(`${JSON.stringify(text)} is no time`);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

/** An extension (RFC 5280, section 4.2). */
export interface DerExtension {
  /** Its object identifier in dotted form. */
  id: string;
  critical: boolean;
  value: Uint8Array;
}

/** Reads the extensions of a SEQUENCE OF Extension; throws DerError when one is broken. */
export function readExtensions(sequence: DerReader): DerExtension[] {
  const extensions: DerExtension[] = [];
  while (!sequence.done) {
    const extension = sequence.enter(derTags.sequence);
    const id = dottedOf(extension.contents(derTags.objectIdentifier));
    const critical = extension.nextIs(derTags.boolean) && extension.contents(derTags.boolean)[0] !== 0;
    const value = extension.contents(derTags.octetString);
    extension.finish();
    extensions.push({ id, critical, value });
  }
  return extensions;
}

/** The dotted form of an OBJECT IDENTIFIER's contents (X.690, section 8.19). */
export function dottedOf(contents: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of contents) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [joined = 0, ...others] = arcs;
  const first = Math.min(2, Math.floor(joined / 40));
  return [first, joined - first * 40, ...others].join(".");
}
