import {
  type CST,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  type Node,
  type Pair,
  Scalar,
  type YAMLMap,
} from "yaml";
import { columnOf, isBlank, lineEnd, lineStart, nextLine } from "./text-edit.ts";
import { nameOfKey } from "./yaml-text.ts";

/** Where the parts of an entry stand in its text. */
interface EntryPlaces {
  /** Where it begins: at its key, or at the key's anchor, tag or question mark. */
  start: number;
  /** Where the colon ends; undefined where there is none. */
  colonEnd: number | undefined;
  /** Where the value's anchor and tag end, else the same as `colonEnd`. */
  propertiesEnd: number | undefined;
  /** Where the value ends, without comments and line breaks after it. */
  end: number;
}

/** A scalar's or collection's offsets: its first character, and the one after its last. */
export function rangeOf(node: Node): readonly [start: number, end: number] {
  const [start = 0, end = start] = node.range ?? [];
  return [start, end];
}

const isProperty = ({ type }: CST.SourceToken) => type === "anchor" || type === "tag";
const endOf = ({ offset, source }: CST.SourceToken) => offset + source.length;

function blockScalarEnd(text: string, start: number, end: number): number {
  const keepsBlankLines = /^[|>]\d?\+/.test(text.slice(start, start + 3));
  if (!keepsBlankLines) return start + text.slice(start, end).trimEnd().length;
  // The last line break belongs to it, but is also that of its last line.
  return text[end - 1] === "\n" ? end - (text[end - 2] === "\r" ? 2 : 1) : end;
}

function nodeEnd(text: string, node: Node): number {
  const [start, end] = rangeOf(node);
  if (isScalar(node)) {
    const inBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    return inBlock ? blockScalarEnd(text, start, end) : end;
  }
  if (!isCollection(node) || node.flow) return end;
  const last = node.items.at(-1);
  return isPair(last) ? placesOf(text, last).end : isNode(last) ? nodeEnd(text, last) : end;
}

/** Finds the parts of an entry. */
export function placesOf(text: string, { key, value, srcToken }: Pair): EntryPlaces {
  const [keyStart, keyEnd] = isNode(key) ? rangeOf(key) : [0, 0];
  const first = srcToken?.start?.find((token) => isProperty(token) || token.type === "explicit-key-ind");
  const colon = srcToken?.sep?.find(({ type }) => type === "map-value-ind");
  const property = srcToken?.sep?.findLast(isProperty);
  const colonEnd = colon && endOf(colon);
  const propertiesEnd = property ? endOf(property) : colonEnd;
  const isEmpty = !isNode(value) || rangeOf(value)[0] === rangeOf(value)[1];
  const end = isEmpty ? (propertiesEnd ?? keyEnd) : nodeEnd(text, value);
  return { start: first?.offset ?? keyStart, colonEnd, propertiesEnd, end };
}

/** Where a path leads in a file. */
export interface Place {
  /** The innermost map on the way. */
  map: YAMLMap;
  /** The entries whose values are the maps on the way, outermost first. */
  above: readonly Pair[];
  /** The entry of that map that goes on in the path's direction, where there is one. */
  entry: Pair | undefined;
  /** The keys of the path that are within that map. */
  keys: readonly string[];
}

/**
 * Goes from map to map as far as a path leads.
 *
 * @param path - At least one key.
 */
export function findPlace(root: YAMLMap, path: readonly string[]): Place {
  const above: Pair[] = [];
  let map = root;
  for (;;) {
    const keys = path.slice(above.length);
    const entry = map.items.find((item) => nameOfKey(item.key) === keys[0]);
    if (!entry || keys.length === 1 || !isMap(entry.value)) return { map, above, entry, keys };
    above.push(entry);
    map = entry.value;
  }
}

/**
 * Where the comments end that stand in lines of their own below an entry and are indented deeper than it: they are part
 * of its section.
 *
 * @param end - Where the entry ends.
 * @param column - The entry's column.
 */
export function ownCommentsEnd(text: string, end: number, column: number): number {
  let result = end;
  for (let at = nextLine(text, end); at < text.length; at = nextLine(text, at)) {
    const line = text.slice(at, lineEnd(text, at));
    if (isBlank(line)) continue;
    const comment = line.indexOf("#");
    if (comment <= column || !isBlank(line.slice(0, comment))) break;
    result = at + line.length;
  }
  return result;
}

/** What the lines of a map have more than those of the map around it: what the file's first section has, else two blanks. */
export function indentationStep(text: string, map: YAMLMap | undefined): string {
  for (const entry of map?.items ?? []) {
    if (!isMap(entry.value) || entry.value.flow) continue;
    const [inner] = entry.value.items;
    if (!inner) continue;
    const width = columnOf(text, placesOf(text, inner).start) - columnOf(text, placesOf(text, entry).start);
    if (width > 0) return " ".repeat(width);
  }
  return "  ";
}

/** Where the last line ends, of those from an offset on, that is not blank and comes before the end mark (`...`). */
export function lastLineEnd(text: string, from: number): number | undefined {
  let result: number | undefined;
  for (let at = lineStart(text, from); at < text.length; at = nextLine(text, at)) {
    const line = text.slice(at, lineEnd(text, at));
    if (/^\.\.\.(?:\s|$)/.test(line)) break;
    if (!isBlank(line)) result = at + line.length;
  }
  return result;
}
