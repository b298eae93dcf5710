import type { X509Certificate } from "node:crypto";
import { UnauthenticatedError } from "../../errors.ts";
import { DerError, DerReader, derTags } from "../encoding/der.ts";
import { decodeAscii, readName } from "../encoding/name.ts";
import { fieldsOf } from "../files/certificate-fields.ts";

const commonNameId = "2.5.4.3";
const alternativeNameId = "2.5.29.17";

/** The kinds of alternative names that can stand for a client, by their tag (RFC 5280, section 4.2.1.6); the first one counts. */
const kinds = [
  { tag: 0x81, name: "email address" },
  { tag: 0x86, name: "URI" },
  { tag: 0x82, name: "DNS name" },
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
  const { subject, extensions } = fieldsOf(certificate);
  const commonNames = readName(subject).filter(({ id }) => id === commonNameId);
  if (commonNames.length > 0) return single(commonNames, "common name");
  const extension = extensions.find(({ id }) => id === alternativeNameId);
  const names = extension ? readAlternativeNames(extension.value) : [];
  for (const { tag, name } of kinds) {
    const ofKind = names.filter((each) => each.tag === tag);
    if (ofKind.length > 0) return single(ofKind, name);
  }
  throw nameless("has neither a common name nor an email address, URI or DNS name");
}

function readAlternativeNames(extension: Uint8Array): { tag: number; value: string | undefined }[] {
  const names: { tag: number; value: string | undefined }[] = [];
  const sequence = new DerReader(extension).enter(derTags.sequence);
  while (!sequence.done) {
    const { tag, contents } = sequence.any();
    names.push({ tag, value: decodeAscii(contents) });
  }
  return names;
}

function single(names: readonly { value: string | undefined }[], kind: string): string {
  if (names.length > 1) throw nameless(`has ${names.length} values of the kind ${kind}, not one`);
  const value = names[0]?.value;
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
