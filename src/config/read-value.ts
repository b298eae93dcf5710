import { parseDocument } from "yaml";
import type { z } from "zod";
import { allowedBy } from "./allowed.ts";
import { findTraps } from "./document-traps.ts";
import type { ConfigurationKey } from "./keys.ts";
import { describeIssue, describeValue, showPath } from "./problems.ts";
import { issuesIn } from "./schema-issues.ts";
import { isMapping, type Section, withValue } from "./tree.ts";
import { yamlOptions } from "./yaml-options.ts";

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

function parseYaml(text: string): unknown {
  try {
    const document = parseDocument(text, yamlOptions);
    const isWrong =
      document.errors.length > 0 || document.warnings.length > 0 || findTraps(document, String).length > 0;
    return isWrong ? undefined : document.toJS();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** A list in YAML's or JSON's brackets, or texts with commas between them. */
function parseList(text: string): unknown {
  if (text.startsWith("[")) return parseYaml(text);
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function convert({ kind }: ConfigurationKey, text: string): unknown {
  if (kind === "boolean") return truths.get(text.toLowerCase());
  if (kind === "number") return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (kind === "list") return parseList(text);
  if (kind !== "map") return text;
  const map = parseYaml(text);
  return isMapping(map) ? map : undefined;
}

/** What the schema says of a map that was read. */
function checkMap(type: z.ZodType, path: readonly string[], value: Section): ReadValue {
  const issues = issuesIn(type, value);
  if (issues.length === 0) return { ok: true, value };
  const whole = withValue({}, path, value);
  const found = issues.flatMap((issue) => describeIssue({ ...issue, path: [...path, ...issue.path] }, whole, () => ""));
  // Whoever reports the reason names the whole before it.
  const above = `${showPath(path)}.`;
  const reasons = found.map(({ text }) => (text.startsWith(above) ? text.slice(above.length) : text));
  return { ok: false, reason: reasons.join("; ") };
}

/**
 * Reads what a section holds from text: `{type: ollama, base_url: http://127.0.0.1:11434}`.
 *
 * @param type - The section's.
 * @param path - Where it stands.
 */
export function readSection(type: z.ZodType, path: readonly string[], text: string): ReadValue {
  const value = parseYaml(text);
  if (!isMapping(value))
    return { ok: false, reason: `expected ${allowedBy(type)}, found ${describeValue(text, path)}` };
  return checkMap(type, path, value);
}

/** A value, or why the text is none. */
type ReadValue = { ok: true; value: unknown } | { ok: false; reason: string };

/**
 * Reads a key's value from text, as a variable or a command line has it: `true`, `1`, `yes` and `on` are true; a list is
 * `a,b` or `[a, b]`; a map is `{a: b}`; `null` is nothing where the key may hold nothing.
 *
 * @param key - Whose value it is.
 * @param text - The text.
 */
export function readValue(key: ConfigurationKey, text: string): ReadValue {
  const trimmed = text.trim();
  if (trimmed === "null" && key.type.safeParse(null).success) return { ok: true, value: null };
  const value = convert(key, trimmed);
  if (key.kind === "map" && isMapping(value)) return checkMap(key.type, key.path, value);
  if (value !== undefined && key.type.safeParse(value).success) return { ok: true, value };
  // A level in capitals is as good: what is read later takes it.
  const lower = trimmed.toLowerCase();
  if (key.kind === "choice" && key.type.safeParse(lower).success) return { ok: true, value: lower };
  return { ok: false, reason: `expected ${allowedBy(key.type)}, found ${describeValue(trimmed, key.path)}` };
}
