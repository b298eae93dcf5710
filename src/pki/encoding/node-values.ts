import { attempt, type DerElement, derTags } from "./der.ts";
import { dottedOf, hexOf, timeOf } from "./der-values.ts";

/** The dotted form of an OBJECT IDENTIFIER; undefined for anything else. */
export function objectIdIn(element: DerElement | undefined): string | undefined {
  return element?.tag === derTags.objectIdentifier ? attempt(() => dottedOf(element.contents)) : undefined;
}

/** The time of a UTCTime or GeneralizedTime; undefined for anything else. */
export function timeIn(element: DerElement | undefined): Date | undefined {
  if (element?.tag !== derTags.utcTime && element?.tag !== derTags.generalizedTime) return undefined;
  const time = attempt(() => timeOf(element));
  return time === undefined ? undefined : new Date(time);
}

/** A non-negative INTEGER that fits a number (X.690, section 8.3); undefined for anything else. */
export function smallIntegerIn(element: DerElement | undefined): number | undefined {
  if (element?.tag !== derTags.integer) return undefined;
  const { contents } = element;
  if (contents.length === 0 || contents.length > 6 || (contents[0] ?? 0) >= 0x80) return undefined;
  return Number.parseInt(hexOf(contents), 16);
}

/** The octets of a BIT STRING whose last octet is whole; undefined for anything else. */
export function bitStringIn(element: DerElement | undefined): Uint8Array | undefined {
  return element?.tag === derTags.bitString && element.contents.length > 0 ? element.contents.subarray(1) : undefined;
}

/** Whether it is a BOOLEAN that says so. */
export function isTrue(element: DerElement | undefined): boolean {
  return element?.tag === derTags.boolean && (element.contents[0] ?? 0) !== 0;
}
