import { readFile } from "node:fs/promises";
import { ConfigurationError, FileError } from "../../errors.ts";
import { describeFile, systemReason } from "../../safe-file.ts";

/**
 * Reads a passphrase from a file. One line end at its end is no part of it.
 *
 * @param file - UTF-8.
 * @param namedBy - The flag, variable or key that names the file, for the message.
 * @throws FileError when it can't be read; ConfigurationError when it is empty. Neither shows what is in it.
 */
export async function readPassphraseFile(file: string, namedBy: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new FileError(`${namedBy} names ${describeFile(file)}, which can't be read: ${systemReason(cause)}`, {
      hint: "Put the passphrase into a file that this user can read.",
      cause,
    });
  });
  const passphrase = text.replace(/\r?\n$/, "");
  if (passphrase !== "") return passphrase;
  throw new ConfigurationError(`${namedBy} names ${describeFile(file)}, which is empty`, {
    hint: "Put the passphrase into its first line.",
  });
}
