import { Set as Asn1Set, Integer, Sequence, Utf8String } from "asn1js";
import { AttributeTypeAndValue, Certificate, PublicKeyInfo, RelativeDistinguishedNames, Time, TimeType } from "pkijs";
import { CertificateError } from "../errors.ts";
import { buildExtensions, keyIdentifier } from "./extensions.ts";
import type { HostName } from "./host-names.ts";
import type { RandomSource } from "./keys.ts";
import { encodePem } from "./pem.ts";
import type { CertificateProfile } from "./profile.ts";

/** What a certificate is made from. */
export interface CertificateRequest {
  profile: CertificateProfile;
  /** The subject's common name, at most 64 characters (RFC 5280, appendix A.1). Undefined leaves the subject empty. */
  commonName: string | undefined;
  names: readonly HostName[];
  /** The subject's public key: a SubjectPublicKeyInfo in DER. */
  publicKey: Uint8Array;
  /** The issuer's private key: an ECDSA P-256 key. */
  signingKey: CryptoKey;
  /** The issuer's certificate in DER. Undefined where the certificate signs itself. */
  issuer: Uint8Array | undefined;
  now: Date;
  random: RandomSource;
}

const dayMs = 86_400_000;
/** How far certificates are dated back, so that a client whose clock is a little behind takes them. */
const backdatingMs = 5 * 60_000;
const serialBytes = 16;
const commonNameId = "2.5.4.3";

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
function encodeTime(value: Date): Time {
  const type = value.getUTCFullYear() < 2050 ? TimeType.UTCTime : TimeType.GeneralizedTime;
  return new Time({ type, value });
}

/**
 * A name with one attribute, or with none. PKIjs would put an empty set into the empty name, and all attributes of a
 * longer one into a single set.
 */
function makeSubject(commonName: string | undefined): RelativeDistinguishedNames {
  const attributes =
    commonName === undefined
      ? []
      : [new AttributeTypeAndValue({ type: commonNameId, value: new Utf8String({ value: commonName }) })];
  const sequence = new Sequence({
    value: attributes.map((attribute) => new Asn1Set({ value: [attribute.toSchema()] })),
  });
  return new RelativeDistinguishedNames({ typesAndValues: attributes, valueBeforeDecode: sequence.toBER() });
}

/** The time between the first and the last second, both included, inside the issuer's own. */
function validityOf(request: CertificateRequest, issuer: Certificate | undefined): { notBefore: Date; notAfter: Date } {
  const earliest = issuer?.notBefore.value.getTime() ?? Number.NEGATIVE_INFINITY;
  const latest = issuer?.notAfter.value.getTime() ?? Number.POSITIVE_INFINITY;
  const now = request.now.getTime();
  if (now < earliest || now > latest) {
    const code = now > latest ? "CERTIFICATE_EXPIRED" : "CERTIFICATE_NOT_YET_VALID";
    const span = `${new Date(earliest).toISOString()} to ${new Date(latest).toISOString()}`;
    throw new CertificateError(code, `The issuer's certificate is valid from ${span}, which is not now`, {
      hint: "Check this machine's clock; if it is right, renew the issuer's certificate.",
    });
  }
  const start = wholeSeconds(Math.max(now - backdatingMs, earliest));
  const end = start.getTime() + request.profile.lifetimeDays * dayMs - 1000;
  return { notBefore: start, notAfter: wholeSeconds(Math.min(end, latest)) };
}

/**
 * Builds and signs an X.509 certificate (RFC 5280) as ECDSA with SHA-256 (RFC 5758, section 3.2).
 *
 * @returns The certificate in PEM.
 * @throws CertificateError CERTIFICATE_EXPIRED or CERTIFICATE_NOT_YET_VALID when the issuer's certificate is not valid now.
 */
export async function issueCertificate(request: CertificateRequest): Promise<string> {
  const issuer = request.issuer && Certificate.fromBER(Uint8Array.from(request.issuer));
  const { notBefore, notAfter } = validityOf(request, issuer);
  const publicKey = PublicKeyInfo.fromBER(Uint8Array.from(request.publicKey));
  const subject = makeSubject(request.commonName);
  const certificate = new Certificate({
    version: 2,
    serialNumber: makeSerialNumber(request.random),
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: encodeTime(notBefore),
    notAfter: encodeTime(notAfter),
    subjectPublicKeyInfo: publicKey,
    extensions: buildExtensions({
      profile: request.profile,
      subjectKeyId: await keyIdentifier(publicKey),
      authorityKeyId: await keyIdentifier(issuer?.subjectPublicKeyInfo ?? publicKey),
      names: request.names,
      subjectIsEmpty: request.commonName === undefined,
    }),
  });
  await certificate.sign(request.signingKey, "SHA-256");
  return encodePem("CERTIFICATE", certificate.toSchema(true).toBER());
}
