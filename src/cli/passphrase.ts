import { UsageError } from "../errors.ts";
import { readPassphraseFile } from "../pki/files/passphrase-file.ts";

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
  if (environment[variable]) return environment[variable];
  const named = environment[`${variable}_FILE`];
  return named ? await readPassphraseFile(named, `${variable}_FILE`) : undefined;
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
  const { isCancel, password } = await import("@clack/prompts");
  const ask = async (question: string, validate: (value: string | undefined) => string | undefined) => {
    const answer = await password({ message: question, validate, output: process.stderr });
    if (isCancel(answer)) throw new UsageError("No passphrase was given");
    return answer;
  };
  const passphrase = await ask(message, (value) => (value ? undefined : "A passphrase has at least one character."));
  if (confirm) await ask("The same once more", (value) => (value === passphrase ? undefined : "It is another one."));
  return passphrase;
}
