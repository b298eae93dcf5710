import { isCollection, isNode, isScalar, type Pair, Scalar, type YAMLMap } from "yaml";
import { addToFlowMap } from "./flow-map.ts";
import { findPlace, indentationStep, lastLineEnd, ownCommentsEnd, placesOf, rangeOf } from "./layout.ts";
import { columnOf, indentationBefore, lineBreakOf, lineEnd, linesBelow, type Splice } from "./text-edit.ts";
import { entryLines, entryText, type PlainValue, type ValueStyle, valueText } from "./write-value.ts";
import type { YamlText } from "./yaml-text.ts";

function quotesOf(node: unknown): ValueStyle["quotes"] {
  if (!isScalar(node)) return undefined;
  return node.type === Scalar.QUOTE_DOUBLE ? "double" : node.type === Scalar.QUOTE_SINGLE ? "single" : undefined;
}

/** Puts another value in the place of an entry's. The value's anchor stays if it can; a tag of another type can't. */
function* waysToReplace(text: string, entry: Pair, value: string): Generator<Splice[]> {
  const { start, colonEnd, propertiesEnd, end } = placesOf(text, entry);
  const { value: node } = entry;
  if (colonEnd === undefined || propertiesEnd === undefined) {
    yield [{ start: end, end, text: `: ${value}` }];
    return;
  }
  const [valueStart, valueEnd] = isNode(node) ? rangeOf(node) : [end, end];
  if (isCollection(node) && !node.flow) {
    const lines = { start: lineEnd(text, propertiesEnd), end: lineEnd(text, ownEnd(text, start, end)), text: "" };
    yield [{ start: propertiesEnd, end: propertiesEnd, text: ` ${value}` }, lines];
    yield [{ start: colonEnd, end: propertiesEnd, text: ` ${value}` }, lines];
  } else if (isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)) {
    const header = /^[|>][-+0-9]*/.exec(text.slice(valueStart))?.[0] ?? "";
    const headerEnd = valueStart + header.length;
    const lines = { start: lineEnd(text, headerEnd), end, text: "" };
    yield [{ start: valueStart, end: headerEnd, text: value }, lines];
    yield [{ start: colonEnd, end: headerEnd, text: ` ${value}` }, lines];
  } else if (valueStart === valueEnd) {
    yield [{ start: propertiesEnd, end: propertiesEnd, text: ` ${value}` }];
    yield [{ start: colonEnd, end: propertiesEnd, text: ` ${value}` }];
  } else {
    yield [{ start: valueStart, end: valueEnd, text: value }];
    yield [{ start: colonEnd, end: valueEnd, text: ` ${value}` }];
  }
}

function ownEnd(text: string, start: number, end: number): number {
  return ownCommentsEnd(text, end, columnOf(text, start));
}

/** Makes a map of an entry that holds null: its first key is on the line below. */
function* waysToFill(yaml: YamlText, entry: Pair, keys: readonly string[], value: PlainValue): Generator<Splice[]> {
  const { text, root } = yaml;
  const { start, colonEnd, propertiesEnd, end } = placesOf(text, entry);
  const indentation = indentationBefore(text, start);
  if (indentation === undefined || colonEnd === undefined || propertiesEnd === undefined) return;
  const step = indentationStep(text, root);
  const below = linesBelow(text, end, entryLines(keys, value, indentation + step, step));
  // What says null is taken away; without it the colon is the end.
  yield [{ start: propertiesEnd, end, text: "" }, below];
  yield [{ start: colonEnd, end, text: "" }, below];
}

function* waysToAdd(yaml: YamlText, map: YAMLMap, keys: readonly string[], value: PlainValue): Generator<Splice[]> {
  const { text, json, root } = yaml;
  if (map.flow) {
    yield addToFlowMap(text, map, entryText(keys, value, { json }));
    return;
  }
  const [first, last] = [map.items[0], map.items.at(-1)];
  if (!first || !last) return;
  const indentation = indentationBefore(text, placesOf(text, first).start);
  if (indentation === undefined) return;
  const lines = entryLines(keys, value, indentation, indentationStep(text, root));
  const { end } = placesOf(text, last);
  // A new section comes at the end of the file, below a comment that tells of it in advance.
  if (map === root) yield [linesBelow(text, Math.max(end, lastLineEnd(text, end) ?? end), lines)];
  yield [linesBelow(text, ownCommentsEnd(text, end, indentation.length), lines)];
}

/** Begins a file that holds nothing yet, or only comments and marks. */
function* waysToBegin({ text, document }: YamlText, path: readonly string[], value: PlainValue): Generator<Splice[]> {
  const { contents } = document;
  const [start, end] = contents ? rangeOf(contents) : [0, 0];
  if (start < end) {
    yield [{ start, end, text: `{ ${entryText(path, value, { json: false })} }` }];
    return;
  }
  const lines = entryLines(path, value, "", "  ");
  const after = lastLineEnd(text, 0);
  if (after !== undefined) yield [linesBelow(text, after, lines)];
  else yield [{ start: 0, end: 0, text: lines.map((line) => line + lineBreakOf(text)).join("") }];
}

/**
 * The changes of a text that may set a key, best first; none where the path leads through something shared.
 *
 * @param path - At least one key; no value on the way is anything but a map or null.
 * @throws ConfigurationError when the value can't be written.
 */
export function* waysToSet(yaml: YamlText, path: readonly string[], value: PlainValue): Generator<Splice[]> {
  const { text, json, root } = yaml;
  if (!root) {
    yield* waysToBegin(yaml, path, value);
    return;
  }
  const { map, entry, keys } = findPlace(root, path);
  const [, ...within] = keys;
  if (!entry) {
    yield* waysToAdd(yaml, map, keys, value);
  } else if (within.length === 0) {
    yield* waysToReplace(text, entry, valueText(value, { json, quotes: quotesOf(entry.value) }));
  } else if (entry.value === null || (isScalar(entry.value) && entry.value.value === null)) {
    if (!map.flow) yield* waysToFill(yaml, entry, within, value);
    yield* waysToReplace(text, entry, `{ ${entryText(within, value, { json })} }`);
  }
}
