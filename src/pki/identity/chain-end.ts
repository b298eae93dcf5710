import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { CertificateError } from "../../errors.ts";
import { formatTime } from "../../time.ts";
import { type Certificates, isIssuedBy, issuerOf, subjectOf } from "../files/certificate-file.ts";

/** What clients trust. */
export interface TrustAnchors {
  certificates: readonly X509Certificate[];
  /** Where they are, for a person. */
  source: string;
}

/** Why a chain does not end in what clients trust, and what to do. */
function describeGap(last: X509Certificate, { certificates, source }: TrustAnchors, certFile: string) {
  const issuer = issuerOf(last);
  const rootHint = `Name the file with the root that clients trust, or have a certificate issued below one in ${source}.`;
  if (isIssuedBy(last, last)) return [`it ends with ${subjectOf(last)}, which is not in there`, rootHint] as const;
  if (certificates.some((root) => root.subject === last.issuer)) {
    const found = `${issuer}, which issued its last certificate, is in there with another key`;
    return [found, rootHint] as const;
  }
  const missing = `the certificate of ${issuer} is missing from ${certFile}`;
  if (last.ca) {
    const found = `${missing}, or that is another root than clients trust`;
    return [found, `Append that certificate if it is an intermediate's. ${rootHint}`] as const;
  }
  const hint = "Append the intermediate certificates, or name the file with the root that clients trust.";
  return [`${missing}, which holds no intermediate`, hint] as const;
}

/**
 * Makes sure that a chain leads to what clients trust.
 *
 * @param trust - Where it is undefined, it can only be told whether the chain ends in a certificate that signed itself, or
 * below a public root.
 * @returns A warning where the end of the chain is unknown.
 * @throws CertificateError CERTIFICATE_CHAIN_INCOMPLETE when the roots are known, and none of them ends the chain;
 * CERTIFICATE_EXPIRED when the one that does has expired.
 */
export function checkEnd(chain: Certificates, certFile: string, trust: TrustAnchors | undefined, now: Date): string[] {
  const last = chain.at(-1) ?? chain[0];
  const issuer = issuerOf(last);
  if (trust) {
    const ends = trust.certificates.filter((root) => root.raw.equals(last.raw) || isIssuedBy(last, root));
    const [end] = ends;
    if (!end) {
      const [found, hint] = describeGap(last, trust, certFile);
      const message = `The chain in ${certFile} does not lead to a certificate in ${trust.source}: ${found}`;
      throw new CertificateError("CERTIFICATE_CHAIN_INCOMPLETE", message, { hint });
    }
    if (ends.some(({ validToDate }) => now <= validToDate)) return [];
    const found = `${subjectOf(end)} in ${trust.source}, which expired on ${formatTime(end.validToDate)}`;
    throw new CertificateError("CERTIFICATE_EXPIRED", `The chain in ${certFile} leads to ${found}`, {
      hint: "Renew the root, and give it to the clients; if it should be valid, check this machine's clock.",
    });
  }
  if (isIssuedBy(last, last)) return [];
  if (rootCertificates.some((root) => new X509Certificate(root).subject === last.issuer)) return [];
  return [
    `Clients have to trust ${issuer} itself; if that is an intermediate, the certificate of ${issuer} is missing from ${certFile}`,
  ];
}
