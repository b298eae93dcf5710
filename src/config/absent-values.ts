import { typeAt } from "./keys.ts";
import { isPythonKey } from "./python-keys.ts";
import { isMapping } from "./tree.ts";

/** Maps whose keys are names that the operator chose: one that holds nothing is still there. */
const namedEntries = new Set(["providers", "model_aliases", "per_token"]);

/**
 * What a file says, without the keys that hold nothing: those are as good as absent. A key that does not exist stays, so
 * that a typo is seen.
 *
 * @param path - Where the value stands.
 */
export function withoutNulls(value: unknown, path: readonly string[] = []): unknown {
  if (!isMapping(value)) return value;
  const isNamed = namedEntries.has(path.at(-1) ?? "");
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const below = [...path, name];
    const isAbsent = inner === null && !isNamed && (typeAt(below) !== undefined || isPythonKey(below));
    return isAbsent ? [] : [[name, withoutNulls(inner, below)] as const];
  });
  return Object.fromEntries(entries);
}
