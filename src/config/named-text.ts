import { readBoundedFile, UnreadableFile } from "../bounded-file.ts";
import { FileError } from "../errors.ts";
import { describeFile, systemReason } from "../safe-file.ts";

/** A text file that a key of the configuration names. */
export interface NamedText {
  file: string;
  /** What names it, for a person. */
  origin: string;
  /** Most that is read of it, in bytes. */
  largest: number;
  /** What to do where it can't be read. */
  hint: string;
}

/**
 * Reads a file that the configuration names.
 *
 * @throws FileError when it can't be read, or is larger.
 */
export async function readNamedText({ file, origin, largest, hint }: NamedText): Promise<string> {
  try {
    return new TextDecoder().decode((await readBoundedFile(file, largest)).bytes);
  } catch (cause) {
    const reason = cause instanceof UnreadableFile ? `it ${cause.message}` : systemReason(cause);
    throw new FileError(`${origin} names ${describeFile(file)}, which can't be read: ${reason}`, { hint, cause });
  }
}
