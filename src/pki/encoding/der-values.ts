import { type DerElement, DerError, type DerReader, derTags } from "./der.ts";

/** An INTEGER's contents in hexadecimal, without the zeros that some encoders put before it. */
export function hexOfInteger(contents: Uint8Array): string {
  const hex = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength).toString("hex");
  return hex.startsWith("00") ? hex.replace(/^(?:00)+(?=.)/, "") : hex;
}

/** Upper-case hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex").toUpperCase();
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const generalizedTime = /^(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/;

/**
 * The time in a UTCTime or GeneralizedTime as certificates write it: to the second, in UTC (RFC 5280, section 4.1.2.5).
 *
 * @returns Milliseconds since 1970.
 * @throws DerError when it is none.
 */
export function timeOf({ tag, contents }: Pick<DerElement, "tag" | "contents">): number {
  const text = latin1Of(contents);
  const century = tag === derTags.utcTime ? (text < "50" ? "20" : "19") : "";
  const [, year, month, day, hour, minute, second] = generalizedTime.exec(century + text) ?? [];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // The day after the last one of a month would be the first one of the next.
  if (Number.isNaN(time) || (Number(day) > 28 && new Date(time).getUTCDate() !== Number(day))) {
    throw new DerError(`${JSON.stringify(text)} is no time`);
  }
  return time;
}

/** Whether a UTCTime or GeneralizedTime is next. */
export function timeIsNext(reader: DerReader): boolean {
  return reader.nextIs(derTags.utcTime) || reader.nextIs(derTags.generalizedTime);
}

/** Reads a time: see {@link timeOf}. */
export function readTime(reader: DerReader): number {
  const tag = reader.nextIs(derTags.utcTime) ? derTags.utcTime : derTags.generalizedTime;
  return timeOf({ tag, contents: reader.contents(tag) });
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

/** The longest OBJECT IDENTIFIER that is taken apart, in bytes: known ones have 20 at most. */
const longestObjectId = 128;

/** An arc with seven bits more: a bigint from where a number would not hold them all, as in the arcs made from a UUID. */
function extended(arc: number | bigint, bits: number): number | bigint {
  return typeof arc === "number" && arc < 2 ** 45 ? arc * 128 + bits : (BigInt(arc) << 7n) | BigInt(bits);
}

/**
 * The dotted form of an OBJECT IDENTIFIER's contents (X.690, section 8.19).
 *
 * @throws DerError when it is cut off, longer than any that is in use, or not as short as can be.
 */
export function dottedOf(contents: Uint8Array): string {
  const { length } = contents;
  if (length === 0 || length > longestObjectId || (contents[length - 1] ?? 0) >= 0x80) {
    throw new DerError(`an object identifier of ${length} bytes is cut off, or longer than any that is in use`);
  }
  const arcs: (number | bigint)[] = [];
  let arc: number | bigint = 0;
  let begins = true;
  for (const byte of contents) {
    if (begins && byte === 0x80) throw new DerError("an arc of an object identifier begins with a zero");
    arc = extended(arc, byte & 0x7f);
    begins = byte < 0x80;
    if (!begins) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [joined = 0, ...others] = arcs;
  if (typeof joined === "bigint") return [2, joined - 80n, ...others].join(".");
  const first = Math.min(2, Math.floor(joined / 40));
  return [first, joined - first * 40, ...others].join(".");
}
