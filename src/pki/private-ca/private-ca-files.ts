import { createHash } from "node:crypto";
import { join } from "node:path";
import { CertificateError } from "../../errors.ts";
import type { PairFiles } from "../files/pair-files.ts";
import { isHostName, parseHostName } from "../host-names.ts";

/** The kinds of leaf that a private CA issues. */
export type LeafKind = "server" | "client";

/** The files of a CA folder, as the Python server lays them out. */
export interface PrivateCaFiles {
  root: PairFiles;
  intermediate: PairFiles;
  /** The root's certificate, PEM: what clients trust. */
  bundleFile: string;
  /** What the intermediate has revoked: its list, and its certificate; PEM. */
  crlFile: string;
  /** The folder of what was revoked. */
  revoked: string;
  /** The folders of the leaves, each of which has a folder of its own there. */
  leaves: Readonly<Record<LeafKind, string>>;
}

function pairIn(folder: string, name: string): PairFiles {
  return { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
}

/** The names that users of the Python server know. */
export function privateCaFiles(directory: string): PrivateCaFiles {
  return {
    root: pairIn(join(directory, "root"), "ca"),
    intermediate: pairIn(join(directory, "intermediate"), "ca"),
    bundleFile: join(directory, "ca-bundle.crt"),
    crlFile: join(directory, "crl.pem"),
    revoked: join(directory, "revoked"),
    leaves: { server: join(directory, "server_certs"), client: join(directory, "client_certs") },
  };
}

/** Leaves room for what temporary files are called by, in 255 bytes. */
const longestFileName = 200;

/** Characters that mean something to a shell or to a file system stand for others. */
function serverFileName(host: string): string {
  const name = parseHostName(host).value.replace("*", "_wildcard").replaceAll(":", "-");
  if (name.length <= longestFileName) return name;
  return `${name.slice(0, longestFileName - 9)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

function isClientName(name: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._@+ -]{0,63}$/u.test(name) && !/[. ]$/.test(name);
}

function clientFileName(name: string): string {
  if (isClientName(name)) return name;
  throw new CertificateError("SUBJECT_INVALID", `${JSON.stringify(name)} can't be a client's name`, {
    hint: "Use 1 to 64 letters, digits and . _ @ + -, beginning with a letter or digit.",
  });
}

/**
 * What the folder of a leaf is called.
 *
 * @param name - A host for a server's, a client's name for a client's.
 * @returns Undefined for a name that can't be one.
 */
export function leafFolder(kind: LeafKind, name: string): string | undefined {
  if (kind === "server") return isHostName(name) ? serverFileName(name) : undefined;
  return isClientName(name) ? name : undefined;
}

/**
 * Where the leaf lies whose folder has that name.
 *
 * @param folder - As `readdir` gives it.
 */
export function leafFilesIn(directory: string, kind: LeafKind, folder: string): PairFiles {
  return pairIn(join(privateCaFiles(directory).leaves[kind], folder), folder);
}

/**
 * Where a leaf lies.
 *
 * @param name - A host for a server's, a client's name for a client's.
 * @throws CertificateError HOST_NAME_INVALID or SUBJECT_INVALID for a name that can't be one.
 */
export function leafFiles(directory: string, kind: LeafKind, name: string): PairFiles {
  return leafFilesIn(directory, kind, kind === "server" ? serverFileName(name) : clientFileName(name));
}
