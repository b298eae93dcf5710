import type { X509Certificate } from "node:crypto";
import { DerReader, derTags } from "../encoding/der.ts";
import { type DerExtension, hexOfInteger, readExtensions } from "../encoding/der-values.ts";

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
  if (signed.nextIs(derTags.explicit0)) signed.contents(derTags.explicit0);
  const serialNumber = hexOfInteger(signed.contents(derTags.integer));
  for (const _passed of ["signature", "issuer", "validity"]) signed.contents(derTags.sequence);
  const subject = Buffer.from(signed.element(derTags.sequence));
  const publicKey = Buffer.from(signed.element(derTags.sequence));
  while (!signed.done && !signed.nextIs(derTags.explicit3)) signed.any();
  const extensions = signed.done ? [] : readExtensions(signed.enter(derTags.explicit3).enter(derTags.sequence));
  return { serialNumber, subject, publicKey, extensions };
}
