import type { EditResult } from "../../config/editing/edit-file.ts";
import { variablesOf } from "../../config/environment.ts";
import type { ConfigurationKey } from "../../config/keys.ts";
import { output } from "../output.ts";

/**
 * Tells what became of a file.
 *
 * @param done - What was done, such as `server.port is 6000`.
 */
export function reportEdit({ changed, previousFile }: EditResult, file: string, done: string): void {
  output.note(changed ? `${done} in ${file}` : `Nothing to change in ${file}`);
  if (changed && previousFile) output.note(`The file as it was before is ${previousFile}`);
}

/** Says that a variable goes on setting a key, whatever the file says. */
export function noteVariable(key: ConfigurationKey): void {
  const variable = variablesOf(key).find((name) => process.env[name]);
  if (variable) output.note(`warning: ${variable} is set here and wins over the file`);
}
