import { ConfigurationError, FileError } from "../errors.ts";
import { describeFile } from "../safe-file.ts";
import { type HmacAlgorithm, leastSecretBytes } from "./algorithms.ts";
import { describeNamed, type NamedFile, readNamedFile } from "./named-file.ts";

/** The command that makes a good secret, as a hint. */
export const secretHint = "Make one: vibectl-server generate-secret --output FILE";

const largestSecretFile = 64 * 1024;

/** Keys whose text others know, or that are meant for another algorithm: with one as a secret, anybody could sign. */
const keyForms = /^\s*(-----BEGIN |---- BEGIN |ssh-[a-z0-9]+ |ecdsa-sha2-|sk-(ssh|ecdsa)-|\{[\s\S]*"kty")/;

/** A text from a file, and what to tell about the file. */
export interface FileText {
  text: string;
  warnings: readonly string[];
}

/**
 * Reads a file that holds a secret. Blanks and line ends around its text are no part of it.
 *
 * @throws FileError when it can't be read, or is no file with a text of at most 64 KiB.
 */
export async function readSecretText(named: NamedFile): Promise<FileText> {
  const hint = `Put the secret into a file that only this user can read, and name that. ${secretHint}`;
  const { bytes, mode } = await readNamedFile(named, largestSecretFile, hint);
  const fail = (reason: string) => new FileError(`${describeNamed(named)} ${reason}`, { hint });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).trim();
  } catch {
    throw fail("is no text in UTF-8");
  }
  if (text === "") throw fail("is empty");
  if (text.includes("\0")) throw fail("has NUL characters in it, so it is no text");
  const exposed = (mode & 0o077) !== 0;
  const found = `${describeFile(named.file)} holds a secret and has mode ${mode.toString(8)}`;
  return {
    text,
    warnings: exposed ? [`${found}: other users can get at it; chmod 600 makes it this user's alone`] : [],
  };
}

/** Tells whether a secret is as long as its algorithm needs. */
export function isLongEnough(text: string, algorithm: HmacAlgorithm): boolean {
  return Buffer.byteLength(text) >= leastSecretBytes[algorithm];
}

/**
 * Makes sure that a secret can be one (RFC 7518, section 3.2).
 *
 * @param source - Where it came from, for a person.
 * @returns Its bytes.
 * @throws ConfigurationError when it is too short, or a key of another kind.
 */
export function secretBytes(text: string, source: string, algorithm: HmacAlgorithm): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const least = leastSecretBytes[algorithm];
  if (keyForms.test(text)) {
    throw new ConfigurationError(`The secret from ${source} is a key for another algorithm than ${algorithm}`, {
      hint: `A secret is a random text that nobody else knows. ${secretHint}`,
    });
  }
  if (bytes.length < least) {
    const found = `The secret from ${source} has ${bytes.length} bytes`;
    throw new ConfigurationError(`${found}; ${algorithm} needs at least ${least} (RFC 7518, section 3.2)`, {
      hint: secretHint,
    });
  }
  return bytes;
}
