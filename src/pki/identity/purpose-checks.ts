import type { X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { keyPurposeIds } from "../encoding/object-ids.ts";
import { type Certificates, hostsOf, isIssuedBy, subjectOf } from "../files/certificate-file.ts";
import {
  hasNameConstraints,
  isNamedAuthority,
  mayBeUsedFor,
  pathLengthOf,
  unknownCriticalOf,
} from "../files/key-usage.ts";
import { isHostName, parseHostNames } from "../host-names.ts";
import { nameInFile } from "./chain-checks.ts";

const leafHint = "Have a certificate made for a server: keyUsage digitalSignature, extendedKeyUsage serverAuth.";
const issuerHint =
  "Have the CA's certificate issued anew, by who runs it: basicConstraints CA:TRUE, keyUsage keyCertSign.";
const anewHint = "Fetch it anew, or have it issued anew.";

function refuse(found: string, hint: string): never {
  throw new CertificateError("CERTIFICATE_PURPOSE_WRONG", found, { hint });
}

/** Whether the extendedKeyUsage, where it is there, allows servers. That of a CA holds for what it issues. */
function isForServers({ keyUsage }: X509Certificate): boolean {
  const { anyExtendedKeyUsage, serverAuth } = keyPurposeIds;
  return keyUsage === undefined || keyUsage.includes(serverAuth) || keyUsage.includes(anyExtendedKeyUsage);
}

/** Whether it names itself as its issuer: such a CA does not count in path lengths (RFC 5280, section 4.2.1.9). */
function isSelfIssued({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

function checkLeaf(leaf: X509Certificate, certFile: string): void {
  if (leaf.ca && !isIssuedBy(leaf, leaf)) {
    refuse(`The first certificate in ${certFile} is a CA's (${subjectOf(leaf)}), not a server's`, leafHint);
  }
  if (!isForServers(leaf)) {
    refuse(`The certificate in ${certFile} is not for servers: its extendedKeyUsage lacks serverAuth`, leafHint);
  }
  if (mayBeUsedFor(leaf, "digitalSignature")) return;
  const kind = leaf.ca ? "the CA's certificate" : "the certificate";
  refuse(`The key of ${kind} in ${certFile} may not sign handshakes: its keyUsage lacks digitalSignature`, leafHint);
}

/** @param between - How many CAs stand between it and the leaf. */
function checkIssuer(issuer: X509Certificate, name: string, between: number): void {
  if (isNamedAuthority(issuer) && !mayBeUsedFor(issuer, "keyCertSign")) {
    refuse(`${name} may not issue certificates: its keyUsage lacks keyCertSign`, issuerHint);
  }
  if (!issuer.ca) refuse(`${name} is no CA's, and so can't have issued the one before`, issuerHint);
  if (!isForServers(issuer)) {
    refuse(`${name} may not issue certificates for servers: its extendedKeyUsage lacks serverAuth`, issuerHint);
  }
  const pathLength = pathLengthOf(issuer);
  if (pathLength !== undefined && pathLength < between) {
    const found = `${name} allows ${pathLength} CAs between itself and a server's certificate, and there are ${between}`;
    refuse(found, "Have the certificate issued by a CA that is nearer to the root.");
  }
}

/** @throws CertificateError HOST_NAME_NOT_PERMITTED for names of the leaf that a CA above it may not issue for. */
async function checkConstraints(leaf: X509Certificate, issuer: X509Certificate, name: string): Promise<void> {
  if (!hasNameConstraints(issuer)) return;
  const { checkPermitted } = await import("../issuing/name-constraints.ts");
  const names = parseHostNames(hostsOf(leaf).filter(isHostName));
  const commonNames = leaf.subject.split("\n").flatMap((part) => (part.startsWith("CN=") ? [part.slice(3)] : []));
  try {
    checkPermitted(names, commonNames, issuer);
  } catch (error) {
    if (!(error instanceof CertificateError)) {
      const found = `${name} is damaged: its extension nameConstraints can't be decoded`;
      throw new CertificateError("CERTIFICATE_MALFORMED", found, { hint: anewHint, cause: error });
    }
    const message = `${name} constrains the names below it. ${error.message}`;
    throw new CertificateError(error.code, message, { hint: error.hint, cause: error });
  }
}

function checkCritical(certificate: X509Certificate, name: string): void {
  const unknown = unknownCriticalOf(certificate);
  if (unknown === undefined) return;
  refuse(
    `${name} has the critical extension ${unknown}, which clients don't know`,
    "Have it issued without that extension, or with one that is not critical.",
  );
}

/**
 * Makes sure that each certificate of a chain may be used as it is.
 *
 * @throws CertificateError CERTIFICATE_PURPOSE_WRONG when clients may not take the first as a server's, or one of the
 * others may not have issued the one before; HOST_NAME_NOT_PERMITTED when it may not issue for those names;
 * CERTIFICATE_MALFORMED when the constraints on them can't be decoded.
 */
export async function checkPurposes(chain: Certificates, certFile: string): Promise<void> {
  const [leaf, ...issuers] = chain;
  for (const [index, certificate] of chain.entries()) {
    checkCritical(certificate, nameInFile(certificate, index + 1, certFile));
  }
  checkLeaf(leaf, certFile);
  for (const [index, issuer] of issuers.entries()) {
    const name = nameInFile(issuer, index + 2, certFile);
    const between = issuers.slice(0, index).filter((certificate) => !isSelfIssued(certificate)).length;
    checkIssuer(issuer, name, between);
    await checkConstraints(leaf, issuer, name);
  }
}
