import { X509Certificate } from "node:crypto";
import { DerReader, derTags } from "../encoding/der.ts";
import { addressText, normaliseHost } from "../host-names.ts";
import { fieldsOf } from "./certificate-fields.ts";
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
    return certificate;
  } catch (cause) {
    const found = `can't be used: the key of its certificate number ${number} is damaged or of an unknown kind`;
    throw malformed(file, found, keyKindHint, cause);
  }
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

const alternativeNameId = "2.5.29.17";
const [dnsTag, addressTag] = [0x82, 0x87];

/** The DNS names and addresses of a certificate; the runtime's text of them can be made to look like others. */
function hostsOf(certificate: X509Certificate): string[] {
  const extension = fieldsOf(certificate).extensions.find(({ id }) => id === alternativeNameId);
  if (!extension) return [];
  const names = new DerReader(extension.value).enter(derTags.sequence);
  const hosts: string[] = [];
  while (!names.done) {
    const { tag, contents } = names.any();
    if (tag === dnsTag) hosts.push(normaliseHost(Buffer.from(contents).toString("latin1")));
    if (tag === addressTag) hosts.push(addressText(contents) ?? `${contents.length} bytes`);
  }
  return hosts;
}

/** A distinguished name on one line; the runtime has none for the empty one. */
function oneLine(name: string | undefined): string {
  return name?.replaceAll("\n", ", ") ?? "";
}

/** What a person wants to know of a leaf. */
export function summariseLeaf(certificate: X509Certificate): LeafSummary {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    serialNumber: certificate.serialNumber.toUpperCase(),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
    hosts: hostsOf(certificate),
  };
}
