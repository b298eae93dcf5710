import type { KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { CertificateError } from "../../errors.ts";
import { formatTime } from "../../time.ts";
import { type Certificates, hostsOf, isIssuedBy, issuerOf, subjectOf } from "../files/certificate-file.ts";
import { coversHost, normaliseHost } from "../host-names.ts";
import { describeKey, isSupportedKey } from "../issuing/keys.ts";

const orderHint = "Put the server's certificate first, then its intermediates, each after the one it issued.";

/** Signatures that can be forged: every client refuses them (RFC 8446, section 4.4.2.4). */
const weakSignature = /md[245]|sha1\b|sha1With/i;

/** How a certificate of a file is called in a message. */
export function nameInFile(certificate: X509Certificate, number: number, certFile: string): string {
  if (number === 1) return `The certificate in ${certFile}`;
  return `Certificate number ${number} in ${certFile} (${subjectOf(certificate)})`;
}

/**
 * @throws CertificateError KEY_MISMATCH, or CERTIFICATE_CHAIN_BROKEN when the key belongs to another certificate of the
 * chain than the first, and so the chain begins with the wrong one.
 */
export function checkKey(chain: Certificates, key: KeyObject, certFile: string, keyFile: string): void {
  const [leaf, ...others] = chain;
  if (leaf.checkPrivateKey(key)) return;
  const name = `The private key in ${keyFile}`;
  const owner = others.find((certificate) => certificate.checkPrivateKey(key));
  if (!owner) {
    const [own, wanted] = [describeKey(key), describeKey(leaf.publicKey)];
    const kinds = own === wanted ? "" : `: it is of the kind ${own}, and the certificate's of the kind ${wanted}`;
    throw new CertificateError("KEY_MISMATCH", `${name} does not belong to the certificate in ${certFile}${kinds}`, {
      hint: "Name the key that the certificate was made for, or have a certificate made for this key.",
    });
  }
  const place = `certificate number ${chain.indexOf(owner) + 1} in ${certFile}`;
  if (isIssuedBy(leaf, owner)) {
    const found = `${name} is that of the CA (${subjectOf(owner)}), ${place}, not the server's`;
    throw new CertificateError("KEY_MISMATCH", found, {
      hint: "Name the key of the first certificate; a CA's key has no place on a server.",
    });
  }
  throw new CertificateError("CERTIFICATE_CHAIN_BROKEN", `${name} belongs to ${place}, not to the first`, {
    hint: orderHint,
  });
}

/** What is wrong where a certificate did not issue the one before it, and what to do. */
type Break = readonly [found: string, hint: string];

/** The case that the issuer is in the file, at another place. */
function describeDisorder(chain: Certificates, index: number, issuer: X509Certificate, place: number): Break {
  const [lower, upper] = [subjectOf(chain[index - 1] ?? chain[0]), subjectOf(issuer)];
  const found = `certificate number ${place} issued number ${index} (${lower}), but number ${index + 1} (${upper}) follows it`;
  const belongs = chain.some((certificate) => certificate !== issuer && isIssuedBy(certificate, issuer));
  return belongs ? [found, orderHint] : [`${found}, which issued none of them`, `Take number ${index + 1} out.`];
}

/** The case that both have the name that fits. */
function describeNamesake(subject: X509Certificate, issuer: X509Certificate, number: number): Break {
  const [lower, upper] = [`number ${number} (${subjectOf(subject)})`, `certificate number ${number + 1}`];
  if (!subject.checkIssued(issuer)) {
    const hint = "Put that CA's certificate there that was in use when the one before was issued.";
    return [`${upper} has the name of the CA that issued ${lower}, and another key`, hint];
  }
  const hint = "One of the two is damaged, or not from that CA: fetch both anew from where they were issued.";
  return [`the signature of ${lower} was not made with the key of ${upper}, which it names as its issuer`, hint];
}

function describeBreak(chain: Certificates, index: number, subject: X509Certificate, issuer: X509Certificate): Break {
  const number = `certificate number ${index + 1}`;
  const [lower, upper] = [subjectOf(subject), subjectOf(issuer)];
  const twin = chain.findIndex((certificate) => certificate.raw.equals(issuer.raw));
  if (twin < index) return [`${number} (${upper}) is the same as number ${twin + 1}`, "Leave it there once."];
  const actual = chain.findIndex((certificate) => certificate !== subject && isIssuedBy(subject, certificate));
  if (actual >= 0) return describeDisorder(chain, index, issuer, actual + 1);
  if (subject.issuer === issuer.subject) return describeNamesake(subject, issuer, index);
  const what = issuer.ca ? upper : `${upper}, which is no CA`;
  return [`${number} (${what}) did not issue number ${index} (${lower}, issued by ${issuerOf(subject)})`, orderHint];
}

/** @throws CertificateError CERTIFICATE_CHAIN_BROKEN when a certificate did not issue the one before it. */
export function checkOrder(chain: Certificates, certFile: string): void {
  chain.forEach((issuer, index) => {
    const subject = chain[index - 1];
    if (!subject || isIssuedBy(subject, issuer)) return;
    const [found, hint] = describeBreak(chain, index, subject, issuer);
    throw new CertificateError("CERTIFICATE_CHAIN_BROKEN", `In ${certFile}, ${found}`, { hint });
  });
}

/** @throws CertificateError CERTIFICATE_EXPIRED or CERTIFICATE_NOT_YET_VALID for the first that is not valid now. */
export function checkDates(chain: Certificates, certFile: string, now: Date): void {
  for (const [index, certificate] of chain.entries()) {
    const { validFromDate: notBefore, validToDate: notAfter } = certificate;
    const name = nameInFile(certificate, index + 1, certFile);
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

/** @throws CertificateError KEY_UNSUPPORTED or CERTIFICATE_WEAK when clients may not take a key or a signature. */
export function checkStrength(chain: Certificates, certFile: string): void {
  for (const [index, certificate] of chain.entries()) {
    const name = nameInFile(certificate, index + 1, certFile);
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

/** What speaks against a host that seems to be covered or nearly is; undefined for nothing special. */
function describeNearMiss(covered: readonly string[], host: string): string | undefined {
  if (covered.length === 0) return "it has no subject alternative name, and clients pass over its common name";
  if (coversHost(covered, host)) return "it is there as a DNS name, which clients pass over";
  const above = covered.find((name) => name.startsWith("*.") && `.${normaliseHost(host)}`.endsWith(name.slice(1)));
  return above && `${above} stands for exactly one label`;
}

/** Whether a name covers a host, and an address is there as one (RFC 9110, section 4.3.5). */
function covers(leaf: X509Certificate, covered: readonly string[], host: string): boolean {
  const address = normaliseHost(host);
  return coversHost(covered, host) && (isIP(address) === 0 || leaf.checkIP(address) !== undefined);
}

/**
 * @param hosts - Names that clients are known to dial.
 * @throws CertificateError CERTIFICATE_HOST_MISMATCH for those that the leaf does not cover.
 */
export function checkHosts([leaf]: Certificates, certFile: string, hosts: readonly string[]): void {
  const covered = hostsOf(leaf);
  const missing = hosts.filter((host) => !covers(leaf, covered, host));
  const [first] = missing;
  if (first === undefined) return;
  const names = covered.join(", ") || "no host";
  const reason = describeNearMiss(covered, first);
  const wanted = missing.map((host) => (isIP(normaliseHost(host)) === 0 ? host : `the address ${host}`)).join(", ");
  const found = `The certificate in ${certFile} is for ${names}, not for ${wanted}`;
  throw new CertificateError("CERTIFICATE_HOST_MISMATCH", reason === undefined ? found : `${found}: ${reason}`, {
    hint: "Have a certificate made that names every host that clients dial, or let clients dial a name in it.",
  });
}
