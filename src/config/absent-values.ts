import { isMapOfNames, typeAt } from "./keys.ts";
import { isPythonKey } from "./python-keys.ts";
import { isMapping } from "./tree.ts";

/**
 * What a file says, without the keys that hold nothing: those are as good as absent. A key that does not exist stays, so
 * that a typo is seen; and so does a name that the operator chose.
 *
 * @param path - Where the value stands.
 */
export function withoutNulls(value: unknown, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutNulls(item, [...path, String(index)]));
  if (!isMapping(value)) return value;
  const isNamed = isMapOfNames(path);
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const below = [...path, name];
    const isAbsent = inner === null && !isNamed && (typeAt(below) !== undefined || isPythonKey(below));
    return isAbsent ? [] : [[name, withoutNulls(inner, below)] as const];
  });
  return Object.fromEntries(entries);
}
