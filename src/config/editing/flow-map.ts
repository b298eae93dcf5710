import type { CST, Pair, YAMLMap } from "yaml";
import { placesOf, rangeOf } from "./layout.ts";
import { indentationBefore, isBlank, lineBreakOf, lineEnd, type Splice, withoutLines } from "./text-edit.ts";

interface Comma {
  start: number;
  end: number;
}

function commaIn(item: CST.CollectionItem | undefined): Comma | undefined {
  const token = item?.start.find(({ type }) => type === "comma");
  return token && { start: token.offset, end: token.offset + 1 };
}

/** The comma that follows an entry. */
function commaAfter(map: YAMLMap, { srcToken }: Pair): Comma | undefined {
  const token = map.srcToken;
  if (token?.type !== "flow-collection") return undefined;
  const items: readonly unknown[] = token.items;
  return commaIn(token.items[items.indexOf(srcToken) + 1]);
}

/** Where a map's text is within its braces. */
function innerRange(map: YAMLMap): readonly [start: number, end: number] {
  const [start, end] = rangeOf(map);
  return [start + 1, end - 1];
}

function addFirst(text: string, map: YAMLMap, entry: string): Splice[] {
  const [start, end] = innerRange(map);
  if (isBlank(text.slice(start, end))) return [{ start, end, text: ` ${entry} ` }];
  const indentation = indentationBefore(text, end) ?? "";
  return [{ start: end, end, text: `  ${entry}${lineBreakOf(text)}${indentation}` }];
}

/**
 * Adds an entry at the end of a map in braces: on a line of its own where the last one has one.
 *
 * @param entry - The entry's text.
 */
export function addToFlowMap(text: string, map: YAMLMap, entry: string): Splice[] {
  const last = map.items.at(-1);
  if (!last) return addFirst(text, map, entry);
  const { start, end } = placesOf(text, last);
  const indentation = indentationBefore(text, start);
  if (indentation === undefined) return [{ start: end, end, text: `, ${entry}` }];
  const line = lineBreakOf(text) + indentation + entry;
  const braceIsBelow = text.slice(end, innerRange(map)[1]).includes("\n");
  if (!braceIsBelow) return [{ start: end, end, text: `,${line}` }];
  const comma = commaAfter(map, last);
  const below = lineEnd(text, comma?.end ?? end);
  if (comma) return [{ start: below, end: below, text: `${line},` }];
  return [
    { start: end, end, text: "," },
    { start: below, end: below, text: line },
  ];
}

function removeOnly(text: string, map: YAMLMap, start: number, end: number): Splice[] {
  const [innerStart, innerEnd] = innerRange(map);
  if (isBlank(text.slice(innerStart, start)) && isBlank(text.slice(end, innerEnd))) {
    return [{ start: innerStart, end: innerEnd, text: "" }];
  }
  return [standsAlone(text, map, start, end) ? withoutLines(text, start, end) : { start, end, text: "" }];
}

/** Whether an entry's lines hold nothing else than a comment of its own. */
function standsAlone(text: string, map: YAMLMap, start: number, end: number): boolean {
  const rest = text.slice(end, lineEnd(text, end));
  return (
    indentationBefore(text, start) !== undefined && lineEnd(text, end) < innerRange(map)[1] && /^\s*(?:#|$)/.test(rest)
  );
}

/** Removes an entry of a map in braces, with one comma, and with its lines where these hold nothing else. */
export function removeFromFlowMap(text: string, map: YAMLMap, entry: Pair): Splice[] {
  const places = placesOf(text, entry);
  const { start } = places;
  const after = commaAfter(map, entry);
  const end = after?.end ?? places.end;
  if (map.items.length === 1) return removeOnly(text, map, start, end);
  const next = map.items[map.items.indexOf(entry) + 1];
  const before = commaIn(entry.srcToken as CST.CollectionItem | undefined);
  const danglingComma = !next && !after && before ? before : undefined;
  if (standsAlone(text, map, start, end)) {
    const lines = withoutLines(text, start, end);
    return danglingComma ? [{ ...danglingComma, text: "" }, lines] : [lines];
  }
  if (next) {
    const nextStart = placesOf(text, next).start;
    return [{ start, end: isBlank(text.slice(end, nextStart)) ? nextStart : end, text: "" }];
  }
  if (!before) return [{ start, end, text: "" }];
  if (isBlank(text.slice(before.end, start))) return [{ start: before.start, end: places.end, text: "" }];
  return [
    { ...before, text: "" },
    { start, end: places.end, text: "" },
  ];
}
