import { isDeepStrictEqual } from "node:util";
import { type Document, visit } from "yaml";
import { ConfigurationError } from "../../errors.ts";
import { isMapping, type Section, valueAt, withValue } from "../tree.ts";
import { removalOf } from "./remove-entry.ts";
import { waysToSet } from "./set-entry.ts";
import { applySplices, lineBreakOf } from "./text-edit.ts";
import type { PlainValue } from "./write-value.ts";
import { parseYaml, type YamlText } from "./yaml-text.ts";

const byteOrderMark = "\ufeff";

/** Whether a text says what it should, and is still JSON if it was. */
function says(text: string, wanted: Section, { json }: YamlText): boolean {
  try {
    const yaml = parseYaml(text);
    return isDeepStrictEqual(yaml.content, wanted) && (!json || yaml.json);
  } catch (error) {
    if (error instanceof ConfigurationError) return false;
    throw error;
  }
}

/** The last resort: the library's own change, which keeps the comments but lays out the whole text anew. */
function reformatted({ text }: YamlText, change: (document: Document) => void): string | undefined {
  const { document } = parseYaml(text);
  try {
    change(document);
    return document.toString({ lineWidth: 0 }).replaceAll("\n", lineBreakOf(text));
  } catch (error) {
    // The library refuses what an alias needs, or what is no collection, with plain errors.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function hasAlias(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

function unsuitable({ document }: YamlText, path: readonly string[]): ConfigurationError {
  const isShared = hasAlias(document);
  const why = isShared ? "is shared by an anchor or alias" : "is written in a way that this command doesn't understand";
  return new ConfigurationError(`${path.join(".")} can't be changed on its own: it ${why}`, {
    hint: "Edit the file by hand: vibectl-server config edit",
  });
}

/** The first of the texts that says what is wanted, and no more than that. */
function firstThatSays(
  yaml: YamlText,
  path: readonly string[],
  wanted: Section,
  texts: Iterable<string | undefined>,
): string {
  for (const text of texts) {
    if (text !== undefined && says(text, wanted, yaml)) return text;
  }
  throw unsuitable(yaml, path);
}

function requireSections(content: Section, path: readonly string[]): void {
  for (let depth = 1; depth < path.length; depth++) {
    const section = path.slice(0, depth);
    const value = valueAt(content, section) ?? {};
    if (isMapping(value)) continue;
    const found = Array.isArray(value) ? "a list" : "a single value";
    throw new ConfigurationError(`${section.join(".")} is ${found}, so there can be no ${path.join(".")}`, {
      hint: `Set ${section.join(".")} as a whole, or unset it first.`,
    });
  }
}

function read(source: string, path: readonly string[]): { mark: string; yaml: YamlText } {
  if (path.length === 0) throw new ConfigurationError("No key was named", { hint: "Name one, such as server.port." });
  const mark = source.startsWith(byteOrderMark) ? byteOrderMark : "";
  return { mark, yaml: parseYaml(source.slice(mark.length)) };
}

/**
 * Sets a key of a YAML or JSON text. All else stays as it is, byte for byte: comments, order, blank lines, quotes, line
 * breaks. What is new is written as one line, or as one a section that was not there.
 *
 * @param source - The text; an empty one will do.
 * @param path - The key and those above it, outermost first.
 * @returns The new text; the same where the key holds the value already.
 * @throws ConfigurationError when the text is no YAML map, a value stands where a section is needed, the value can't be
 * written, or other keys would change with this one.
 */
export function setInText(source: string, path: readonly string[], value: PlainValue): string {
  const { mark, yaml } = read(source, path);
  requireSections(yaml.content, path);
  if (isDeepStrictEqual(valueAt(yaml.content, path), value)) return source;
  function* texts(): Generator<string | undefined> {
    for (const splices of waysToSet(yaml, path, value)) yield applySplices(yaml.text, splices);
    yield reformatted(yaml, (document) => document.setIn(path, document.createNode(value)));
  }
  return mark + firstThatSays(yaml, path, withValue(yaml.content, path, value), texts());
}

/**
 * Removes a key of a YAML or JSON text, with the comment beside it; comments on the lines above stay. A section that is
 * left empty goes too, unless comments stand in it.
 *
 * @param source - The text.
 * @param path - The key and those above it, outermost first.
 * @returns The new text; undefined when the key is not there.
 * @throws ConfigurationError when the text is no YAML map, or other keys would change with this one.
 */
export function removeFromText(source: string, path: readonly string[]): string | undefined {
  const { mark, yaml } = read(source, path);
  // An item of a list is no key.
  const isInMaps = path.every((_, depth) => isMapping(valueAt(yaml.content, path.slice(0, depth))));
  if (!isInMaps || valueAt(yaml.content, path) === undefined) return undefined;
  const removal = removalOf(yaml, path);
  if (!removal) throw unsuitable(yaml, path);
  function* texts(): Generator<string | undefined> {
    for (const splices of removal?.ways ?? []) yield applySplices(yaml.text, splices);
    yield reformatted(yaml, (document) => document.deleteIn(removal?.path ?? path));
  }
  return mark + firstThatSays(yaml, path, removal.wanted, texts());
}
