import { stripVTControlCharacters } from "node:util";
import { invoke } from "./cli/invoke.ts";
import { output } from "./cli/output.ts";
import { root } from "./cli/root.ts";
import { UsageError, VibectlError } from "./errors.ts";
import { commit, version } from "./version.ts";

function report(error: unknown): number {
  if (error instanceof VibectlError) {
    output.note(`error: ${error.message}`);
    if (error.hint) output.note(`hint: ${error.hint}`);
    return error instanceof UsageError ? 2 : 1;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.note(`error: this should not have happened\n${trace}`);
  return 1;
}

try {
  await invoke(root, process.argv.slice(2), {
    print: (text) => output.line(output.colour ? text : stripVTControlCharacters(text)),
    version: `vibectl-server ${version} (${commit})`,
  });
} catch (error) {
  process.exitCode = report(error);
}
// Everything is done: a look-up that can't be cancelled, or a kept connection, must not hold the process.
process.exit();
