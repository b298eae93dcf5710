import { lstat, mkdir, readdir, readFile, readlink, rename, rm, rmdir, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCodeOf } from "../../errors.ts";
import {
  removeFile,
  syncFolder,
  temporaryName,
  temporaryPath,
  writeError,
  writeFileAtomically,
} from "../../safe-file.ts";

/** Where a certificate and its key lie. */
export interface PairFiles {
  /** PEM: the leaf first, then its intermediates. */
  certFile: string;
  /** PEM: the leaf's private key. */
  keyFile: string;
}

/** What is to lie there. */
export interface PairText {
  certificate: string;
  key: string;
}

/** What to write; without a key, the one that is there stays untouched. */
export interface PairUpdate {
  certificate: string;
  key: string | undefined;
}

/** Permissions of a file that everybody may read. */
export const publicMode = 0o644;

/** Permissions of a file with a private key. */
export const secretMode = 0o600;

const folderMode = 0o700;
const live = "live";

/** The folder of a pair's versions, such as `.server.crt.d` beside `server.crt` and `server.key`. */
function storeOf({ certFile }: PairFiles): string {
  return join(dirname(certFile), `.${basename(certFile)}.d`);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function isLink(path: string, target: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isSymbolicLink() === true && (await readlink(path)) === target;
}

/** Puts a symbolic link in place of whatever has the name, in one step. */
async function replaceByLink(path: string, target: string): Promise<void> {
  if (await isLink(path, target)) return;
  const temporary = temporaryPath(path);
  await symlink(target, temporary);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Writes a version of the pair that nothing leads to yet. */
async function writeVersion(store: string, files: PairFiles, text: Partial<Record<keyof PairText, string | Buffer>>) {
  const version = `${new Date().toISOString().replaceAll(/[:.]/g, "-")}-${crypto.randomUUID().slice(0, 8)}`;
  await mkdir(join(store, version), { recursive: true, mode: folderMode });
  const write = async (path: string, data: string | Buffer | undefined, mode: number) => {
    if (data !== undefined)
      await writeFileAtomically(join(store, version, basename(path)), data, { mode, clobber: true });
  };
  await write(files.keyFile, text.key, secretMode);
  await write(files.certFile, text.certificate, publicMode);
  await syncFolder(store);
  return version;
}

async function removeOtherVersions(store: string, kept: string): Promise<void> {
  const others = (await readdir(store)).filter((name) => name !== kept && name !== live);
  await Promise.all(others.map((name) => rm(join(store, name), { recursive: true, force: true })));
}

/** A name of the pair, and the link that it is to be. */
type Link = readonly [path: string, target: string];

/**
 * Both names become links into the version that `live` leads to, and `live` changes in one step: as Kubernetes swaps a
 * mounted secret. Until then the names show what they showed before, which is why that is made a version too.
 */
async function swap(files: PairFiles, text: PairText, store: string, links: readonly Link[]): Promise<void> {
  const version = await writeVersion(store, files, text);
  const linked = await Promise.all(links.map(([path, target]) => isLink(path, target)));
  if (linked.includes(false)) {
    const [certificate, key] = await Promise.all([readIfThere(files.certFile), readIfThere(files.keyFile)]);
    const before = { ...(certificate && { certificate }), ...(key && { key }) };
    await replaceByLink(join(store, live), await writeVersion(store, files, before));
    for (const [path, target] of links) await replaceByLink(path, target);
  }
  await replaceByLink(join(store, live), version);
  await removeOtherVersions(store, version);
}

/** Takes back what was written in vain: what the names show stays, and where they show nothing, nothing stays. */
async function withdraw({ certFile, keyFile }: PairFiles, store: string, links: readonly Link[]): Promise<void> {
  if ((await readIfThere(certFile)) || (await readIfThere(keyFile))) {
    const kept = await readlink(join(store, live)).catch(() => undefined);
    return kept === undefined
      ? await rm(store, { recursive: true, force: true })
      : await removeOtherVersions(store, kept);
  }
  for (const [path, target] of links) if (await isLink(path, target)) await rm(path, { force: true });
  await rm(store, { recursive: true, force: true });
  // The folder goes too where it was made for the pair; where it holds something else, it stays.
  await rmdir(dirname(certFile)).catch(() => undefined);
}

async function writeBySwap(files: PairFiles, text: PairText): Promise<void> {
  const store = storeOf(files);
  const links = [files.keyFile, files.certFile].map(
    (path): Link => [path, join(basename(store), live, basename(path))],
  );
  try {
    await swap(files, text, store, links);
  } catch (error) {
    await withdraw(files, store, links);
    throw error;
  }
}

/** What a process that was killed left beside a file: the lock need not be that of its folder, and clears no other. */
export async function removeLeftovers(path: string): Promise<void> {
  const prefix = `.${basename(path).slice(0, 64)}.`;
  const folder = dirname(path);
  const names = (await namesIn(folder)).filter((name) => name.startsWith(prefix) && temporaryName.test(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
}

/** Without symbolic links: there is no certificate while the key changes. */
async function writeInTurn({ certFile, keyFile }: PairFiles, certificate: string, key: string): Promise<void> {
  await removeFile(certFile);
  await writeFileAtomically(keyFile, key, { mode: secretMode, clobber: true });
  await writeFileAtomically(certFile, certificate, { mode: publicMode, clobber: true });
}

/** Windows lets few users make links, and some file systems have none. */
const withoutLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"];

/**
 * Writes a certificate and its key. Whatever is killed when, the pair on disk is the one before or this one: both files
 * change in one step. Where they lie in different folders, or the file system has no symbolic links, there is no
 * certificate for a moment. Whoever calls this holds the folder's lock.
 *
 * @param files - Their names; those of the key and the certificate differ.
 * @throws FileError when they can't be written.
 */
export async function writePair(files: PairFiles, { certificate, key }: PairUpdate): Promise<void> {
  try {
    await Promise.all([files.certFile, files.keyFile].map(removeLeftovers));
    if (key === undefined || (await readIfThere(files.keyFile))?.toString() === key) {
      await writeFileAtomically(files.certFile, certificate, { mode: publicMode, clobber: true });
    } else if (process.platform === "win32" || dirname(files.certFile) !== dirname(files.keyFile)) {
      await writeInTurn(files, certificate, key);
    } else {
      await writeBySwap(files, { certificate, key }).catch(async (error) => {
        if (!withoutLinks.includes(systemCodeOf(error) ?? "")) throw error;
        await writeInTurn(files, certificate, key);
      });
    }
  } catch (error) {
    throw writeError(files.certFile, error);
  }
}
