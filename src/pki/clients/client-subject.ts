import type { X509Certificate } from "node:crypto";
import { UnauthenticatedError } from "../../errors.ts";
import { DerError } from "../encoding/der.ts";
import { decodeAscii, exactTextsIn } from "../encoding/name.ts";
import { alternativeNamesOf, fieldsOf, generalNameTags } from "../files/certificate-fields.ts";

/** The kinds of alternative names that can stand for a client; the first one counts. */
const kinds = [
  { tag: generalNameTags.email, name: "email address" },
  { tag: generalNameTags.uri, name: "URI" },
  { tag: generalNameTags.dns, name: "DNS name" },
] as const;

/** What a token's subject may be. */
const printable = /^[\p{L}\p{N}\p{P}\p{S} ]{1,256}$/u;

const known = new WeakMap<X509Certificate, string>();

/**
 * The name by which a client with a certificate is known: the subject's common name or, where there is none, the one
 * email address, URI or DNS name among the alternative names, in this order. Remembered for each certificate.
 *
 * @param certificate - One that was verified.
 * @returns 1 to 256 printable characters, as a token's subject has.
 * @throws UnauthenticatedError when the certificate has no such name, or several; the message says what was found.
 */
export function subjectOfClient(certificate: X509Certificate): string {
  let subject = known.get(certificate);
  if (subject === undefined) {
    subject = readStrictly(certificate);
    known.set(certificate, subject);
  }
  return subject;
}

function readStrictly(certificate: X509Certificate): string {
  try {
    return readSubject(certificate);
  } catch (cause) {
    if (cause instanceof DerError) throw nameless(`has a name that is damaged (${cause.message})`);
    throw cause;
  }
}

function readSubject(certificate: X509Certificate): string {
  const commonNames = exactTextsIn(fieldsOf(certificate).subject, "CN");
  if (commonNames.length > 0) return single(commonNames, "common name");
  const names = alternativeNamesOf(certificate);
  for (const { tag, name } of kinds) {
    const values = names.filter((each) => each.tag === tag).map(({ contents }) => decodeAscii(contents));
    if (values.length > 0) return single(values, name);
  }
  throw nameless("has neither a common name nor an email address, URI or DNS name");
}

function single(names: readonly (string | undefined)[], kind: string): string {
  if (names.length > 1) throw nameless(`has ${names.length} values of the kind ${kind}, not one`);
  const [value] = names;
  if (value === undefined) throw nameless(`has a ${kind} whose characters are in an unknown encoding`);
  if (!printable.test(value) || value.trim() !== value) {
    throw nameless(
      `has the ${kind} ${JSON.stringify(value.slice(0, 300))}, which is not 1 to 256 printable characters`,
    );
  }
  return value;
}

function nameless(found: string): UnauthenticatedError {
  return new UnauthenticatedError(`the client certificate ${found}`, {
    hint: "Issue the client a certificate whose subject has one common name, such as a user or host name.",
  });
}
