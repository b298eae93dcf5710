import { type FileContent, readBoundedFile, UnreadableFile } from "../bounded-file.ts";
import { FileError, systemCodeOf } from "../errors.ts";
import { describeFile, systemReason } from "../safe-file.ts";

/** A file, and why it is read. */
export interface NamedFile {
  file: string;
  /** What names it, for a person: `jwt.secret_key_file`. Undefined where it has its place of its own. */
  source: string | undefined;
}

/** The beginning of a sentence about a file. */
export function describeNamed({ file, source }: NamedFile): string {
  return source === undefined ? describeFile(file) : `${source} names ${describeFile(file)}, which`;
}

/** Tells whether readBoundedFile() failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof FileError && systemCodeOf(error.cause) === "ENOENT";
}

/**
 * Reads a file that may be anything, up to a limit.
 *
 * @param named - The file.
 * @param largest - Bytes that it may have.
 * @param hint - What to do when it can't be used.
 * @throws FileError when it can't be read, is no regular file, or is too large. The cause is the system's error.
 */
export async function readNamedFile(named: NamedFile, largest: number, hint: string): Promise<FileContent> {
  const { bytes, mode } = await readBoundedFile(named.file, largest).catch((cause) => {
    const reason = cause instanceof UnreadableFile ? cause.message : `can't be read: ${systemReason(cause)}`;
    throw new FileError(`${describeNamed(named)} ${reason}`, { hint, cause });
  });
  return { bytes, mode: process.platform === "win32" ? 0 : mode & 0o777 };
}
