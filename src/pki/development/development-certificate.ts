import { resolve } from "node:path";
import { CertificateError, ConfigurationError, FileError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { isIssuedBy, readCertificates } from "../files/certificate-file.ts";
import type { KeyAccess } from "../files/key-file.ts";
import { coversHost, isHostName, isUnspecifiedAddress, parseHostNames } from "../host-names.ts";
import type { Identity } from "../identity/identity.ts";
import { type LoadedIdentity, type LoadIdentityOptions, loadIdentity } from "../identity/load-identity.ts";
import { type KeyType, type RandomSource, systemRandom } from "../issuing/keys.ts";
import { isDue } from "../validity.ts";
import { developmentAuthorityName } from "./authority-name.ts";
import { publishBundle, readBundle, stateOf } from "./development-bundle.ts";
import { readDevelopmentCa } from "./development-ca.ts";
import { developmentFiles } from "./development-files.ts";
import {
  type FoundPair,
  findPair,
  issuePair,
  type PairContext,
  replaceHint,
  withReplaceHint,
} from "./development-pair.ts";

/** What a development certificate is wanted for, and where it is kept. */
export interface DevelopmentCertificateOptions extends KeyAccess {
  /** The certificate folder, which also holds the development CA and its bundle. */
  directory: string;
  /** The leaf; by default `server.crt` in the folder. */
  certFile?: string | undefined;
  /** The leaf's key; by default `server.key` in the folder. */
  keyFile?: string | undefined;
  /** Names that the certificate must cover. The unspecified addresses are left out: no client dials them. */
  hosts: readonly string[];
  /** Names that a new certificate covers too, where they are host names, and that alone are no reason to make one. */
  likelyHosts?: readonly string[] | undefined;
  /** The common name of a new CA; by default it tells the user and the machine. */
  authorityName?: string | undefined;
  /** Whether a development CA may be made where there is none; it may unless given. */
  mayCreateAuthority?: boolean | undefined;
  /** The kind of a new key; by default that of the key that is there, or ECDSA P-256. */
  keyType?: KeyType | undefined;
  now: Date;
  /** By default the system's random bytes. */
  random?: RandomSource | undefined;
}

/** A certificate that can be served, and how it came to be. */
export interface DevelopmentCertificate {
  /** `reissued` replaced a certificate; `issued` had none to replace. */
  outcome: "kept" | "issued" | "reissued";
  identity: Identity;
  /** Whether the development CA issued it. */
  issuedHere: boolean;
  certFile: string;
  keyFile: string;
  /** What clients trust; undefined where it isn't known, which is only so for a certificate not issued here. */
  bundleFile: string | undefined;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** Every development certificate covers this machine. */
const localHosts = ["localhost", "127.0.0.1", "::1"];

/** What is written for one of them must not be another of them. */
function requireDistinct(paths: readonly string[]): void {
  const twice = paths.find((path, index) => paths.findIndex((other) => resolve(other) === resolve(path)) < index);
  if (twice === undefined) return;
  throw new ConfigurationError(`${twice} can't be two files at once`, {
    hint: "Name a file of its own for the certificate and one for its key, beside those of the development CA.",
  });
}

function contextOf(options: DevelopmentCertificateOptions, force: boolean): PairContext {
  const { directory, now } = options;
  const files = developmentFiles(directory);
  const certFile = options.certFile ?? files.certFile;
  const keyFile = options.keyFile ?? files.keyFile;
  requireDistinct([files.authorityFile, files.bundleFile, certFile, keyFile]);
  return {
    directory,
    certFile,
    keyFile,
    mayCreateAuthority: options.mayCreateAuthority ?? true,
    authorityName: options.authorityName ?? developmentAuthorityName(),
    keyType: options.keyType,
    passphrase: options.passphrase,
    allowLoosePermissions: options.allowLoosePermissions,
    now,
    random: options.random ?? systemRandom,
    force,
  };
}

/** The hosts that can be dialled, checked and normalised. */
export function dialledHosts(hosts: readonly string[]): string[] {
  return parseHostNames(hosts.filter((host) => !isUnspecifiedAddress(host))).map(({ value }) => value);
}

/** The names of a new certificate beside the wanted ones: likely ones, and this machine's own. */
export function furtherHosts(likelyHosts: readonly string[] = []): string[] {
  return [...likelyHosts.filter((host) => isHostName(host) && !isUnspecifiedAddress(host)), ...localHosts];
}

async function issue(
  context: PairContext,
  found: FoundPair,
  hosts: readonly string[],
): Promise<DevelopmentCertificate> {
  const { certFile, keyFile, directory } = context;
  return {
    ...(await issuePair(context, found, hosts)),
    outcome: found.certificate === "absent" ? "issued" : "reissued",
    issuedHere: true,
    certFile,
    keyFile,
    bundleFile: developmentFiles(directory).bundleFile,
  };
}

/** The file whose certificate ends the chain: the bundle, or the file itself when its last certificate is a root. */
async function findTrustRoot({ certFile, directory }: PairContext): Promise<string | undefined> {
  const last = (await readCertificates(certFile)).at(-1);
  if (!last) return undefined;
  const bundle = await readBundle(developmentFiles(directory).bundleFile);
  if (bundle.certificates?.some((root) => isIssuedBy(last, root))) return bundle.path;
  return isIssuedBy(last, last) ? certFile : undefined;
}

async function keepForeign(context: PairContext, hosts: readonly string[]): Promise<DevelopmentCertificate> {
  const { certFile, keyFile } = context;
  const { identity, warnings } = await loadIdentity({ ...context, hosts }).catch((error) => {
    throw withReplaceHint(error, context);
  });
  const bundleFile = await findTrustRoot(context);
  return { outcome: "kept", identity, issuedHere: false, certFile, keyFile, bundleFile, warnings };
}

/** What is wrong with a certificate of ours that a new one mends. */
export const reissuedFor: readonly string[] = [
  "CERTIFICATE_EXPIRED",
  "CERTIFICATE_NOT_YET_VALID",
  "CERTIFICATE_CHAIN_BROKEN",
  "CERTIFICATE_CHAIN_INCOMPLETE",
  "KEY_MISMATCH",
];

/** Our pair, or undefined when a new certificate mends what is wrong with it. */
async function loadOwn(options: LoadIdentityOptions): Promise<LoadedIdentity | undefined> {
  try {
    return await loadIdentity(options);
  } catch (error) {
    if (error instanceof CertificateError && reissuedFor.includes(error.code)) return undefined;
    throw error;
  }
}

/** Our pair with all that belongs to it, unless something of it has to be written. */
async function keepOwn(
  context: PairContext,
  found: FoundPair,
  hosts: readonly string[],
): Promise<DevelopmentCertificate | undefined> {
  const { certFile, keyFile, directory, now } = context;
  const ca = await readDevelopmentCa(directory, context);
  if (!ca || !found.key) return undefined;
  const { bundleFile } = developmentFiles(directory);
  const trust = { certificates: [ca.certificate], source: bundleFile };
  const loaded = await loadOwn({ ...context, trust });
  if (!loaded || isDue(loaded.identity.leaf, ca.certificate.validToDate, now)) return undefined;
  if (!hosts.every((host) => coversHost(loaded.identity.leaf.hosts, host))) return undefined;
  if (stateOf(await readBundle(bundleFile), ca.certificate) !== "current") return undefined;
  const warnings = [...ca.warnings, ...loaded.warnings];
  return { outcome: "kept", identity: loaded.identity, issuedHere: true, certFile, keyFile, bundleFile, warnings };
}

/** What is there and can be used, found without writing anything. */
async function findUsable(context: PairContext, hosts: readonly string[], seen?: FoundPair) {
  const found = seen ?? (await findPair(context));
  if (found.certificate === "foreign") return await keepForeign(context, hosts);
  return found.certificate === "ours" ? await keepOwn(context, found, hosts) : undefined;
}

/**
 * Gives a certificate to serve: the one that is there when it can be used and covers the hosts, otherwise a new one
 * from the development CA, which is made when there is none. A certificate that this CA did not issue is used or
 * refused, never replaced. A new one keeps the names of the one it replaces, and its key. A folder that can only be read
 * is good enough while nothing has to be written; of several processes that would write, one does.
 *
 * @throws CertificateError CERTIFICATE_FOREIGN, or the code of what is wrong, when a certificate is there that can be
 * neither used nor replaced; HOST_NAME_INVALID for a host that is none.
 * @throws FileError when a file can't be read or written.
 */
export async function ensureDevelopmentCertificate(
  options: DevelopmentCertificateOptions,
): Promise<DevelopmentCertificate> {
  const context = contextOf(options, false);
  const hosts = dialledHosts(options.hosts);
  let problem: unknown;
  const usable = await findUsable(context, hosts).catch((error) => {
    if (!(error instanceof CertificateError)) throw error;
    problem = error;
  });
  if (usable) return usable;
  try {
    return await withFolderLock(options, async () => await ensureLocked(context, hosts, options));
  } catch (error) {
    // What is wrong with the certificate matters more than that the folder can't be locked.
    throw error instanceof FileError && problem ? problem : error;
  }
}

/** Another process may have been in the middle of writing before the lock was had: all is looked at again. */
async function ensureLocked(
  context: PairContext,
  hosts: readonly string[],
  { likelyHosts }: DevelopmentCertificateOptions,
): Promise<DevelopmentCertificate> {
  const found = await findPair(context);
  const ca = found.certificate === "ours" ? await readDevelopmentCa(context.directory, context) : undefined;
  if (ca) await publishBundle(developmentFiles(context.directory).bundleFile, ca.certificate, { force: false });
  const usable = await findUsable(context, hosts, found);
  return usable ?? (await issue(context, found, [...found.hosts, ...hosts, ...furtherHosts(likelyHosts)]));
}

/**
 * Issues a new certificate from the development CA for the hosts, and for this machine's local names.
 *
 * @param options - `force` also replaces a certificate, key or bundle that this server did not make or that can't be
 * used, and renews a CA that is near its end.
 * @throws CertificateError CERTIFICATE_FOREIGN when a certificate or bundle is there that the CA did not issue, or the
 * code of what is wrong with a file; HOST_NAME_INVALID for a host that is none.
 * @throws FileError when a file can't be read or written.
 */
export async function issueDevelopmentCertificate(
  options: DevelopmentCertificateOptions & { force: boolean },
): Promise<DevelopmentCertificate> {
  const context = contextOf(options, options.force);
  const hosts = dialledHosts(options.hosts);
  return await withFolderLock(options, async () => {
    const found = await findPair(context);
    if (found.certificate === "foreign" && !options.force) {
      const message = `This server did not issue the certificate in ${context.certFile}`;
      throw new CertificateError("CERTIFICATE_FOREIGN", message, { hint: replaceHint(context) });
    }
    return await issue(context, found, [...hosts, ...furtherHosts(options.likelyHosts)]);
  });
}
