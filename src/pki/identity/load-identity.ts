import { CertificateError } from "../../errors.ts";
import { formatSpan, formatTime, hourMs } from "../../time.ts";
import { type Certificates, certificatesOf, type LeafSummary, summariseLeaf } from "../files/certificate-file.ts";
import { checkExposure, type KeyAccess, readPrivateKey } from "../files/key-file.ts";
import { unknownCertificateKind } from "../files/key-kinds.ts";
import type { PairFiles } from "../files/pair-files.ts";
import { keyKindHint, malformed, type PemFile, readPemFile } from "../files/pem-file.ts";
import { exportPrivateKey } from "../issuing/keys.ts";
import { isNearEnd } from "../validity.ts";
import { checkDates, checkHosts, checkKey, checkOrder, checkStrength } from "./chain-checks.ts";
import { checkEnd, type TrustAnchors } from "./chain-end.ts";
import type { Identity } from "./identity.ts";
import { checkPurposes } from "./purpose-checks.ts";

/** What to load, and what it is wanted for. */
export interface LoadIdentityOptions extends PairFiles, KeyAccess {
  now: Date;
  /** Names that clients are known to dial: the leaf has to cover them. */
  hosts?: readonly string[] | undefined;
  /** What clients trust, where it is known: the chain has to lead to it. */
  trust?: TrustAnchors | undefined;
}

/** An identity that can be used, and what the operator should know of it. */
export interface LoadedIdentity {
  identity: Identity;
  /** Each a sentence. */
  warnings: readonly string[];
}

function warningsOf([certificate]: Certificates, leaf: LeafSummary, certFile: string, now: Date): string[] {
  const warnings: string[] = [];
  if (leaf.hosts.length === 0) {
    warnings.push(
      `The certificate in ${certFile} names no host (it has no subject alternative name): clients refuse it`,
    );
  }
  if (!/^(?!0+$)[0-9A-F]{1,40}$/.test(leaf.serialNumber)) {
    const found = `has the serial number ${leaf.serialNumber}, which is not a positive one of 20 bytes at most`;
    warnings.push(`The certificate in ${certFile} ${found}: strict clients refuse it`);
  }
  if (certificate.ca) {
    warnings.push(`The certificate in ${certFile} is a CA's own: strict clients don't take it as a server's`);
  }
  const left = leaf.notAfter.getTime() - now.getTime();
  if (isNearEnd(leaf, now)) {
    const span = left < hourMs ? "less than an hour" : formatSpan(left);
    warnings.push(`The certificate in ${certFile} expires in ${span}, on ${formatTime(leaf.notAfter)}`);
  }
  return warnings;
}

/** Names the kind of key in the first certificate whose key the runtime does not know. */
function refuseKind(file: PemFile): void {
  const blocks = file.blocks.filter(({ label }) => label.endsWith("CERTIFICATE"));
  for (const [index, block] of blocks.entries()) {
    const kind = unknownCertificateKind(block);
    if (kind === undefined) continue;
    const name = index === 0 ? "The certificate" : `Certificate number ${index + 1}`;
    const found = `${name} in ${file.path} has a key of the kind ${kind}, which this server can't use`;
    throw new CertificateError("KEY_UNSUPPORTED", found, { hint: keyKindHint });
  }
}

function holdsKey({ blocks }: PemFile): boolean {
  return blocks.some(({ label }) => label.endsWith("PRIVATE KEY"));
}

/** @throws CertificateError CERTIFICATE_MALFORMED when the certificate is where the key should be, and the key in its place. */
async function refuseSwapped(file: PemFile, keyFile: string): Promise<void> {
  const other = holdsKey(file) ? await readPemFile(keyFile, "key").catch(() => undefined) : undefined;
  if (other?.blocks.every(({ label }) => label === "CERTIFICATE")) {
    throw malformed(file, `holds a private key, and the key file ${keyFile} a certificate`, "Swap the two paths.");
  }
}

/** @throws CertificateError CERTIFICATE_MALFORMED for a block that would be passed over, and be missing in the chain. */
function refuseTrusted(file: PemFile): void {
  if (!file.blocks.some(({ label }) => label === "TRUSTED CERTIFICATE")) return;
  const hint = `Convert each, and put it back into its place: openssl x509 -in ${file.path} -out NEW_FILE`;
  throw malformed(file, 'holds a "TRUSTED CERTIFICATE" of OpenSSL, which is no part of a chain', hint);
}

/** The chain, and what is to be said of a private key beside it: it is not sent, but may be read by others. */
async function readChain(options: LoadIdentityOptions): Promise<{ chain: Certificates; warnings: string[] }> {
  const { certFile, keyFile } = options;
  const file = await readPemFile(certFile, "certificate");
  refuseTrusted(file);
  try {
    const chain = certificatesOf(file);
    return { chain, warnings: holdsKey(file) && certFile !== keyFile ? checkExposure(file, options) : [] };
  } catch (error) {
    await refuseSwapped(file, keyFile);
    refuseKind(file);
    throw error;
  }
}

/**
 * Loads a certificate chain with its private key, and checks all that can be checked before it is served: that the
 * files hold them, belong together, are in order, lead to a root, are valid now, and are what clients take.
 *
 * @throws CertificateError whose code says what is wrong, and whose message names the file and what was found.
 * @throws FileError when a file can't be read or is no file.
 */
export async function loadIdentity(options: LoadIdentityOptions): Promise<LoadedIdentity> {
  const { certFile, keyFile, now, hosts = [], trust } = options;
  const { chain, warnings: beside } = await readChain(options);
  const { key, warnings } = await readPrivateKey(keyFile, options);
  checkKey(chain, key, certFile, keyFile);
  checkOrder(chain, certFile);
  checkDates(chain, certFile, now);
  checkStrength(chain, certFile);
  await checkPurposes(chain, certFile);
  checkHosts(chain, certFile, hosts);
  const leaf = summariseLeaf(chain[0]);
  const identity = {
    certificateChain: chain.map((certificate) => certificate.toString()).join(""),
    privateKey: exportPrivateKey(key),
    leaf,
  };
  const end = checkEnd(chain, certFile, trust, now);
  return { identity, warnings: [...beside, ...warnings, ...end, ...warningsOf(chain, leaf, certFile, now)] };
}
