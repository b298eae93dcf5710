import type { Places } from "./ground.ts";
import type { Secrets } from "./secrets.ts";

/** What a run may show on stdout. */
export type Shown =
  /** The token that it has issued: that is what it is for. */
  | "the new token"
  /** A secret that was made just then and is no canary. */
  | "a new secret"
  /** Secrets of the configuration, since --reveal was given. */
  | "configured secrets";

/** A run of a command. */
export interface CommandRun {
  /** The words behind the command. */
  args: readonly string[];
  /** The exit code; undefined where it depends on the machine. */
  code: number | undefined;
  stdin?: string;
  environment?: Readonly<Record<string, string>>;
  shows?: Shown;
  /** It serves until it is told to stop. */
  serves?: true;
  /** Why its command line may hold a secret. */
  commandLine?: string;
}

/** What runs are made of. */
export interface Stage {
  secrets: Secrets;
  places: Places;
  /** The port of a server in plain text that requires tokens. */
  port: number;
}

export const good = (...args: string[]): CommandRun => ({ args, code: 0 });
export const failing = (...args: string[]): CommandRun => ({ args, code: 1 });
export const wrong = (...args: string[]): CommandRun => ({ args, code: 2 });
export const piped = (stdin: string, code: number, ...args: string[]): CommandRun => ({ args, code, stdin });
export const issuing = (...args: string[]): CommandRun => ({ args, code: 0, shows: "the new token" });
export const revealing = (...args: string[]): CommandRun => ({ args, code: 0, shows: "configured secrets" });
export const serving = (...args: string[]): CommandRun => ({
  args: ["--port", "0", "--log-level", "debug", ...args],
  code: 0,
  serves: true,
});
/** No machine has this address (RFC 5737), so that nothing ever listens. */
export const nowhere = ["--host", "192.0.2.1"];
const mistake = "somebody has typed a secret where it does not belong; what the command prints must not repeat it";
export const typed = (code: number | undefined, ...args: string[]): CommandRun => ({
  args,
  code,
  commandLine: mistake,
});
export const viaUrl = (code: number | undefined, ...args: string[]): CommandRun => ({
  args,
  code,
  commandLine: "`check` takes the token in a client's own URL, and names the safer ways",
});
