import type { X509Certificate } from "node:crypto";
import { type DerElement, DerError, DerReader, derTags } from "../encoding/der.ts";
import { type DerExtension, hexOfInteger, readExtensions } from "../encoding/der-values.ts";
import { extensionIds } from "../encoding/object-ids.ts";

/** Fields of a certificate as they are encoded (RFC 5280, section 4.1). */
export interface CertificateFields {
  /** Hexadecimal. */
  serialNumber: string;
  /** A Name in DER. */
  subject: Buffer;
  /** A SubjectPublicKeyInfo in DER. */
  publicKey: Buffer;
  extensions: readonly DerExtension[];
}

const known = new WeakMap<X509Certificate, CertificateFields>();

/**
 * The fields of a certificate. They are remembered, as they are asked for at every call.
 *
 * @throws DerError when the certificate is encoded in another way than in DER.
 */
export function fieldsOf(certificate: X509Certificate): CertificateFields {
  let fields = known.get(certificate);
  if (!fields) {
    fields = readFields(certificate.raw);
    known.set(certificate, fields);
  }
  return fields;
}

function readFields(certificate: Uint8Array): CertificateFields {
  const signed = new DerReader(certificate).enter(derTags.sequence).enter(derTags.sequence);
  if (signed.nextIs(derTags.constructed0)) signed.contents(derTags.constructed0);
  const serialNumber = hexOfInteger(signed.contents(derTags.integer));
  for (const _passed of ["signature", "issuer", "validity"]) signed.contents(derTags.sequence);
  const subject = Buffer.from(signed.element(derTags.sequence));
  const publicKey = Buffer.from(signed.element(derTags.sequence));
  while (!signed.done && !signed.nextIs(derTags.constructed3)) signed.any();
  const extensions = signed.done ? [] : readExtensions(signed.enter(derTags.constructed3).enter(derTags.sequence));
  return { serialNumber, subject, publicKey, extensions };
}

/** The value of an extension, ready to be read; undefined where it is not there. Throws as {@link fieldsOf} does. */
export function extensionOf(certificate: X509Certificate, name: keyof typeof extensionIds): DerReader | undefined {
  const extension = fieldsOf(certificate).extensions.find(({ id }) => id === extensionIds[name]);
  return extension && new DerReader(extension.value);
}

/** The tags of a GeneralName (RFC 5280, section 4.2.1.6), but for those of X.400 and EDI. */
export const generalNameTags = {
  other: 0xa0,
  email: 0x81,
  dns: 0x82,
  directory: 0xa4,
  uri: 0x86,
  address: 0x87,
  registered: 0x88,
} as const;

/** One of the nine kinds of names. */
function isGeneralName({ tag }: DerElement): boolean {
  return (tag & 0xc0) === 0x80 && (tag & 0x1f) <= 8;
}

/**
 * The subject alternative names of a certificate, each with its tag; none where it has no such extension. The runtime's
 * text of them can be made to look like others.
 *
 * @throws DerError when the extension is damaged.
 */
export function alternativeNamesOf(certificate: X509Certificate): DerElement[] {
  const extension = extensionOf(certificate, "subjectAltName");
  const sequence = extension?.enter(derTags.sequence);
  extension?.finish();
  const names: DerElement[] = [];
  while (sequence && !sequence.done) names.push(sequence.any());
  if (!names.every(isGeneralName)) throw new DerError("one of the alternative names is of an unknown kind");
  return names;
}
