import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CertificateError, FileError, systemCodeOf } from "../../errors.ts";
import { systemReason } from "../../safe-file.ts";
import { type LeafKind, leafFolder, privateCaFiles } from "./private-ca-files.ts";

/** A leaf by what its folder is called. */
export interface FoundLeaf {
  kind: LeafKind;
  /** The folder's name. */
  name: string;
}

async function foldersIn(directory: string, kind: LeafKind): Promise<string[]> {
  const folder = privateCaFiles(directory).leaves[kind];
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
    const folders = await Promise.all(
      names.map(async (name) => {
        const status = await stat(join(folder, name)).catch(() => undefined);
        return status?.isDirectory() ? [name] : [];
      }),
    );
    return folders.flat().sort();
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(cause) ?? "")) return [];
    throw new FileError(`${folder} can't be read: ${systemReason(cause)}`, {
      hint: `Make ${folder} readable for this user.`,
      cause,
    });
  }
}

/**
 * The leaves of a CA, servers' first; a link to a folder counts as one.
 *
 * @throws FileError when a folder can't be read.
 */
export async function listLeaves(directory: string): Promise<FoundLeaf[]> {
  const kinds = ["server", "client"] as const;
  const leaves = kinds.map(async (kind) => (await foldersIn(directory, kind)).map((name) => ({ kind, name })));
  return (await Promise.all(leaves)).flat();
}

/**
 * The leaves that are called so: by the name of their folder or else by the host or client that they are for. A server and
 * a client may have the same name.
 *
 * @param wanted - Leaves of the other kind are passed over.
 * @throws CertificateError CERTIFICATE_NOT_FOUND when there is none.
 * @throws FileError when a folder can't be read.
 */
export async function findLeaves(
  directory: string,
  called: string,
  wanted?: LeafKind,
): Promise<[FoundLeaf, ...FoundLeaf[]]> {
  const leaves = (await listLeaves(directory)).filter(({ kind }) => wanted === undefined || kind === wanted);
  const find = (kind: LeafKind) => {
    const ofKind = leaves.filter((leaf) => leaf.kind === kind);
    return ofKind.find(({ name }) => name === called) ?? ofKind.find(({ name }) => name === leafFolder(kind, called));
  };
  const [first, ...others] = [find("server"), find("client")].filter((leaf) => leaf !== undefined);
  if (first) return [first, ...others];
  throw new CertificateError(
    "CERTIFICATE_NOT_FOUND",
    `The CA in ${directory} has no certificate called ${JSON.stringify(called)}`,
    { hint: "`vibectl-server ca status` lists the certificates by name." },
  );
}
