import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { configurationSchema, innermost } from "./schema.ts";

/**
 * The value at a path, or undefined where the path ends early.
 */
export function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  let value = content;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

const secretKeys = new Set<PropertyKey>(["key", "secret_key"]);

function describe(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined) return "nothing";
  if (secretKeys.has(path.at(-1) ?? "")) return `a ${Array.isArray(value) ? "list" : typeof value}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The keys that are valid where an unknown one stands. */
function siblings(path: readonly PropertyKey[]): string[] {
  let schema: z.ZodType | undefined = configurationSchema;
  for (const key of path) {
    const inner: z.ZodType | undefined = schema && innermost(schema);
    if (inner instanceof z.ZodObject) schema = (inner.shape as Record<PropertyKey, z.ZodType>)[key];
    else schema = inner instanceof z.ZodRecord ? (inner.valueType as z.ZodType) : undefined;
  }
  const inner = schema && innermost(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function nearest(name: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates.toSorted((a, b) => distance(name, a) - distance(name, b));
  return best !== undefined && distance(name, best) <= Math.max(2, Math.floor(name.length / 3)) ? best : undefined;
}

/**
 * What is wrong with a value, as lines for a person: where it stands, its key, what is allowed and what was found.
 *
 * @param issue - What the schema found.
 * @param content - What was validated.
 * @param originOf - Tells where a key's value comes from.
 */
export function describeProblem(
  issue: z.core.$ZodIssue,
  content: unknown,
  originOf: (path: string) => string,
): string[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const full = [...issue.path.map(String), key].join(".");
      const known = siblings(issue.path);
      const close = nearest(key, known);
      const way = close ? `did you mean ${close}?` : `known here: ${known.join(", ")}`;
      return `${originOf(full)}: unknown key ${full}; ${way}`;
    });
  }
  if (issue.code === "invalid_key") {
    return [`${originOf(path)}: ${path}: a provider's name has lower-case letters, digits, "-" and "_"`];
  }
  return [`${originOf(path)}: ${path}: ${issue.message}, found ${describe(valueAt(content, issue.path), issue.path)}`];
}
