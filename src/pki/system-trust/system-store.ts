import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/** A folder for the administrator's root certificates, from which a command makes the files that programs read. */
export interface FolderStore {
  kind: "folder";
  /** Whose it is, for a person. */
  systems: string;
  /** Below the file system's root. */
  folder: string;
  /** The file with every trusted certificate, PEM, below the file system's root. The command makes it. */
  bundle: string;
  /** Takes up what was added to the folder. */
  add: readonly [string, ...string[]];
  /** Forgets what was removed from the folder. */
  remove: readonly [string, ...string[]];
}

/** A keychain of macOS. */
export interface KeychainStore {
  kind: "keychain";
  /** Whose it is, for a person. */
  systems: string;
  keychain: string;
}

/** Where a system keeps the root certificates that all its programs trust. */
export type SystemStore = FolderStore | KeychainStore;

/** The stores that are known, the more particular folder first. */
export const systemStores: readonly SystemStore[] = [
  { kind: "keychain", systems: "macOS", keychain: "/Library/Keychains/System.keychain" },
  {
    kind: "folder",
    systems: "Fedora and RHEL",
    folder: "etc/pki/ca-trust/source/anchors",
    bundle: "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    add: ["update-ca-trust", "extract"],
    remove: ["update-ca-trust", "extract"],
  },
  {
    kind: "folder",
    systems: "openSUSE",
    folder: "etc/pki/trust/anchors",
    bundle: "var/lib/ca-certificates/ca-bundle.pem",
    add: ["update-ca-certificates"],
    remove: ["update-ca-certificates"],
  },
  {
    kind: "folder",
    systems: "Arch",
    folder: "etc/ca-certificates/trust-source/anchors",
    bundle: "etc/ca-certificates/extracted/tls-ca-bundle.pem",
    add: ["update-ca-trust"],
    remove: ["update-ca-trust"],
  },
  {
    kind: "folder",
    systems: "Debian, Ubuntu and Alpine",
    folder: "usr/local/share/ca-certificates",
    bundle: "etc/ssl/certs/ca-certificates.crt",
    add: ["update-ca-certificates"],
    // Without the flag, Debian leaves the links to the removed file. Alpine heeds no flag.
    remove: ["update-ca-certificates", "--fresh"],
  },
];

/** The machine whose store is looked for. */
export interface SystemStoreOptions {
  /** As Node names it; by default this machine's. */
  platform?: NodeJS.Platform | undefined;
  /** The folder that is the file system's root; by default `/`. */
  root?: string | undefined;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * Finds the system's store of trusted root certificates. On Linux its folder tells it.
 *
 * @returns Undefined where there is none that is known.
 */
export function findSystemStore(options: SystemStoreOptions = {}): SystemStore | undefined {
  const { platform = process.platform, root = "/" } = options;
  if (platform === "darwin") return systemStores.find(({ kind }) => kind === "keychain");
  if (platform !== "linux") return undefined;
  return systemStores.find((store) => store.kind === "folder" && isFolder(join(root, store.folder)));
}

/** Where the certificates of a store lie, for a person. */
export function placeOf(store: SystemStore, root = "/"): string {
  return store.kind === "keychain" ? store.keychain : join(root, store.folder);
}
