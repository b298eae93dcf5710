import type { Certificates } from "./certificate-file.ts";
import { readCertificates, summariseLeaf } from "./certificate-file.ts";
import {
  type ClientTrust,
  checkDates,
  checkEnd,
  checkHosts,
  checkKey,
  checkOrder,
  checkPurposes,
  checkStrength,
  formatTime,
} from "./chain-checks.ts";
import type { Identity, LeafSummary } from "./identity.ts";
import { type KeyAccess, readPrivateKey } from "./key-file.ts";
import { exportPrivateKey } from "./keys.ts";
import type { PairFiles } from "./pair-files.ts";

/** What to load, and what it is wanted for. */
export interface LoadIdentityOptions extends PairFiles, KeyAccess {
  now: Date;
  /** Names that clients are known to dial: the leaf has to cover them. */
  hosts?: readonly string[] | undefined;
  /** What clients trust, where it is known: the chain has to lead to it. */
  trust?: ClientTrust | undefined;
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

function formatSpan(ms: number): string {
  const [count, unit] = ms >= 2 * dayMs ? [ms / dayMs, "days"] : [ms / 3_600_000, "hours"];
  return `${Math.floor(count)} ${unit}`;
}

function warningsOf([certificate]: Certificates, leaf: LeafSummary, certFile: string, now: Date): string[] {
  const warnings: string[] = [];
  if (leaf.hosts.length === 0) {
    warnings.push(
      `The certificate in ${certFile} names no host (it has no subject alternative name): clients refuse it`,
    );
  }
  if (certificate.ca) {
    warnings.push(`The certificate in ${certFile} is a CA's own: strict clients don't take it as a server's`);
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
 * files hold them, belong together, are in order, lead to a root, are valid now, and are what clients take.
 *
 * @throws CertificateError whose code says what is wrong, and whose message names the file and what was found.
 * @throws FileError when a file can't be read or is no file.
 */
export async function loadIdentity(options: LoadIdentityOptions): Promise<LoadedIdentity> {
  const { certFile, keyFile, now, hosts = [], trust } = options;
  const chain = await readCertificates(certFile);
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
  const end = checkEnd(chain, certFile, trust);
  return { identity, warnings: [...warnings, ...end, ...warningsOf(chain, leaf, certFile, now)] };
}
