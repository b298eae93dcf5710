/** Where a command writes: stdout for what was asked for, stderr for what happens beside it. */
export interface Output {
  /** Writes a line to stdout. */
  line(text?: string): void;
  /** Writes text to stdout as it is. */
  raw(text: string): void;
  /** Writes a line to stderr. */
  note(text: string): void;
  /** Whether stdout shows colours. */
  readonly colour: boolean;
}

/** Whether a stream is a terminal whose user did not ask for plain text (https://no-color.org). */
export function showsColour(stream: { isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>) {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** The process's own output. */
export const output: Output = {
  line: (text = "") => void process.stdout.write(`${text}\n`),
  raw: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(`${text}\n`),
  colour: showsColour(process.stdout, process.env),
};
