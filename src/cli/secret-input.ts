import { UsageError } from "../errors.ts";
import { askHidden } from "./hidden-input.ts";

const longest = 64 * 1024;

/**
 * Reads a value that must not stand on a command line: all of stdin, or what is typed at a terminal, which does not show
 * it. The line end behind it is not a part of it.
 *
 * @param question - What a terminal is asked.
 * @throws UsageError when there is nothing, or more than 64 KiB.
 */
export async function readSecretInput(question: string): Promise<string> {
  if (process.stdin.isTTY && process.stderr.isTTY) {
    return await askHidden(question, { input: process.stdin, output: process.stderr });
  }
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of process.stdin) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > longest) throw new UsageError(`stdin has more than ${longest} characters, which no value has`);
  }
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new UsageError("stdin is empty", { hint: "Pipe the value in, such as with `< FILE`." });
  return value;
}
