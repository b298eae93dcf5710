import { readlink } from "node:fs/promises";
import { type FileContent, readBoundedFile, UnreadableFile } from "../../bounded-file.ts";
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

/**
 * Reads a file that may be anything, up to the role's limit.
 *
 * @throws CertificateError with the role's codes when it is missing or too large.
 * @throws FileError when it can't be read or is no file.
 */
export async function readRoleFile(path: string, role: FileRole): Promise<FileContent> {
  return await readBoundedFile(path, role.largest).catch(async (error) => {
    if (!(error instanceof UnreadableFile)) throw await unreadable(path, role, error);
    const message = `The ${role.name} ${path} ${error.message}`;
    if (error.kind === "too large") throw new CertificateError(role.malformed, message, { hint: role.wanted });
    throw new FileError(message, { hint: role.wanted });
  });
}
