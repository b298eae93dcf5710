import { FileError } from "../errors.ts";
import { writeToDescriptor } from "../observe/descriptor.ts";
import { visibleText } from "../observe/visible-text.ts";

/** Where a command writes: stdout for what was asked for, stderr for what happens beside it. */
export interface Output {
  /** Writes a line to stdout. */
  line(text?: string): void;
  /** Writes a line to stderr. */
  note(text: string): void;
  /** Writes text of somebody else's to stdout; on a terminal without what would move its cursor. */
  foreign(text: string): void;
  /** Whether stdout shows colours. */
  readonly colour: boolean;
}

/** Whether a stream is a terminal whose user did not ask for plain text (https://no-color.org). */
export function showsColour(stream: { isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>) {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** A reader that has gone (`vibectl-server … | head`) is no failure of ours; a full disk loses what was asked for. */
function print(text: string): void {
  const problem = writeToDescriptor(1, text);
  if (problem === undefined || problem === "EPIPE") return;
  throw new FileError(`stdout can't be written: ${problem}`, { hint: "Check where the output goes." });
}

/** The process's own output. */
export const output: Output = {
  line: (text = "") => print(`${text}\n`),
  foreign: (text) => print(process.stdout.isTTY ? visibleText(text, "\n\t") : text),
  note: (text) => void writeToDescriptor(2, `${visibleText(text, "\n")}\n`),
  colour: showsColour(process.stdout, process.env),
};
