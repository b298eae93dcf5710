import { X509Certificate } from "node:crypto";
import { addressText, normaliseHost } from "../host-names.ts";
import { alternativeNamesOf, generalNameTags } from "./certificate-fields.ts";
import { damagedPartOf } from "./key-usage.ts";
import { describeBlocks, keyKindHint, malformed, type PemFile, readPemFile } from "./pem-file.ts";

/** One certificate at least. */
export type Certificates = readonly [X509Certificate, ...X509Certificate[]];

/** What a person wants to know of a leaf. */
export interface LeafSummary {
  subject: string;
  issuer: string;
  /** Upper-case hexadecimal. */
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
  /** DNS names and IP addresses it is valid for. */
  hosts: readonly string[];
}

function decode(text: string, number: number, file: PemFile): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch (cause) {
    throw malformed(file, `is damaged: its certificate number ${number} can't be decoded`, undefined, cause);
  }
  try {
    // Reading this property decodes the key.
    void certificate.publicKey;
  } catch (cause) {
    const found = `can't be used: the key of its certificate number ${number} is damaged or of an unknown kind`;
    throw malformed(file, found, keyKindHint, cause);
  }
  const part = damagedPartOf(certificate);
  if (part === undefined) return certificate;
  const found = `is damaged: in its certificate number ${number}, ${part} can't be decoded`;
  throw malformed(file, found, "Fetch it anew, or have it issued anew.");
}

/**
 * The certificates of a PEM file, in its order. Blocks of another kind, such as the key, are passed over.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED when there is none, or one can't be decoded.
 */
export function certificatesOf(file: PemFile): Certificates {
  const blocks = file.blocks.filter(({ label }) => label === "CERTIFICATE" || label === "X509 CERTIFICATE");
  const [first, ...others] = blocks.map(({ text }, index) =>
    decode(text.replaceAll("X509 CERTIFICATE", "CERTIFICATE"), index + 1, file),
  );
  if (!first) throw malformed(file, `holds ${describeBlocks(file.blocks)}, not a certificate`);
  return [first, ...others];
}

/**
 * Reads the certificates of a PEM file.
 *
 * @throws CertificateError when the file is missing or holds no usable certificate.
 * @throws FileError when it can't be read or is no file.
 */
export async function readCertificates(path: string): Promise<Certificates> {
  return certificatesOf(await readPemFile(path, "certificate"));
}

/** Whether a certificate's signature was made with the key of another, which it names as its issuer. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
}

/**
 * The DNS names and addresses of a certificate.
 *
 * @throws DerError when they are damaged, as they are in no certificate of a file.
 */
export function hostsOf(certificate: X509Certificate): string[] {
  return alternativeNamesOf(certificate).flatMap(({ tag, contents }) => {
    if (tag === generalNameTags.dns) return [normaliseHost(Buffer.from(contents).toString("latin1"))];
    return tag === generalNameTags.address ? [addressText(contents) ?? `${contents.length} bytes`] : [];
  });
}

/** A distinguished name on one line; the runtime has none for the empty one. */
function oneLine(name: string | undefined): string {
  return name?.replaceAll("\n", ", ") ?? "";
}

/** The subject of a certificate on one line, whatever else is damaged in it; empty for the empty name. */
export function subjectOf({ subject }: X509Certificate): string {
  return oneLine(subject);
}

/** The issuer of a certificate, as {@link subjectOf} gives the subject. */
export function issuerOf({ issuer }: X509Certificate): string {
  return oneLine(issuer);
}

/** What a person wants to know of a leaf. Throws as {@link hostsOf} does. */
export function summariseLeaf(certificate: X509Certificate): LeafSummary {
  return {
    subject: subjectOf(certificate),
    issuer: issuerOf(certificate),
    serialNumber: certificate.serialNumber.toUpperCase(),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    hosts: hostsOf(certificate),
  };
}
