import { CertificateError } from "../errors.ts";
import { removeFile, writeFileAtomically } from "../safe-file.ts";
import { isIssuedBy, readCertificates, summariseLeaf } from "./certificate-file.ts";
import {
  type DevelopmentCa,
  ensureDevelopmentCa,
  publicKeyOf,
  readDevelopmentCa,
  signingKeyOf,
} from "./development-ca.ts";
import { developmentFiles, forceHint, publicMode, secretMode } from "./development-files.ts";
import { type HostName, parseHostNames } from "./host-names.ts";
import { readPrivateKey } from "./key-file.ts";
import { generatePrivateKey, type RandomSource } from "./keys.ts";
import { type LoadedIdentity, loadIdentity } from "./load-identity.ts";
import { profiles } from "./profile.ts";

/** Where a development leaf and its key lie, and what they are made from. */
export interface PairContext {
  /** The certificate folder, which holds the CA. */
  directory: string;
  certFile: string;
  keyFile: string;
  authorityName: string;
  now: Date;
  random: RandomSource;
  /** Whether what this server did not make, and what can't be used, may be replaced. */
  force: boolean;
}

/** What lies at the pair's place. */
export interface FoundPair {
  /** Whose the certificate is; `ours` was signed by the development CA's key. */
  certificate: "absent" | "ours" | "foreign";
  /** The names in it, where it is ours. */
  hosts: readonly string[];
  key: "absent" | "usable" | "unusable";
}

/** How often a pair is signed again when another process changes its key meanwhile. */
const mostAttempts = 5;

/** The way out when a pair is not ours: it names the files where they are not the usual ones. */
export function replaceHint({ directory, certFile, keyFile }: PairContext): string {
  const usual = developmentFiles(directory);
  const isUsual = certFile === usual.certFile && keyFile === usual.keyFile;
  return forceHint(isUsual ? "" : ` --cert-file ${certFile} --key-file ${keyFile}`);
}

/** The same error, with that way out. */
export function withReplaceHint(error: unknown, context: PairContext): unknown {
  if (!(error instanceof CertificateError)) return error;
  return new CertificateError(error.code, error.message, { hint: replaceHint(context), cause: error });
}

/** Reads a file of which it is no error that it isn't there, nor with `force` that it can't be used. */
async function attempt<Value>(
  read: () => Promise<Value>,
  context: PairContext,
): Promise<{ state: "absent" | "unusable"; value?: undefined } | { state: "usable"; value: Value }> {
  try {
    return { state: "usable", value: await read() };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    if (error.code === "CERTIFICATE_NOT_FOUND" || error.code === "KEY_NOT_FOUND") return { state: "absent" };
    if (context.force) return { state: "unusable" };
    throw withReplaceHint(error, context);
  }
}

/**
 * Looks at what lies at a pair's place, and changes nothing.
 *
 * @throws CertificateError when a file is there and can't be used; not with `force`.
 * @throws FileError when a file can't be read.
 */
export async function findPair(context: PairContext): Promise<FoundPair> {
  const chain = await attempt(() => readCertificates(context.certFile), context);
  const { state: key } = await attempt(() => readPrivateKey(context.keyFile), context);
  if (chain.state === "absent") return { certificate: "absent", hosts: [], key };
  const { value: ca } = await attempt(() => readDevelopmentCa(context.directory), context);
  const leaf = chain.value?.[0];
  if (!leaf || !ca || !isIssuedBy(leaf, ca.certificate)) return { certificate: "foreign", hosts: [], key };
  return { certificate: "ours", hosts: summariseLeaf(leaf).hosts, key };
}

/** A new key goes to disk only when no certificate is there that it would contradict. */
async function prepareKey({ certFile, keyFile }: PairContext, found: FoundPair): Promise<void> {
  if (found.key === "usable" && found.certificate !== "foreign") return;
  if (found.certificate !== "absent") await removeFile(certFile);
  const options = { mode: secretMode, clobber: found.key !== "absent" };
  await writeFileAtomically(keyFile, await generatePrivateKey(), options);
}

async function signLeaf(ca: DevelopmentCa, names: readonly HostName[], context: PairContext): Promise<string> {
  const { issueCertificate } = await import("./certificate.ts");
  const { key } = await readPrivateKey(context.keyFile);
  return await issueCertificate({
    profile: profiles.developmentLeaf,
    commonName: names.find(({ value }) => value.length <= 64)?.value,
    names,
    publicKey: publicKeyOf(key),
    signingKey: await signingKeyOf(ca.key),
    issuer: ca.certificate.raw,
    now: context.now,
    random: context.random,
  });
}

/** Whether another process has changed the pair between our writing and our reading. */
function isOutOfStep(error: unknown): boolean {
  return (
    error instanceof CertificateError && ["KEY_MISMATCH", "CERTIFICATE_NOT_FOUND", "KEY_NOT_FOUND"].includes(error.code)
  );
}

/**
 * Issues a leaf for the key at its place, or for a new one. Whatever is killed when, key and certificate on disk belong
 * together or one of them is absent.
 *
 * @param found - What lies there, by {@link findPair}.
 * @param hosts - The names of the leaf; the first that fits is its common name.
 * @throws CertificateError HOST_NAME_INVALID for a name that is none, or what {@link ensureDevelopmentCa} throws.
 * @throws FileError when a file can't be read or written.
 */
export async function issuePair(
  context: PairContext,
  found: FoundPair,
  hosts: readonly string[],
): Promise<LoadedIdentity> {
  const names = parseHostNames(hosts);
  const ca = await ensureDevelopmentCa(context);
  await prepareKey(context, found);
  for (let attempts = 1; ; attempts++) {
    const certificate = await signLeaf(ca, names, context);
    await writeFileAtomically(context.certFile, certificate, { mode: publicMode, clobber: true });
    try {
      const { identity, warnings } = await loadIdentity(context);
      return { identity, warnings: [...ca.warnings, ...warnings] };
    } catch (error) {
      if (attempts === mostAttempts || !isOutOfStep(error)) throw error;
    }
  }
}
