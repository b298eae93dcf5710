import { stripVTControlCharacters } from "node:util";
import { UsageError } from "../errors.ts";

/** A terminal to ask. */
export interface Terminal {
  input: NodeJS.ReadStream;
  output: NodeJS.WritableStream;
}

const keys = { interrupt: "\u0003", end: "\u0004", backspace: "\b", delete: "\u007f", eraseLine: "\u0015" } as const;

/** What a key does to the line: the text after it, or that the line is complete or given up. */
type Outcome = { text: string } | { done: string } | { cancelled: true };

function press(text: string, key: string): Outcome {
  if (key === "\r" || key === "\n") return { done: text };
  if (key === keys.interrupt || key === keys.end) return { cancelled: true };
  if (key === keys.eraseLine) return { text: "" };
  if (key === keys.backspace || key === keys.delete) return { text: [...text].slice(0, -1).join("") };
  // Escape, Tab and the like are no part of a line.
  return { text: /^\p{Cc}/u.test(key) ? text : text + key };
}

/**
 * Asks a terminal for a line that it does not show. Whatever ends it, the terminal shows what is typed afterwards.
 *
 * @param question - Stands before what is typed.
 * @throws UsageError when it is given up by Ctrl-C or Ctrl-D, or the terminal goes away.
 */
export async function askHidden(question: string, { input, output }: Terminal): Promise<string> {
  const decoder = new TextDecoder();
  input.setRawMode(true);
  output.write(`${question}: `);
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = "";
      const cancel = () => reject(new UsageError("No passphrase was given"));
      const read = (bytes: Buffer) => {
        for (const key of stripVTControlCharacters(decoder.decode(bytes, { stream: true }))) {
          const outcome = press(text, key);
          if ("cancelled" in outcome) return cancel();
          if ("done" in outcome) return resolve(outcome.done);
          text = outcome.text;
        }
      };
      input.on("data", read);
      input.once("end", cancel);
      input.once("error", cancel);
      input.resume();
    });
  } finally {
    input.removeAllListeners("data").removeAllListeners("end").removeAllListeners("error");
    input.setRawMode(false);
    input.pause();
    output.write("\n");
  }
}
