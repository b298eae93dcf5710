import type { X509Certificate } from "node:crypto";
import { type Certificates, isIssuedBy } from "./certificate-file.ts";

/** Longer than any chain: issuers could lead round in circles. */
const longestPath = 10;

/**
 * Finds the way from a certificate to a trusted CA, by signatures. The runtime verifies such a path in a handshake and
 * does not tell which; what it gives as a certificate's issuer goes by names, so that a client which sends further
 * certificates could hide a revoked intermediate.
 *
 * @param shown - The leaf first; the others in any order, and more than belong to it.
 * @param trusted - CAs, each trusted for itself.
 * @returns The leaf first, each followed by its issuer, up to the last that is known. Undefined when none of the trusted
 * CAs is on the way.
 */
export function findPath(shown: Certificates, trusted: readonly X509Certificate[]): Certificates | undefined {
  const path: [X509Certificate, ...X509Certificate[]] = [shown[0]];
  let anchored = trusted.some((root) => root.raw.equals(shown[0].raw));
  for (let last = shown[0]; path.length < longestPath && !isIssuedBy(last, last); ) {
    const issuedLast = (issuer: X509Certificate) => issuer.ca && isIssuedBy(last, issuer);
    const anchor = trusted.find(issuedLast);
    const issuer = anchor ?? (anchored ? undefined : shown.find(issuedLast));
    if (!issuer) break;
    anchored ||= anchor !== undefined;
    path.push(issuer);
    last = issuer;
  }
  return anchored ? path : undefined;
}
