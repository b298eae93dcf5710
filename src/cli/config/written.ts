import { existsSync } from "node:fs";
import type { EditResult } from "../../config/editing/edit-file.ts";
import { isSecret } from "../../config/keys.ts";
import { examineConfiguration, type LoadedConfiguration } from "../../config/load.ts";
import { resolvePaths } from "../../config/paths.ts";
import { formatProblem } from "../../config/problems.ts";
import { formatPath } from "../../config/tree.ts";
import { effectiveEntries, entriesBelow } from "../../config/view.ts";
import { besideKeys } from "../../config/weaker-keys.ts";
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

const fileSuffix = "_file";

/** What a key stands for beside itself: a secret for its file and the other way, a provider's key for its several keys. */
function otherSpellings(path: readonly string[]): (readonly string[])[] {
  const name = path.at(-1) ?? "";
  const above = path.slice(0, -1);
  if (isSecret(path)) return [[...above, `${name}${fileSuffix}`], ...besideKeys(path)];
  const direct = [...above, name.slice(0, -fileSuffix.length)];
  return [...(name.endsWith(fileSuffix) && isSecret(direct) ? [direct] : []), ...besideKeys(path)];
}

/** What sets a key in the file's place; undefined where nothing does. */
function winnerOver(path: readonly string[], { originOf, file }: LoadedConfiguration): string | undefined {
  return [path, ...otherSpellings(path)]
    .map(originOf)
    .find((origin) => origin !== "default" && origin !== file && !origin.startsWith(`${file}:`));
}

/**
 * Says what wins over the file, for keys that were set or removed there.
 *
 * @param file - The file, which is loaded anew.
 * @param paths - Keys or sections.
 */
export async function noteWinners(file: string, paths: readonly (readonly string[])[]): Promise<void> {
  if (!existsSync(file)) return;
  const environment = process.env;
  const { loaded, problems } = await examineConfiguration({ environment, paths: resolvePaths(environment), file });
  if (!loaded) {
    const [problem] = problems;
    if (problem) output.note(`warning: a server would not start with the environment here: ${formatProblem(problem)}`);
    return;
  }
  const entries = effectiveEntries(loaded, { reveal: false });
  const keys = paths.flatMap((path) => {
    const below = entriesBelow(entries, path).map((entry) => entry.path);
    return below.length > 0 ? below : [path];
  });
  const notes = keys.flatMap((key) => {
    const winner = winnerOver(key, loaded);
    return winner === undefined ? [] : [`warning: ${winner} is set here and wins over the file for ${formatPath(key)}`];
  });
  for (const note of new Set(notes)) output.note(note);
}
