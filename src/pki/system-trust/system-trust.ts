import { CertificateError, FileError } from "../../errors.ts";
import { isIssuedBy, issuerOf, readCertificates } from "../files/certificate-file.ts";
import { folderEntry } from "./folder-trust.ts";
import { keychainEntry } from "./keychain-trust.ts";
import { type RunCommand, runCommand } from "./run-command.ts";
import { findSystemStore, placeOf, type SystemStoreOptions, systemStores } from "./system-store.ts";
import type { RootFile, TrustEntry } from "./trust-entry.ts";

/** The machine whose store is changed, and who does it. */
export interface SystemTrustOptions extends SystemStoreOptions {
  /** By default the system's own programs are run. */
  run?: RunCommand | undefined;
  /** The command line that does the same as administrator. Undefined where this process already may do everything. */
  asAdministrator: string | undefined;
}

/** What came of a change. */
export interface TrustChange<Outcome extends string> {
  outcome: Outcome;
  /** The file in the store's folder, or the keychain. */
  place: string;
}

/**
 * Reads a file with the one certificate to trust.
 *
 * @throws CertificateError when it is missing or holds no usable certificate, or several.
 * @throws FileError when it can't be read.
 */
export async function readRootFile(file: string): Promise<RootFile> {
  const [certificate, ...others] = await readCertificates(file);
  if (others.length === 0) return { file, certificate };
  throw new CertificateError("CERTIFICATE_MALFORMED", `${file} holds ${others.length + 1} certificates`, {
    hint: "Name a file with the root certificate alone: each is trusted by itself.",
  });
}

function findEntry(rootFile: RootFile, options: SystemTrustOptions): TrustEntry | undefined {
  const { root = "/", run = runCommand, asAdministrator } = options;
  const store = findSystemStore(options);
  const context = { ...rootFile, root, run, asAdministrator };
  if (store === undefined) return undefined;
  return store.kind === "folder" ? folderEntry(store, context) : keychainEntry(store, context);
}

function requireEntry(rootFile: RootFile, options: SystemTrustOptions): TrustEntry {
  const entry = findEntry(rootFile, options);
  if (entry) return entry;
  const known = systemStores.map((store) => `${store.systems} (${placeOf(store)})`).join(", ");
  throw new FileError(`This system has none of the trust stores that are known: ${known}`, {
    hint:
      `Import ${rootFile.file} by hand, or name it to each client in VIBECTL_CA_BUNDLE. ` +
      "On Debian, Ubuntu and Alpine the package ca-certificates brings the store.",
  });
}

/** Whoever has the key of a trusted root can pretend to be any server: only what is meant as a root becomes one. */
function refuseOtherThanRoot({ file, certificate }: RootFile): void {
  const found = !certificate.ca
    ? "is no CA's: it is a server's or a client's"
    : isIssuedBy(certificate, certificate)
      ? undefined
      : `is no root: ${issuerOf(certificate)} issued it`;
  if (found === undefined) return;
  throw new CertificateError("CERTIFICATE_PURPOSE_WRONG", `The certificate in ${file} ${found}`, {
    hint: "Name the self-signed certificate of the CA; the development CA's is ca-bundle.crt.",
  });
}

/** Whether the system trusts a certificate because it was put into the store. */
export async function isInSystemTrust(rootFile: RootFile, options: SystemTrustOptions): Promise<boolean> {
  return (await findEntry(rootFile, options)?.isTrusted()) ?? false;
}

/**
 * Puts a root certificate into the system's store, so that all its programs trust what its CA issues.
 *
 * @returns `present` when the system trusted it already, and nothing was done.
 * @throws CertificateError CERTIFICATE_PURPOSE_WRONG when the certificate is not the self-signed one of a CA.
 * @throws FileError when there is no known store, or it can't be changed; it is then left as it was.
 */
export async function addToSystemTrust(
  rootFile: RootFile,
  options: SystemTrustOptions,
): Promise<TrustChange<"added" | "present">> {
  refuseOtherThanRoot(rootFile);
  const entry = requireEntry(rootFile, options);
  if (await entry.isTrusted()) return { outcome: "present", place: entry.place };
  await entry.add();
  return { outcome: "added", place: entry.place };
}

/**
 * Takes a certificate out of the system's store: this one, whatever others of the same name are in it.
 *
 * @returns `absent` when it was not there, and nothing was done.
 * @throws FileError when there is no known store, it can't be changed, or the system trusts the certificate still.
 */
export async function removeFromSystemTrust(
  rootFile: RootFile,
  options: SystemTrustOptions,
): Promise<TrustChange<"removed" | "absent">> {
  const entry = requireEntry(rootFile, options);
  return { outcome: (await entry.remove()) ? "removed" : "absent", place: entry.place };
}
