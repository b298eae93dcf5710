import type { z } from "zod";
import { nearestName } from "../nearest.ts";
import { allowedBy } from "./allowed.ts";
import { isMapOfNames, isSecret, isSection, keyAt, namesBelow, typeAt } from "./keys.ts";
import { formatPath, isMapping, quoteText, valueAt } from "./tree.ts";

/** Something that is wrong with the configuration. */
export interface Problem {
  /** Where: `file:line:column`, a flag or a variable. */
  place: string;
  /** What is wrong and what would be right, as one sentence without a full stop. */
  text: string;
}

/** A problem as one line. */
export function formatProblem({ place, text }: Problem): string {
  return `${place}: ${text}`;
}

const mostListed = 100;

/** Where in a file a place is; beyond its end where it is elsewhere. */
function positionIn(file: string, place: string): readonly [line: number, column: number] {
  if (place === file) return [0, 0];
  const [, line, column] = (place.startsWith(`${file}:`) && /^(\d+):(\d+)/.exec(place.slice(file.length + 1))) || [];
  return line === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [Number(line), Number(column)];
}

/** Those of the file in its order, and then those of the environment and the flags. */
function byPlace(problems: readonly Problem[], file: string): Problem[] {
  const placed = problems.map((problem) => ({ problem, position: positionIn(file, problem.place) }));
  placed.sort(({ position: a }, { position: b }) => a[0] - b[0] || a[1] - b[1]);
  return placed.map(({ problem }) => problem);
}

/**
 * Problems for a person, each once: those of the file in its order, then the others; of very many the first hundred and
 * how many more there are.
 *
 * @param file - Where they are, on the whole.
 */
export function listProblems(problems: readonly Problem[], file: string | undefined): Problem[] {
  const unique = [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
  const different = file === undefined ? unique : byPlace(unique, file);
  const more = different.length - mostListed;
  if (more <= 0) return different;
  return [...different.slice(0, mostListed), { place: file ?? "environment", text: `there are ${more} more` }];
}

/** What an issue of the schema's is looked at for. */
export interface SchemaIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

/** How keys and tokens of known makers begin, addresses with a password, and text that is too long and too dense for
 * anything else. */
export const secretLooking =
  /(^|[^a-z])(sk-|pk-|eyJ|AIza|gh[opusr]_|xox[a-z]-|AKIA|-----BEGIN)|:\/\/[^\s/]*@|^[\s"'{[!*]*[\w+/=.-]{40,}[\s"'}\]]*$/i;

const longestShown = 60;

const lengthOf = (text: string) => `a text of ${text.length} ${text.length === 1 ? "character" : "characters"}`;

const hidden = (name: string) => `<${lengthOf(name)}>`;

/**
 * A path for a message, as {@link formatPath} writes it. A name of the operator's own can be a secret that has strayed
 * there: one that looks like it, or is very long, is not repeated.
 */
export function showPath(path: readonly PropertyKey[]): string {
  const names = path.map(String);
  return formatPath(
    names.map((name) => (secretLooking.test(name) || name.length > longestShown ? hidden(name) : name)),
  );
}

/**
 * A value as it may be shown. Where keys are kept, text could be one in a wrong place.
 *
 * @param path - Where the value stands.
 */
export function describeValue(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value === "") return "an empty text";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isMapping(value)) return Object.keys(value).length === 0 ? "an empty map" : "a map";
  const [section] = path;
  const kind = keyAt(path.map(String))?.kind;
  const plain = kind === "choice" || kind === "number" || kind === "boolean";
  const sensitive =
    section === "jwt" || section === "providers" || path.some((name) => String(name).includes("passphrase"));
  if (isSecret(path) || (sensitive && !plain && typeof value !== "boolean")) return `a ${typeof value}`;
  const type = typeAt(path);
  // In the place of a section, text is what a missing blank has made of a key and its value: `secret_key:s3cr3t`.
  const isStray = type !== undefined && isSection(type);
  if (typeof value === "string" && (isStray || secretLooking.test(value))) return lengthOf(value);
  const shown = typeof value === "string" ? quoteText(value) : String(value);
  return shown.length > longestShown ? `${shown.slice(0, longestShown - 3)}...` : shown;
}

