import type { KeyObject, X509Certificate } from "node:crypto";
import { CertificateError } from "../errors.ts";
import { type Certificates, isIssuedBy, readCertificates, summariseLeaf } from "./certificate-file.ts";
import { coversHost } from "./host-names.ts";
import type { Identity, LeafSummary } from "./identity.ts";
import { exportPrivateKey, readPrivateKey } from "./key-file.ts";

/** What to load, and what it is wanted for. */
export interface LoadIdentityOptions {
  /** PEM: the leaf first, then its intermediates. */
  certFile: string;
  /** PEM: the leaf's private key. */
  keyFile: string;
  now: Date;
  /** The names that clients dial; one that the leaf doesn't cover gives a warning. */
  hosts?: readonly string[];
}

/** An identity that can be used, and what the operator should know of it. */
export interface LoadedIdentity {
  identity: Identity;
  /** Each a sentence. */
  warnings: readonly string[];
}

const dayMs = 86_400_000;

/** An identity is near its end in the last fifth of its life, or the last fourteen days where that is shorter. */
const lastDays = 14;

/** To the minute. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function formatSpan(ms: number): string {
  const [count, unit] = ms >= 2 * dayMs ? [ms / dayMs, "days"] : [ms / 3_600_000, "hours"];
  return `${Math.floor(count)} ${unit}`;
}

function checkKey(chain: Certificates, key: KeyObject, { certFile, keyFile }: LoadIdentityOptions): void {
  if (chain[0].checkPrivateKey(key)) return;
  const owner = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (owner > 0) {
    throw new CertificateError(
      "CERTIFICATE_CHAIN_BROKEN",
      `The private key in ${keyFile} belongs to certificate number ${owner + 1} in ${certFile}, not to the first`,
      { hint: "Put the server's certificate first, then its intermediates, each after the one it issued." },
    );
  }
  throw new CertificateError(
    "KEY_MISMATCH",
    `The private key in ${keyFile} does not belong to the certificate in ${certFile}`,
    { hint: "Name the key that the certificate was made for, or have a certificate made for this key." },
  );
}

function checkChain(chain: Certificates, certFile: string): void {
  chain.forEach((issuer, index) => {
    const subject = chain[index - 1];
    if (!subject || isIssuedBy(subject, issuer)) return;
    const [lower, upper] = [summariseLeaf(subject), summariseLeaf(issuer)];
    throw new CertificateError(
      "CERTIFICATE_CHAIN_BROKEN",
      `In ${certFile}, certificate number ${index + 1} (${upper.subject}) did not issue number ${index} (${lower.subject}, issued by ${lower.issuer})`,
      { hint: "Put the server's certificate first, then its intermediates, each after the one it issued." },
    );
  });
}

function checkDates(certificate: X509Certificate, number: number, { certFile, now }: LoadIdentityOptions): void {
  const { subject, notBefore, notAfter } = summariseLeaf(certificate);
  const name =
    number === 1 ? `The certificate in ${certFile}` : `Certificate number ${number} in ${certFile} (${subject})`;
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

function warningsOf(leaf: LeafSummary, { certFile, now, hosts = [] }: LoadIdentityOptions): string[] {
  const warnings = hosts
    .filter((host) => leaf.hosts.length > 0 && !coversHost(leaf.hosts, host))
    .map((host) => `The certificate in ${certFile} does not cover ${host}; it is for ${leaf.hosts.join(", ")}`);
  if (leaf.hosts.length === 0) {
    warnings.push(
      `The certificate in ${certFile} names no host (it has no subject alternative name): clients refuse it`,
    );
  }
  const left = leaf.notAfter.getTime() - now.getTime();
  const life = leaf.notAfter.getTime() - leaf.notBefore.getTime();
  if (left < Math.min(life / 5, lastDays * dayMs)) {
    warnings.push(`The certificate in ${certFile} expires in ${formatSpan(left)}, on ${formatTime(leaf.notAfter)}`);
  }
  return warnings;
}

/**
 * Loads a certificate chain with its private key, and checks all that can be checked before it is served: that the
 * files hold them, belong together, are in order, and are valid now.
 *
 * @throws CertificateError whose code says what is wrong, and whose message names the file and what was found.
 * @throws FileError when a file can't be read or is no file.
 */
export async function loadIdentity(options: LoadIdentityOptions): Promise<LoadedIdentity> {
  const chain = await readCertificates(options.certFile);
  const { key, warnings } = await readPrivateKey(options.keyFile);
  checkKey(chain, key, options);
  checkChain(chain, options.certFile);
  chain.forEach((certificate, index) => {
    checkDates(certificate, index + 1, options);
  });
  const leaf = summariseLeaf(chain[0]);
  const identity = {
    certificateChain: chain.map((certificate) => certificate.toString()).join(""),
    privateKey: exportPrivateKey(key),
    leaf,
  };
  return { identity, warnings: [...warnings, ...warningsOf(leaf, options)] };
}
