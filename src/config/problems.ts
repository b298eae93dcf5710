import { z } from "zod";
import { nearestName } from "../nearest.ts";
import { configurationSchema, innermost } from "./schema.ts";

/**
 * The value at a path, or undefined where the path ends early.
 */
export function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  let value = content;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** Keys of the sections with secrets whose values may be shown; anything else there could be a key in a wrong place. */
const harmless = new Set<PropertyKey>([
  "algorithm",
  "expiration_days",
  "type",
  "structured_outputs",
  "delay_ms",
  "chunk_delay_ms",
  "failure",
  "fail_after_chunks",
]);

function describe(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined) return "nothing";
  if (typeof value === "object") return value === null ? "null" : Array.isArray(value) ? "a list" : "a map";
  const [section] = path;
  const secret = (section === "jwt" || section === "providers") && !harmless.has(path.at(-1) ?? "");
  if (secret) return `a ${typeof value}`;
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
      const close = nearestName(key, known);
      const way = close ? `did you mean ${close}?` : `known here: ${known.join(", ")}`;
      return `${originOf(full)}: unknown key ${full}; ${way}`;
    });
  }
  if (issue.code === "invalid_key" && issue.path[0] === "providers") {
    return [`${originOf(path)}: ${path}: a provider's name has lower-case letters, digits, "-" and "_"`];
  }
  return [`${originOf(path)}: ${path}: ${issue.message}, found ${describe(valueAt(content, issue.path), issue.path)}`];
}