/** What YAML 1.1, and with it the Python server, took for true or false. */
const oldTruths: Readonly<Record<string, boolean>> = { yes: true, on: true, y: true, no: false, off: false, n: false };

/** Why a value is not what it looks like. */
function explain(value: unknown, path: readonly string[]): string {
  const kind = keyAt(path)?.kind;
  if (kind === "text" && (typeof value === "number" || typeof value === "boolean")) return " (put it in quotes)";
  if (typeof value !== "string") return "";
  const type = typeAt(path);
  if (type && isSection(type) && /^[\w-]+:\S/.test(value)) return " (a space is missing after the colon)";
  const truth = kind === "boolean" ? oldTruths[value.toLowerCase()] : undefined;
  if (truth !== undefined) return ` (which is text in YAML 1.2; write ${truth})`;
  if (kind === "boolean" && /^(true|false)$/i.test(value)) return " (remove the quotes)";
  return kind === "number" && /^-?\d+(\.\d+)?$/.test(value) ? " (remove the quotes)" : "";
}

/** What to do about a key that there is none of. */
function remedy(path: readonly PropertyKey[], key: string): string {
  const known = namesBelow(path);
  if (key.includes(":")) return "a space is missing after the colon";
  const [section, ...rest] = key.split(".");
  if (rest.length > 0 && typeAt([...path, section ?? "", ...rest]))
    return `write ${section}: and below it ${showPath(rest)}:`;
  const written = key.slice(0, longestShown);
  const close = nearestName(written, known) ?? nearestName(written.toLowerCase(), known);
  if (!close) return `known here: ${known.join(", ")}`;
  return /^\p{ASCII}*$/u.test(key) ? `did you mean ${close}?` : `did you mean ${close}, in plain letters?`;
}

/**
 * A key for a message, by its path. Where secrets are kept, what stands without a value in a key's place can be one, as in
 * `{ s3cr3t }` or `{ key:s3cr3t }`, and is not repeated.
 *
 * @param value - What stands there.
 */
export function showKey(path: readonly PropertyKey[], value: unknown): string {
  const key = String(path.at(-1) ?? "");
  const isBare = value === null && (path[0] === "jwt" || path[0] === "providers");
  return showPath(isBare && key !== "" ? [...path.slice(0, -1), hidden(key)] : path);
}

/** What is wrong with a name of the operator's own, in a map that takes others. */
function wrongName(path: readonly string[], value: unknown, map: z.ZodType): string {
  const name = showKey(path, value);
  const key = path.at(-1) ?? "";
  if (key === "") return `${name}: a name is missing`;
  if (value === null && key.includes(":")) return `${name}: a space is missing after the colon`;
  return `${name}: expected ${allowedBy(map)}`;
}

/**
 * What is wrong with a value, for a person: its key, what is allowed and what was found.
 *
 * @param issue - What the schema found.
 * @param content - What was validated.
 * @param originOf - Tells where a key's value comes from.
 */
export function describeIssue(
  issue: SchemaIssue,
  content: unknown,
  originOf: (path: readonly string[]) => string,
): Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return (issue.keys ?? []).map((key) => {
      const whole = [...path, key];
      const name = showKey(whole, valueAt(content, whole));
      return { place: originOf(whole), text: `unknown key ${name}; ${remedy(path, key)}` };
    });
  }
  // What is missing is missed where it should stand.
  const depth = path.findIndex((_, index) => valueAt(content, path.slice(0, index + 1)) === undefined);
  const place = originOf(depth < 0 ? path : path.slice(0, depth));
  const value = valueAt(content, path);
  const map = path.slice(0, -1);
  const above = issue.code === "invalid_key" ? typeAt(map) : undefined;
  if (above) return [{ place, text: wrongName(path, value, above) }];
  const type = typeAt(path);
  const expected = type ? allowedBy(type) : "something else";
  const name = isMapOfNames(map) ? showKey(path, value) : showPath(path);
  return [{ place, text: `${name}: expected ${expected}, found ${describeValue(value, path)}${explain(value, path)}` }];
}
