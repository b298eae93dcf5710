import { isMap, type Pair, type YAMLMap } from "yaml";
import { type Section, withoutValue, withValue } from "../tree.ts";
import { removeFromFlowMap } from "./flow-map.ts";
import { findPlace, ownCommentsEnd, placesOf, rangeOf } from "./layout.ts";
import {
  columnOf,
  indentationBefore,
  isBlank,
  lineEnd,
  lineStart,
  nextLine,
  type Splice,
  withoutLines,
} from "./text-edit.ts";
import type { YamlText } from "./yaml-text.ts";

/** How a key is removed. */
interface Removal {
  /** The changes of the text that may do it, best first. */
  ways: Splice[][];
  /** What is removed: the key, or a section above it that would be left with nothing in it. */
  path: readonly string[];
  /** What the file has to say afterwards. */
  wanted: Section;
}

function entryEnd(text: string, entry: Pair): number {
  const { start, end } = placesOf(text, entry);
  return ownCommentsEnd(text, end, columnOf(text, start));
}

/** Whether a section holds something beside its only entry: comments on lines of their own. */
function holdsMore(text: string, section: Pair, map: YAMLMap, only: Pair): boolean {
  const outer = placesOf(text, section);
  const inner = placesOf(text, only);
  if (map.flow) {
    const close = rangeOf(map)[1] - 1;
    const beside = Math.min(lineEnd(text, inner.end), close);
    const around = text.slice(rangeOf(map)[0] + 1, inner.start) + text.slice(beside, close);
    return /[^\s,]/.test(around);
  }
  const above = text.slice(lineEnd(text, outer.propertiesEnd ?? outer.start), lineStart(text, inner.start));
  const below = text.slice(lineEnd(text, entryEnd(text, only)), lineEnd(text, entryEnd(text, section)));
  return /\S/.test(above + below);
}

/** Where the blank lines end that follow the line that an offset is in. */
function blankLinesEnd(text: string, offset: number): number {
  let at = nextLine(text, offset);
  let end = offset;
  while (at < text.length && isBlank(text.slice(at, lineEnd(text, at)))) {
    end = at;
    at = nextLine(text, at);
  }
  return end;
}

function waysToRemove(text: string, map: YAMLMap, entry: Pair): Splice[][] {
  if (map.flow) return [removeFromFlowMap(text, map, entry)];
  const { start } = placesOf(text, entry);
  if (indentationBefore(text, start) === undefined) return [];
  const end = entryEnd(text, entry);
  const lines = withoutLines(text, start, end);
  return [
    [lines],
    // A block above that keeps its blank lines would take those below for its own, or lose the end of its last line.
    [withoutLines(text, start, blankLinesEnd(text, end))],
    [{ ...lines, start: lineStart(text, start) }],
  ];
}

/**
 * Finds out how to remove a key. A section that is left empty goes too, and so on upwards; one that still holds comments
 * stays, with nothing else in it.
 *
 * @param path - At least one key.
 * @returns Undefined when the key doesn't stand in the map where it is looked for, but comes from elsewhere.
 */
export function removalOf({ text, root, content }: YamlText, path: readonly string[]): Removal | undefined {
  if (!root) return undefined;
  const place = findPlace(root, path);
  if (!place.entry || place.keys.length !== 1) return undefined;
  let entry = place.entry;
  let depth = path.length;
  const mapAt = (level: number): YAMLMap => {
    const value = level === 0 ? root : place.above[level - 1]?.value;
    return isMap(value) ? value : root;
  };
  for (; depth > 1; depth--) {
    const section = place.above[depth - 2];
    const map = mapAt(depth - 1);
    if (!section || map.items.length > 1) break;
    if (holdsMore(text, section, map, entry)) {
      const wanted = withValue(content, path.slice(0, depth - 1), map.flow ? {} : null);
      return { ways: waysToRemove(text, map, entry), path: path.slice(0, depth), wanted };
    }
    entry = section;
  }
  const removed = path.slice(0, depth);
  return {
    ways: waysToRemove(text, mapAt(depth - 1), entry),
    path: removed,
    wanted: withoutValue(content, removed),
  };
}
