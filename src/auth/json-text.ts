import { UnauthenticatedError } from "../errors.ts";
import { shown } from "./shown-text.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Objects and lists that may stand inside each other. */
const deepest = 16;

/** Tells whether a value that JSON.parse gave is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks what JSON.parse is silent about: it takes the last of two members with one name, where another reader may take
 * the first (RFC 7515, section 4; RFC 8725, section 2.6).
 *
 * @param text - Valid JSON.
 */
function checkStructure(text: string, part: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (const [piece, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (piece === "{" || piece === "[") {
      open.push(piece === "{" ? new Set() : undefined);
      if (open.length > deepest) throw new UnauthenticatedError(`the token's ${part} is nested too deeply`);
    } else if (piece === "}" || piece === "]") {
      open.pop();
    } else if (name !== undefined) {
      const member = String(JSON.parse(name));
      const members = open.at(-1);
      if (members?.has(member)) {
        throw new UnauthenticatedError(`the token's ${part} has two members with the name ${shown(member)}`);
      }
      members?.add(member);
    }
  }
}

/**
 * Reads a part of a token.
 *
 * @param bytes - Its content.
 * @param part - What it is called, such as `header`.
 * @throws UnauthenticatedError when it is no JSON object in UTF-8, names a member twice, or is nested too deeply.
 */
export function readJsonObject(bytes: Uint8Array, part: string): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UnauthenticatedError(`the token's ${part} is not valid UTF-8`, { cause });
  }
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message repeats the text, so it is not kept.
    throw new UnauthenticatedError(`the token's ${part} is not valid JSON`);
  }
  if (!isJsonObject(value)) throw new UnauthenticatedError(`the token's ${part} is JSON, but not an object`);
  checkStructure(text, part);
  return value;
}
