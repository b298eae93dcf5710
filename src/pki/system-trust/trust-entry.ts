import type { X509Certificate } from "node:crypto";
import { FileError } from "../../errors.ts";
import type { CommandResult, RunCommand } from "./run-command.ts";

/** A certificate that is to be trusted, or no longer. */
export interface RootFile {
  /** The PEM file that holds it and nothing else. */
  file: string;
  certificate: X509Certificate;
}

/** One certificate in the system's store. */
export interface TrustEntry {
  place: string;
  isTrusted(): Promise<boolean>;
  add(): Promise<void>;
  /** Resolves to false when it was not there. */
  remove(): Promise<boolean>;
}

/** What is done to whom, and with what. */
export interface TrustContext extends RootFile {
  /** The folder that is the file system's root. */
  root: string;
  run: RunCommand;
  /** The command line that does the same as administrator; undefined where this process already is one's. */
  asAdministrator: string | undefined;
}

/**
 * An error that says which command failed, with its last line.
 *
 * @param consequence - What the store is like now, as a sentence without its full stop.
 */
export function commandFailure(
  command: readonly string[],
  { code, output }: CommandResult,
  consequence: string,
  { asAdministrator }: TrustContext,
): FileError {
  const line = output.trim().split("\n").at(-1)?.trim().replace(/\.+$/, "") || `exit code ${code}`;
  const alone = `Run \`${command.join(" ")}\` by itself to see all that it says, then try again.`;
  const hint = asAdministrator === undefined ? alone : `If it takes an administrator: ${asAdministrator}`;
  return new FileError(`\`${command.join(" ")}\` failed: ${line}. ${consequence}`, { hint });
}
