import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Output } from "../../../../src/cli/output.ts";
import type { Input } from "../../../../src/cli/token/token-source.ts";
import { loadTokenTools } from "../../../../src/cli/token/token-tools.ts";
import { VibectlError } from "../../../../src/errors.ts";

/** What a command printed. */
export interface Printed {
  output: Output;
  /** What went to stdout. */
  text(): string;
  /** What went to stderr. */
  notes(): string;
}

/** An output that keeps what is printed. */
export function collect(): Printed {
  let text = "";
  let notes = "";
  const output: Output = {
    line: (line = "") => {
      text += `${line}\n`;
    },
    foreign: (part) => {
      text += part;
    },
    note: (line) => {
      notes += `${line}\n`;
    },
    colour: false,
  };
  return { output, text: () => text, notes: () => notes };
}

/** A user's home folder, with a configuration when one is given. */
export function makeHome(folder: string, configuration?: string) {
  const home = join(folder, ".config", "vibectl", "server");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (configuration !== undefined) writeFileSync(join(home, "config.yaml"), configuration, { mode: 0o600 });
  return { home, state: join(home, "state"), environment: { HOME: folder } };
}

/** What a command works with in a home folder, and what it printed. */
export async function contextIn(environment: Readonly<Record<string, string>>) {
  const printed = collect();
  const tools = await loadTokenTools({}, environment);
  return { ...printed, context: { tools, output: printed.output, now: new Date() } };
}

/** What something was refused with: its class, its message and its hint. */
export async function refusalOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof VibectlError)) throw error;
    return `${error.name}: ${error.message} | ${error.hint}`;
  }
  throw new Error("nothing was thrown");
}

/** Standard input with a text in it. */
export function piped(text: string): Input {
  return Readable.from([Buffer.from(text)]);
}
