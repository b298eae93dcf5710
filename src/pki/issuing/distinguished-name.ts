import { Set as Asn1Set, PrintableString, Sequence, Utf8String } from "asn1js";
import { AttributeTypeAndValue, RelativeDistinguishedNames } from "pkijs";
import { CertificateError } from "../../errors.ts";
import { attributeIds } from "../encoding/object-ids.ts";

/** A subject's attributes, each absent where undefined. */
export interface DistinguishedName {
  /** At most 64 characters (RFC 5280, appendix A.1: ub-common-name). */
  commonName?: string | undefined;
  /** At most 64 characters (ub-organization-name). */
  organization?: string | undefined;
  /** Two letters (ISO 3166-1 alpha-2; ub-country-name-alpha-length). */
  country?: string | undefined;
}

const longestAttribute = 64;

function invalid(what: string, value: string, found: string): CertificateError {
  return new CertificateError("SUBJECT_INVALID", `${JSON.stringify(value)} can't be ${what}: ${found}`, {
    hint: `Use 1 to ${longestAttribute} printable characters.`,
  });
}

function text(what: string, value: string): Utf8String {
  if ([...value].length > longestAttribute) {
    throw invalid(what, value, `it has ${[...value].length} characters, and ${longestAttribute} are allowed`);
  }
  if (value.trim() === "" || value.trim() !== value) throw invalid(what, value, "it is empty or begins or ends blank");
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value)) throw invalid(what, value, "it has control characters");
  return new Utf8String({ value });
}

function countryCode(value: string): PrintableString {
  if (!/^[A-Za-z]{2}$/.test(value)) {
    throw new CertificateError("SUBJECT_INVALID", `${JSON.stringify(value)} is no country code`, {
      hint: "Use the two letters of ISO 3166-1, such as DE or US.",
    });
  }
  return new PrintableString({ value: value.toUpperCase() });
}

/**
 * A name, the widest attribute first, each in a set of its own. PKIjs would put an empty set into the empty name, and all
 * attributes of a longer one into a single set.
 *
 * @throws CertificateError SUBJECT_INVALID for an attribute that can't be one.
 */
export function encodeName({ commonName, organization, country }: DistinguishedName): RelativeDistinguishedNames {
  const attributes = [
    ...(country === undefined ? [] : [{ type: attributeIds.C, value: countryCode(country) }]),
    ...(organization === undefined
      ? []
      : [{ type: attributeIds.O, value: text("an organization's name", organization) }]),
    ...(commonName === undefined ? [] : [{ type: attributeIds.CN, value: text("a common name", commonName) }]),
  ].map((attribute) => new AttributeTypeAndValue(attribute));
  const sequence = new Sequence({
    value: attributes.map((attribute) => new Asn1Set({ value: [attribute.toSchema()] })),
  });
  return new RelativeDistinguishedNames({ typesAndValues: attributes, valueBeforeDecode: sequence.toBER() });
}
