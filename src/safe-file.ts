import { existsSync } from "node:fs";
import { type FileHandle, link, mkdir, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FileError, messageOf, systemCodeOf } from "./errors.ts";

/** How a file is written. */
export interface AtomicWriteOptions {
  /** The file's permissions, such as 0o600. They are set before the content, whatever the umask is. */
  mode: number;
  /** Whether a file that is there already is replaced. */
  clobber: boolean;
}

const folderMode = 0o700;

/** What the names of temporary files look like, so that those of a killed process can be told from all others. */
export const temporaryName = /^\..+\.[0-9a-f]{8}\.tmp$/;

/**
 * A name in the same folder under which something is made before it gets its own.
 *
 * @param path - What it will be.
 */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 64)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
}

/**
 * A file's name as it may be shown. Somebody may have put a secret where its file belongs: only what lies in a folder that
 * is there, or is clearly relative to one, is repeated.
 */
export function describeFile(path: string): string {
  const folder = dirname(path);
  const shown = /^(\.{1,2}\/|~\/|\/dev\/null\/|[A-Za-z]:\\)/.test(path) || (folder !== "." && existsSync(folder));
  return shown ? path : "a file whose name is not shown here";
}

/** What the system says of a file, without its name. */
export function systemReason(cause: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    ENOTDIR: "a part of its path is no folder",
    EACCES: "permission denied",
    EISDIR: "it is a folder",
  };
  return reasons[systemCodeOf(cause) ?? ""] ?? systemCodeOf(cause) ?? "unknown reason";
}

/** HOME=/dev/null is usual for services; where HOME is not set at all, paths start there too. */
function fileInTheWay(path: string): [reason: string, hint: string] {
  if (path.startsWith("/dev/null/")) {
    return ["this user has no home folder", "Set HOME to a folder that this user can write in, or name another place."];
  }
  return [`a part of ${dirname(path)} is a file, not a folder`, "Move that file away, or name another place."];
}

/** What happened, and what to do about it, by errno. */
const explanations: Readonly<Record<string, (path: string) => [reason: string, hint: string]>> = {
  EACCES: (path) => ["permission denied", `Make ${dirname(path)} writable for this user, or name another place.`],
  EPERM: (path) => [
    "the system doesn't permit it",
    `Make ${dirname(path)} writable for this user, or name another place.`,
  ],
  EROFS: (path) => ["the file system is read-only", `Mount ${dirname(path)} writable, or name another place.`],
  ENOSPC: () => ["the disk is full", "Make room, then try again."],
  EDQUOT: () => ["this user's disk quota is used up", "Make room, then try again."],
  EISDIR: (path) => ["it is a folder", `Remove ${path}, or name another file.`],
  ENOTDIR: fileInTheWay,
  EEXIST: fileInTheWay,
  ENOTSUP: () => ["the file system has no hard links", "Name a place on another file system."],
};

/**
 * Turns an error of the file system into one for a person.
 *
 * @param path - The file that was to be written.
 * @param cause - What the file system threw.
 */
export function writeError(path: string, cause: unknown): FileError {
  if (cause instanceof FileError) return cause;
  const explain = explanations[systemCodeOf(cause) ?? ""];
  const [reason, hint] = explain?.(path) ?? [messageOf(cause), `Check ${dirname(path)}, or name another place.`];
  return new FileError(`${path} can't be written: ${reason}`, { hint, cause });
}

type Kind = "absent" | "folder" | "file" | "special";

async function kindOf(path: string): Promise<Kind> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? "folder" : stats.isFile() ? "file" : "special";
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return "absent";
    throw error;
  }
}

function folderInTheWay(): Error {
  return Object.assign(new Error("it is a folder"), { code: "EISDIR" });
}

/** The file that a symbolic link leads to, so that the link stays. */
async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return path;
    throw error;
  }
}

/** Makes the names in a folder last through a power cut. Windows has no such call; some file systems can't, and say EINVAL. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (systemCodeOf(error) !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, data: string | Uint8Array, mode: number): Promise<void> {
  try {
    await handle.chmod(mode);
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives the temporary file its name. Linking, unlike renaming, fails when the name is taken. */
async function publish(temporary: string, target: string, clobber: boolean): Promise<boolean> {
  if (clobber) {
    await rename(temporary, target);
    return true;
  }
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function write(path: string, data: string | Uint8Array, options: AtomicWriteOptions): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: folderMode });
  const kind = await kindOf(path);
  if (kind === "folder") throw folderInTheWay();
  if (kind !== "absent" && !options.clobber) return false;
  if (kind === "special") {
    // A device or a pipe is written to, never replaced.
    await writeFile(path, data);
    return true;
  }
  const target = options.clobber ? await resolveLinks(path) : path;
  const folder = dirname(target);
  const temporary = temporaryPath(target);
  const handle = await open(temporary, "wx", options.mode);
  try {
    await fill(handle, data, options.mode);
    const written = await publish(temporary, target, options.clobber);
    if (written) await syncFolder(folder);
    return written;
  } catch (error) {
    // What failed first is what to tell; a temporary file that can't be removed either changes nothing about it.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Writes a file wholly or not at all: a reader, another writer or a crash never meets a part of it. Missing folders
 * are made with mode 0700.
 *
 * @param path - The file.
 * @param data - All of its content.
 * @returns Whether it was written: false when it was there already and `clobber` is false.
 * @throws FileError naming the file, the reason, and what to do.
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  options: AtomicWriteOptions,
): Promise<boolean> {
  try {
    return await write(path, data, options);
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Removes a file for good; one that isn't there is no error.
 *
 * @throws FileError naming the file, the reason, and what to do.
 */
export async function removeFile(path: string): Promise<void> {
  try {
    const kind = await kindOf(path);
    if (kind === "folder") throw folderInTheWay();
    if (kind === "absent") return;
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  } catch (error) {
    throw writeError(path, error);
  }
}
