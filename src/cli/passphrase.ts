import { UsageError } from "../errors.ts";
import { readPassphraseFile, requireUsable } from "../pki/files/passphrase-file.ts";
import { askHidden } from "./hidden-input.ts";
import { output } from "./output.ts";

/** Where a passphrase can come from. A flag is no place for it: the process list shows flags. */
export interface PassphraseOptions {
  /** The file that `--passphrase-file` names. */
  file: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

const variable = "VIBECTL_CA_PASSPHRASE";

/** What to ask a person. */
export interface PassphraseQuestion {
  message: string;
  /** Whether a new passphrase is chosen, and so asked for twice. */
  confirm: boolean;
}

/**
 * The passphrase that a file or the environment gives.
 *
 * @returns Undefined when neither does.
 * @throws FileError or ConfigurationError when a file that should hold it can't be used.
 */
export async function findPassphrase({ file, environment }: PassphraseOptions): Promise<string | undefined> {
  if (file) return await readPassphraseFile(file, "--passphrase-file");
  const [direct, named] = [environment[variable], environment[`${variable}_FILE`]];
  // Set and empty is a mistake, and no reason to do without.
  if (direct !== undefined) return requireUsable(direct, variable);
  return named === undefined ? undefined : await readPassphraseFile(named, `${variable}_FILE`);
}

/**
 * Asks the terminal for a passphrase, which it does not show.
 *
 * @throws UsageError when there is no terminal to ask, or the question was cancelled.
 */
export async function askPassphrase({ message, confirm }: PassphraseQuestion): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError("A passphrase is needed, and there is no terminal to ask for it", {
      hint: `Name a file with --passphrase-file or ${variable}_FILE, or set ${variable}.`,
    });
  }
  const terminal = { input: process.stdin, output: process.stderr };
  for (;;) {
    const passphrase = await askHidden(message, terminal);
    if (passphrase === "") {
      output.note("A passphrase has at least one character.");
    } else if (!confirm || (await askHidden("The same once more", terminal)) === passphrase) {
      return requireUsable(passphrase, "What was typed");
    } else {
      output.note("The two differ; once more from the beginning.");
    }
  }
}
