import { ConfigurationError } from "../../errors.ts";

/** What a key of a configuration file can hold. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** How a value is written. */
export interface ValueStyle {
  /** Whether the text is JSON, where every key and every string has double quotes. */
  json: boolean;
  /** The quotes of the string that is replaced; without them a string gets quotes where it needs some. */
  quotes?: "single" | "double" | undefined;
}

/** Words that YAML 1.1 or 1.2 reads as something else than text. */
const words = new Set(["y", "yes", "n", "no", "on", "off", "true", "false", "null"]);
const wordsOfText =
  /^(?:[\p{L}_/]|\.{1,2}\/|~\/)[\p{L}\p{M}\p{N}_./@+-]*(?: [\p{L}\p{M}\p{N}_./@+][\p{L}\p{M}\p{N}_./@+-]*)*$/u;
/** What some readers of YAML 1.1 take for a number without digits before its exponent. */
const bareExponent = /^e[-+]?\d+$/i;
const ipv4Address = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Characters that JSON leaves as they are, and that YAML takes for line breaks or doesn't allow. */
const mustBeEscaped = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const cannotBeSingleQuoted = /[\p{C}\u2028\u2029]/u;

/** Whether a text means itself without quotes, to every reader of YAML 1.1 and 1.2, in block and flow collections. */
function isPlain(text: string): boolean {
  if (words.has(text.toLowerCase()) || bareExponent.test(text)) return false;
  return ipv4Address.test(text) || wordsOfText.test(text);
}

function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    mustBeEscaped,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function textOfString(text: string, { json, quotes }: ValueStyle): string {
  if (text.includes("\0")) {
    throw new ConfigurationError("A value holds a NUL character, which no configuration file can hold", {
      hint: "Leave it out.",
    });
  }
  if (json || quotes === "double") return doubleQuoted(text);
  if (quotes === "single" && !cannotBeSingleQuoted.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return isPlain(text) && quotes === undefined ? text : doubleQuoted(text);
}

function textOfNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new ConfigurationError(`${value} is no number that a configuration file can hold`, {
      hint: "Give one that is finite.",
    });
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * A key as it is written.
 *
 * @throws ConfigurationError when it holds a NUL character.
 */
export function keyText(key: string, { json }: ValueStyle): string {
  return textOfString(key, { json });
}

/**
 * A value as it is written on one line; lists and maps are in the flow style.
 *
 * @throws ConfigurationError when it holds a NUL character, or a number that is not finite.
 */
export function valueText(value: PlainValue, style: ValueStyle): string {
  if (typeof value === "string") return textOfString(value, style);
  if (typeof value === "number") return textOfNumber(value);
  if (typeof value !== "object" || value === null) return String(value);
  const { json } = style;
  if (Array.isArray(value)) return `[${value.map((item: PlainValue) => valueText(item, { json })).join(", ")}]`;
  const entries = Object.entries(value).map(([key, inner]) => entryText([key], inner, { json }));
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/**
 * A key and its value on one line, with all but the first key in maps of the flow style.
 *
 * @param path - The key, and those within its value that lead to the value that is given; at least one.
 * @throws ConfigurationError as valueText does.
 */
export function entryText(path: readonly string[], value: PlainValue, style: ValueStyle): string {
  const [key = "", ...rest] = path;
  const text = rest.length === 0 ? valueText(value, style) : `{ ${entryText(rest, value, style)} }`;
  return `${keyText(key, style)}: ${text}`;
}

/**
 * A key and its value as lines of the block style: each key that leads to the value is on its own line.
 *
 * @param path - As of entryText.
 * @param indentation - What the first line begins with.
 * @param step - What each line has more than the one before.
 * @throws ConfigurationError as valueText does.
 */
export function entryLines(
  path: readonly string[],
  value: PlainValue,
  indentation: string,
  step: string,
): readonly string[] {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return [indentation + entryText([key], value, { json: false })];
  return [`${indentation}${keyText(key, { json: false })}:`, ...entryLines(rest, value, indentation + step, step)];
}
