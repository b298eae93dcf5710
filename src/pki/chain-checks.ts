import { type KeyObject, X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { CertificateError } from "../errors.ts";
import { type Certificates, isIssuedBy, summariseLeaf } from "./certificate-file.ts";
import { coversHost } from "./host-names.ts";
import { describeKey, isSupportedKey } from "./keys.ts";
import { extendedKeyUsageIds } from "./profile.ts";

const orderHint = "Put the server's certificate first, then its intermediates, each after the one it issued.";

/** Signatures that can be forged: every client refuses them (RFC 8446, section 4.4.2.4). */
const weakSignature = /md5|md2|sha1\b|sha1With/i;

/** `anyExtendedKeyUsage` (RFC 5280, section 4.2.1.12). */
const anyUsage = "2.5.29.37.0";

/** How a certificate of a file is called in a message. */
function nameOf(certificate: X509Certificate, number: number, certFile: string): string {
  if (number === 1) return `The certificate in ${certFile}`;
  return `Certificate number ${number} in ${certFile} (${summariseLeaf(certificate).subject})`;
}

/** To the minute. */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * @throws CertificateError KEY_MISMATCH, or CERTIFICATE_CHAIN_BROKEN when the key belongs to another certificate of the
 * chain than the first.
 */
export function checkKey(chain: Certificates, key: KeyObject, certFile: string, keyFile: string): void {
  if (chain[0].checkPrivateKey(key)) return;
  const owner = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (owner > 0) {
    const found = `belongs to certificate number ${owner + 1} in ${certFile}, not to the first`;
    throw new CertificateError("CERTIFICATE_CHAIN_BROKEN", `The private key in ${keyFile} ${found}`, {
      hint: orderHint,
    });
  }
  const message = `The private key in ${keyFile} does not belong to the certificate in ${certFile}`;
  throw new CertificateError("KEY_MISMATCH", message, {
    hint: "Name the key that the certificate was made for, or have a certificate made for this key.",
  });
}

/** @throws CertificateError CERTIFICATE_CHAIN_BROKEN when a certificate did not issue the one before it. */
export function checkOrder(chain: Certificates, certFile: string): void {
  chain.forEach((issuer, index) => {
    const subject = chain[index - 1];
    if (!subject || isIssuedBy(subject, issuer)) return;
    const [lower, upper] = [summariseLeaf(subject), summariseLeaf(issuer)];
    const found = `certificate number ${index + 1} (${upper.subject}) did not issue number ${index} (${lower.subject}, issued by ${lower.issuer})`;
    throw new CertificateError("CERTIFICATE_CHAIN_BROKEN", `In ${certFile}, ${found}`, { hint: orderHint });
  });
}

/** @throws CertificateError CERTIFICATE_EXPIRED or CERTIFICATE_NOT_YET_VALID for the first that is not valid now. */
export function checkDates(chain: Certificates, certFile: string, now: Date): void {
  for (const [index, certificate] of chain.entries()) {
    const { validFromDate: notBefore, validToDate: notAfter } = certificate;
    const name = nameOf(certificate, index + 1, certFile);
    if (now > notAfter) {
      throw new CertificateError("CERTIFICATE_EXPIRED", `${name} expired on ${formatTime(notAfter)}`, {
        hint: "Renew it, or let the server make one with `vibectl-server generate-certs`; if it should be valid, check this machine's clock.",
      });
    }
    if (now < notBefore) {
      throw new CertificateError("CERTIFICATE_NOT_YET_VALID", `${name} is valid only from ${formatTime(notBefore)}`, {
        hint: `Check this machine's clock: it says ${formatTime(now)}.`,
      });
    }
  }
}

/**
 * @throws CertificateError CERTIFICATE_PURPOSE_WRONG when clients may not take the first as a server's, or one of the others
 * is no CA.
 */
export async function checkPurposes([leaf, ...issuers]: Certificates, certFile: string): Promise<void> {
  const refuse = (found: string): never => {
    throw new CertificateError("CERTIFICATE_PURPOSE_WRONG", found, {
      hint: "Have a certificate made for a server: keyUsage digitalSignature, extendedKeyUsage serverAuth.",
    });
  };
  const { mayBeUsedFor } = await import("./key-usage.ts");
  const usages = leaf.keyUsage;
  if (usages !== undefined && !usages.includes(extendedKeyUsageIds.serverAuth) && !usages.includes(anyUsage)) {
    refuse(`The certificate in ${certFile} is not for servers: its extendedKeyUsage lacks serverAuth`);
  }
  if (!mayBeUsedFor(leaf, "digitalSignature")) {
    refuse(`The key of the certificate in ${certFile} may not sign handshakes: its keyUsage lacks digitalSignature`);
  }
  if (leaf.ca && !isIssuedBy(leaf, leaf)) {
    refuse(`The first certificate in ${certFile} is a CA's (${summariseLeaf(leaf).subject}), not a server's`);
  }
  for (const [index, issuer] of issuers.entries()) {
    if (!issuer.ca)
      refuse(`${nameOf(issuer, index + 2, certFile)} is no CA's, and so can't have issued the one before`);
  }
}

/** @throws CertificateError KEY_UNSUPPORTED or CERTIFICATE_WEAK when clients may not take a key or a signature. */
export function checkStrength(chain: Certificates, certFile: string): void {
  for (const [index, certificate] of chain.entries()) {
    const name = nameOf(certificate, index + 1, certFile);
    if (!isSupportedKey(certificate.publicKey)) {
      const found = `${name} has a key of the kind ${describeKey(certificate.publicKey)}, which clients may refuse`;
      throw new CertificateError("KEY_UNSUPPORTED", found, {
        hint: "Use ECDSA on P-256 or P-384, or RSA with at least 2048 bits.",
      });
    }
    const { signatureAlgorithm } = certificate;
    // Nobody checks the signature that a root makes for itself.
    if (signatureAlgorithm && weakSignature.test(signatureAlgorithm) && !isIssuedBy(certificate, certificate)) {
      throw new CertificateError("CERTIFICATE_WEAK", `${name} is signed with ${signatureAlgorithm}, which is broken`, {
        hint: "Have it issued anew, signed with SHA-256.",
      });
    }
  }
}

/**
 * @param hosts - Names that clients are known to dial.
 * @throws CertificateError CERTIFICATE_HOST_MISMATCH for those that the leaf does not cover.
 */
export function checkHosts([leaf]: Certificates, certFile: string, hosts: readonly string[]): void {
  const covered = summariseLeaf(leaf).hosts;
  const missing = hosts.filter((host) => !coversHost(covered, host));
  if (missing.length === 0) return;
  const names = covered.join(", ") || "no host";
  const found = `The certificate in ${certFile} is for ${names}, not for ${missing.join(", ")}`;
  throw new CertificateError("CERTIFICATE_HOST_MISMATCH", found, {
    hint: "Have a certificate made that names every host that clients dial, or let clients dial a name in it.",
  });
}

/** What clients trust. */
export interface ClientTrust {
  roots: readonly X509Certificate[];
  /** Where they are, for a person. */
  source: string;
}

/**
 * Makes sure that a chain leads to what clients trust.
 *
 * @param trust - Where it is undefined, it can only be told whether the chain ends in a certificate that signed itself, or
 * below a public root.
 * @returns A warning where the end of the chain is unknown.
 * @throws CertificateError CERTIFICATE_CHAIN_INCOMPLETE when the roots are known, and none of them ends the chain.
 */
export function checkEnd(chain: Certificates, certFile: string, trust: ClientTrust | undefined): string[] {
  const last = chain.at(-1) ?? chain[0];
  const { issuer } = summariseLeaf(last);
  const missing = `the certificate of ${issuer} is missing from ${certFile}`;
  if (trust) {
    if (trust.roots.some((root) => root.raw.equals(last.raw) || isIssuedBy(last, root))) return [];
    const found = `The chain in ${certFile} does not lead to a certificate in ${trust.source}: ${missing}, or that is the wrong root`;
    throw new CertificateError("CERTIFICATE_CHAIN_INCOMPLETE", found, {
      hint: "Append the intermediate certificates, or name the file with the root that clients trust.",
    });
  }
  if (isIssuedBy(last, last)) return [];
  if (rootCertificates.some((root) => new X509Certificate(root).subject === last.issuer)) return [];
  return [`Clients have to trust ${issuer} itself; if that is an intermediate, ${missing}`];
}
