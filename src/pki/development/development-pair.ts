import type { KeyObject } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { hostsOf, isIssuedBy, readCertificates } from "../files/certificate-file.ts";
import { type KeyAccess, readPrivateKey } from "../files/key-file.ts";
import { type PairFiles, writePair } from "../files/pair-files.ts";
import { type HostName, parseHostNames } from "../host-names.ts";
import { type LoadedIdentity, loadIdentity } from "../identity/load-identity.ts";
import type { Issuer } from "../issuing/certificate.ts";
import {
  describeKey,
  exportPrivateKey,
  generatePrivateKey,
  type KeyType,
  keyTypeOf,
  kindWarnings,
  type RandomSource,
} from "../issuing/keys.ts";
import { profiles } from "../issuing/profile.ts";
import { ensureDevelopmentCa, readDevelopmentCa } from "./development-ca.ts";
import { developmentFiles, forceHint } from "./development-files.ts";

/** Where a development leaf and its key lie, and what they are made from. */
export interface PairContext extends PairFiles, KeyAccess {
  /** The certificate folder, which holds the CA. */
  directory: string;
  authorityName: string;
  mayCreateAuthority: boolean;
  /** The kind of key that is wanted; undefined leaves a key that is there, and makes an ECDSA P-256 one where none is. */
  keyType: KeyType | undefined;
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
  /** The key; undefined when it is absent or can't be used. */
  key: KeyObject | undefined;
}

/** The way out when a pair is not ours: it names the files where they are not the usual ones. */
export function replaceHint({ directory, certFile, keyFile }: PairContext): string {
  const usual = developmentFiles(directory);
  const isUsual = certFile === usual.certFile && keyFile === usual.keyFile;
  return forceHint(isUsual ? "" : ` --cert-file ${certFile} --key-file ${keyFile}`);
}

/** The same error, with that way out. A key that others can read is to be protected, not replaced. */
export function withReplaceHint(error: unknown, context: PairContext): unknown {
  if (!(error instanceof CertificateError) || error.code === "KEY_EXPOSED") return error;
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
    if (context.force && error.code !== "KEY_EXPOSED") return { state: "unusable" };
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
  const { value } = await attempt(() => readPrivateKey(context.keyFile, context), context);
  const key = value?.key;
  if (chain.state === "absent") return { certificate: "absent", hosts: [], key };
  const { value: ca } = await attempt(() => readDevelopmentCa(context.directory, context), context);
  const leaf = chain.value?.[0];
  if (!leaf || !ca || !isIssuedBy(leaf, ca.certificate)) return { certificate: "foreign", hosts: [], key };
  return { certificate: "ours", hosts: hostsOf(leaf), key };
}

/** What a development leaf is made from. */
export interface DevelopmentLeaf {
  key: KeyObject;
  names: readonly HostName[];
  now: Date;
  random: RandomSource;
}

/**
 * Issues a development leaf; the first of its names that fits is its common name.
 *
 * @returns The certificate in PEM.
 */
export async function signDevelopmentLeaf(issuer: Issuer, { names, ...leaf }: DevelopmentLeaf): Promise<string> {
  const { issueCertificate } = await import("../issuing/certificate.ts");
  const commonName = names.find(({ value }) => value.length <= 64)?.value;
  return await issueCertificate({ profile: profiles.developmentLeaf, subject: { commonName }, names, issuer, ...leaf });
}

/** The key of a leaf, and whether it is the one that is there: that stays as it is. */
interface ChosenKey {
  key: KeyObject;
  kept: boolean;
}

/** A key that waits for its certificate may be the only one of its kind: it is used, and never replaced unasked. */
async function keyFor(context: PairContext, { certificate, key }: FoundPair): Promise<ChosenKey> {
  const { keyFile, keyType, force } = context;
  const fits = key && [undefined, keyTypeOf(key)].includes(keyType);
  if (fits && certificate !== "foreign") return { key, kept: true };
  if (key && certificate === "absent" && !force) {
    const found = `${keyFile} holds a key of the kind ${describeKey(key)}, and no certificate belongs to it`;
    throw new CertificateError("KEY_EXISTS", found, {
      hint: `Leave --key-type out to use it. ${replaceHint(context)}`,
    });
  }
  return { key: await generatePrivateKey(keyType ?? "p256"), kept: false };
}

/**
 * Issues a leaf for the key at its place, or for a new one. Whatever is killed when, key and certificate on disk belong
 * together or are both absent. The caller holds the folder's lock.
 *
 * @param found - What lies there, by {@link findPair}.
 * @param hosts - The names of the leaf.
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
  const { key, kept } = await keyFor(context, found);
  const certificate = await signDevelopmentLeaf(ca, { key, names, now: context.now, random: context.random });
  await writePair(context, { certificate, key: kept ? undefined : exportPrivateKey(key) });
  const trust = { certificates: [ca.certificate], source: developmentFiles(context.directory).bundleFile };
  const { identity, warnings } = await loadIdentity({ ...context, trust });
  return { identity, warnings: [...ca.warnings, ...kindWarnings(key, ca.key), ...warnings] };
}
