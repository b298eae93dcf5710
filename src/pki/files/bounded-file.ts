import type { Stats } from "node:fs";
import { constants, open, readlink } from "node:fs/promises";
import { CertificateError, type CertificateErrorCode, FileError, messageOf, systemCodeOf } from "../../errors.ts";

/** What a file is read as. */
export interface FileRole {
  /** What it is called, such as `private key file`. */
  name: string;
  missing: CertificateErrorCode;
  malformed: CertificateErrorCode;
  /** Bytes that are read at most. */
  largest: number;
  /** What to do where there is no such file. */
  missingHint: string;
  /** What to name instead. */
  wanted: string;
}

/** A file's content. */
export interface FileBytes {
  bytes: Uint8Array;
  /** Its permissions, such as 0o600. */
  mode: number;
}

/** Says what is not there: a link itself is, and what it leads to is not. */
async function missing(path: string, { name, missing: code, missingHint }: FileRole, cause: unknown): Promise<Error> {
  const target = await readlink(path).catch(() => undefined);
  const below = systemCodeOf(cause) === "ENOTDIR" ? "does not exist: a folder in its path is a file" : "does not exist";
  const found = target === undefined ? below : `is a symbolic link to ${target}, which does not exist`;
  return new CertificateError(code, `The ${name} ${path} ${found}`, { hint: missingHint, cause });
}

async function unreadable(path: string, role: FileRole, cause: unknown): Promise<Error> {
  const errno = systemCodeOf(cause);
  if (errno === "ENOENT" || errno === "ENOTDIR") return await missing(path, role, cause);
  if (errno === "ELOOP") {
    const hint = "Let the link lead to the file itself.";
    return new FileError(`The ${role.name} ${path} is a symbolic link that leads back to itself`, { hint, cause });
  }
  const reason = errno === "EACCES" || errno === "EPERM" ? "permission denied" : messageOf(cause);
  return new FileError(`The ${role.name} ${path} can't be read: ${reason}`, {
    hint: `Make ${path} readable for this user.`,
    cause,
  });
}

function describeType(status: Stats): string {
  if (status.isDirectory()) return "is a folder";
  return status.isFIFO() ? "is no regular file but a pipe" : "is no regular file";
}

/**
 * Reads a file that may be anything: it opens without waiting, should it be a pipe, and reads no more than the limit.
 *
 * @throws CertificateError with the role's codes when it is missing or too large.
 * @throws FileError when it can't be read or is no file.
 */
export async function readBoundedFile(path: string, role: FileRole): Promise<FileBytes> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(async (cause) => {
    throw await unreadable(path, role, cause);
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new FileError(`The ${role.name} ${path} ${describeType(status)}`, { hint: role.wanted });
    }
    if (status.size > role.largest) {
      const found = `has ${status.size} bytes; ${role.largest} are read`;
      throw new CertificateError(role.malformed, `The ${role.name} ${path} ${found}`, { hint: role.wanted });
    }
    return { bytes: await handle.readFile(), mode: status.mode & 0o777 };
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : await unreadable(path, role, error);
  } finally {
    await handle.close();
  }
}
