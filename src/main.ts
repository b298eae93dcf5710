import { stripVTControlCharacters } from "node:util";
import { invoke, usageLine } from "./cli/invoke.ts";
import { output } from "./cli/output.ts";
import { root } from "./cli/root.ts";
import { UsageError, VibectlError } from "./errors.ts";
import { commit, version } from "./version.ts";

async function report(error: unknown, argv: readonly string[]): Promise<number> {
  if (!(error instanceof VibectlError)) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    output.note(`error: this should not have happened\n${trace}`);
    return 1;
  }
  output.note(`error: ${error.message}`);
  if (error.hint) output.note(`hint: ${error.hint}`);
  if (!(error instanceof UsageError)) return 1;
  output.note(`usage: ${await usageLine(root, argv)}`);
  return 2;
}

const argv = process.argv.slice(2);
try {
  await invoke(root, argv, {
    print: (text) => output.line(output.colour ? text : stripVTControlCharacters(text).replaceAll(/ +$/gm, "")),
    version: `vibectl-server ${version} (${commit})`,
  });
} catch (error) {
  process.exitCode = await report(error, argv);
}
// Everything is done: a look-up that can't be cancelled, or a kept connection, must not hold the process.
process.exit();
