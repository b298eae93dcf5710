import { UsageError } from "../errors.ts";

/** A terminal to ask. */
export interface Terminal {
  input: NodeJS.ReadStream;
  output: NodeJS.WritableStream;
}

const keys = {
  interrupt: "\u0003",
  end: "\u0004",
  backspace: "\b",
  eraseLine: "\u0015",
  escape: "\u001b",
  delete: "\u007f",
} as const;

/** A line as it is typed. */
class Line {
  #text = "";
  /** What has come of a sequence such as an arrow key's (ECMA-48, section 5.4); empty outside of one. */
  #sequence = "";

  /** @returns The line when it is complete; undefined before; "cancelled" when it is given up. */
  press(key: string): { text: string } | "cancelled" | undefined {
    if (key === keys.interrupt || key === keys.end) return "cancelled";
    if (this.#sequence !== "" || key === keys.escape) return this.#skip(key);
    if (key === "\r" || key === "\n") return { text: this.#text };
    if (key === keys.eraseLine) this.#text = "";
    else if (key === keys.backspace || key === keys.delete) this.#text = [...this.#text].slice(0, -1).join("");
    else if (!/^\p{Cc}/u.test(key)) this.#text += key;
    return undefined;
  }

  /** A sequence ends with a letter or its like behind its introducer. */
  #skip(key: string): undefined {
    const introduced = this.#sequence.length > 1;
    this.#sequence += key;
    const goesOn =
      this.#sequence.length === 1 || (!introduced && /[[O]/.test(key)) || (introduced && !/[@-~]/.test(key));
    if (!goesOn) this.#sequence = "";
  }
}

/**
 * Asks a terminal for a line that it does not show. Whatever ends it, the terminal shows what is typed afterwards; what came
 * behind the line is left for the next question.
 *
 * @param question - Stands before what is typed.
 * @throws UsageError when it is given up by Ctrl-C or Ctrl-D, or the terminal goes away.
 */
export async function askHidden(question: string, { input, output }: Terminal): Promise<string> {
  const decoder = new TextDecoder();
  const line = new Line();
  input.setRawMode(true);
  output.write(`${question}: `);
  try {
    return await new Promise<string>((resolve, reject) => {
      const cancel = () => reject(new UsageError("The question was not answered"));
      const read = (bytes: Buffer) => {
        const typed = [...decoder.decode(bytes, { stream: true })];
        for (const [index, key] of typed.entries()) {
          const outcome = line.press(key);
          if (outcome === undefined) continue;
          input.removeListener("data", read);
          // What flows with nobody listening is lost.
          input.pause();
          if (outcome === "cancelled") return cancel();
          const rest = typed.slice(index + 1).join("");
          if (rest !== "") input.unshift(Buffer.from(rest));
          return resolve(outcome.text);
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
