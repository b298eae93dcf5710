import { type KeyObject, X509Certificate } from "node:crypto";
import { Integer, type OctetString } from "asn1js";
import { Certificate, PublicKeyInfo, type RelativeDistinguishedNames, Time, TimeType } from "pkijs";
import { CertificateError } from "../../errors.ts";
import { dayMs, formatTime, minuteMs } from "../../time.ts";
import { attributeIds, extensionIds } from "../encoding/object-ids.ts";
import { encodePem } from "../encoding/pem.ts";
import { subjectOf } from "../files/certificate-file.ts";
import type { HostName } from "../host-names.ts";
import { type DistinguishedName, encodeName } from "./distinguished-name.ts";
import { buildExtensions, keyIdentifier } from "./extensions.ts";
import { publicKeyOf, type RandomSource } from "./keys.ts";
import { checkPermitted, constraintsIn, encodeNameConstraints } from "./name-constraints.ts";
import type { CertificateProfile } from "./profile.ts";
import { signContent } from "./signature.ts";

/** Who signs a certificate: a CA's certificate and its private key. */
export interface Issuer {
  certificate: X509Certificate;
  key: KeyObject;
}

/** What a certificate is made from. */
export interface CertificateRequest {
  profile: CertificateProfile;
  /**
   * A name, empty where it has no attribute; or the certificate that the new one succeeds, for its name and its name
   * constraints byte for byte.
   */
  subject: DistinguishedName | X509Certificate;
  names: readonly HostName[];
  /** The subject's private key, whose public half goes into the certificate. */
  key: KeyObject;
  /** Undefined where the certificate signs itself. */
  issuer: Issuer | undefined;
  /** Days from the first second to the last; the profile's unless given. */
  lifetimeDays?: number | undefined;
  /** The domains that a new CA is held to, and then to no address; to nothing unless given. */
  permittedDomains?: readonly string[] | undefined;
  now: Date;
  random: RandomSource;
}

/** How far certificates are dated back, so that a client whose clock is a little behind takes them. */
const backdatingMs = 5 * minuteMs;
const serialBytes = 16;
/** BoringSSL, which gRPC's clients use, takes no handshake message of 100 KiB. */
const longestCertificate = 64 * 1024;

function wholeSeconds(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}

/** Positive, and of the same length in DER whatever the random bytes are (RFC 5280, section 4.1.2.2). */
function makeSerialNumber(random: RandomSource): Integer {
  const bytes = Uint8Array.from(random(serialBytes));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return new Integer({ valueHex: bytes.buffer });
}

/** UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280, section 4.1.2.5). */
export function encodeTime(value: Date): Time {
  const type = value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime;
  return new Time({ type, value });
}

/** The time between the first and the last second, both included, inside the issuer's own. */
function validityOf(request: CertificateRequest, issuer: Certificate | undefined): { notBefore: Date; notAfter: Date } {
  const earliest = issuer?.notBefore.value.getTime() ?? Number.NEGATIVE_INFINITY;
  const latest = issuer?.notAfter.value.getTime() ?? Number.POSITIVE_INFINITY;
  const now = request.now.getTime();
  if (now < earliest || now > latest) {
    const code = now > latest ? "CERTIFICATE_EXPIRED" : "CERTIFICATE_NOT_YET_VALID";
    const span = `${new Date(earliest).toISOString()} to ${new Date(latest).toISOString()}`;
    const name = request.issuer ? subjectOf(request.issuer.certificate) : "the issuer";
    throw new CertificateError(code, `The certificate of ${name} is valid from ${span}, which is not now`, {
      hint: `Check this machine's clock: it says ${formatTime(request.now)}. If it is right, renew that certificate first.`,
    });
  }
  const start = wholeSeconds(Math.max(now - backdatingMs, earliest));
  const end = start.getTime() + (request.lifetimeDays ?? request.profile.lifetimeDays) * dayMs - 1000;
  return { notBefore: start, notAfter: wholeSeconds(Math.min(end, latest)) };
}

/** The identifier that an issuer's certificate gives its key; made from the key where it gives none. */
export async function issuerKeyIdentifier({
  extensions = [],
  subjectPublicKeyInfo,
}: Certificate): Promise<ArrayBuffer> {
  const extension = extensions.find(({ extnID }) => extnID === extensionIds.subjectKeyIdentifier);
  if (!extension) return await keyIdentifier(subjectPublicKeyInfo);
  return Uint8Array.from((extension.parsedValue as OctetString).valueBlock.valueHexView).buffer;
}

function commonNamesOf({ typesAndValues }: RelativeDistinguishedNames): string[] {
  return typesAndValues.flatMap(({ type, value }) =>
    type === attributeIds.CN ? [String(value.valueBlock.value)] : [],
  );
}

function encodedSubjectOf(certificate: X509Certificate): RelativeDistinguishedNames {
  return Certificate.fromBER(Uint8Array.from(certificate.raw)).subject;
}

/**
 * Builds and signs an X.509 certificate (RFC 5280): as ECDSA with SHA-256 or, by a P-384 key, SHA-384 (RFC 5758, section
 * 3.2), or as RSA PKCS#1 v1.5 with SHA-256 (RFC 4055, section 5).
 *
 * @returns The certificate in PEM.
 * @throws CertificateError CERTIFICATE_EXPIRED or CERTIFICATE_NOT_YET_VALID when the issuer's certificate is not valid
 * now; SUBJECT_INVALID, HOST_NAME_INVALID or KEY_UNSUPPORTED for what can't be in a certificate;
 * HOST_NAME_NOT_PERMITTED for a name that the issuer's constraints exclude.
 */
export async function issueCertificate(request: CertificateRequest): Promise<string> {
  const { key, issuer, names, permittedDomains, profile, random } = request;
  const issuing = issuer && Certificate.fromBER(Uint8Array.from(issuer.certificate.raw));
  const { notBefore, notAfter } = validityOf(request, issuing);
  const publicKey = PublicKeyInfo.fromBER(publicKeyOf(key));
  const subject =
    request.subject instanceof X509Certificate ? encodedSubjectOf(request.subject) : encodeName(request.subject);
  if (issuer && !profile.authority) checkPermitted(names, commonNamesOf(subject), issuer.certificate);
  const constraints =
    request.subject instanceof X509Certificate
      ? constraintsIn(request.subject)
      : encodeNameConstraints(permittedDomains);
  const subjectKeyId = await keyIdentifier(publicKey);
  const certificate = new Certificate({
    version: 2,
    serialNumber: makeSerialNumber(random),
    subject,
    issuer: issuing?.subject ?? subject,
    notBefore: encodeTime(notBefore),
    notAfter: encodeTime(notAfter),
    subjectPublicKeyInfo: publicKey,
    extensions: buildExtensions({
      profile,
      rsa: key.asymmetricKeyType === "rsa",
      subjectKeyId,
      authorityKeyId: issuing ? await issuerKeyIdentifier(issuing) : subjectKeyId,
      names,
      subject,
      constraints,
    }),
  });
  await signContent(certificate, issuer?.key ?? key);
  const der = certificate.toSchema(true).toBER();
  if (der.byteLength <= longestCertificate) return encodePem("CERTIFICATE", der);
  throw new CertificateError(
    "HOST_NAME_INVALID",
    `${names.length} names make a certificate of ${der.byteLength} bytes`,
    {
      hint: `Name fewer, or a wildcard: no client takes more than ${longestCertificate} bytes for certain.`,
    },
  );
}
