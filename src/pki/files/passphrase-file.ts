import { readFile } from "node:fs/promises";
import { ConfigurationError, FileError } from "../../errors.ts";
import { describeFile, systemReason } from "../../safe-file.ts";

/** The longest passphrase that every tool takes, in bytes: OpenSSL cuts at 1024. */
const longest = 1000;

/**
 * Makes sure that a passphrase is one that can be given again, here and to other tools.
 *
 * @param origin - The flag, variable or file that gives it, for the message.
 * @throws ConfigurationError when it is empty or longer than 1000 bytes; the message does not show it.
 */
export function requireUsable(passphrase: string, origin: string): string {
  const bytes = Buffer.byteLength(passphrase);
  if (bytes > 0 && bytes <= longest) return passphrase;
  const found = bytes === 0 ? "holds no passphrase" : `holds a passphrase of ${bytes} bytes; ${longest} are allowed`;
  throw new ConfigurationError(`${origin} ${found}`, { hint: "Give one of at least a character, on one line." });
}

/**
 * Reads a passphrase from the first line of a file, as OpenSSL does.
 *
 * @param file - UTF-8, a byte order mark is no part of it.
 * @param namedBy - The flag, variable or key that names the file, for the message.
 * @throws FileError when it can't be read; ConfigurationError when it is no UTF-8, or {@link requireUsable} refuses it. None
 * of them shows what is in it.
 */
export async function readPassphraseFile(file: string, namedBy: string): Promise<string> {
  const bytes = await readFile(file).catch((cause) => {
    throw new FileError(`${namedBy} names ${describeFile(file)}, which can't be read: ${systemReason(cause)}`, {
      hint: "Put the passphrase into a file that this user can read.",
      cause,
    });
  });
  const origin = `${describeFile(file)}, which ${namedBy} names,`;
  try {
    const [line = ""] = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split(/\r?\n/);
    return requireUsable(line, origin);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new ConfigurationError(`${origin} is not UTF-8 text`, { hint: "Save it with the encoding UTF-8.", cause });
  }
}
