/** A part of a text that is replaced. */
export interface Splice {
  /** The offset of its first character. */
  start: number;
  /** The offset after its last one; the same as `start` where something is only put in. */
  end: number;
  /** What comes in its place. */
  text: string;
}

/**
 * Replaces parts of a text; all else stays as it is.
 *
 * @param splices - Parts that don't overlap, in any order; of two at the same offset the first one given comes first.
 */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = "";
  let offset = 0;
  for (const { start, end, text: replacement } of splices.toSorted((one, other) => one.start - other.start)) {
    result += text.slice(offset, start) + replacement;
    offset = end;
  }
  return result + text.slice(offset);
}

/** The line break that a text is written with: that of its first line. */
export function lineBreakOf(text: string): "\r\n" | "\n" {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}

/** Where the line begins that an offset is in. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the line ends that an offset is in: before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === "\r" ? end - 1 : end;
}

/** Where the next line begins, or the text ends. */
export function nextLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

/** How many characters stand before an offset in its line. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Whether a text holds nothing that can be seen. */
export function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

/** What a line begins with before an offset, or undefined where something else than its indentation stands there. */
export function indentationBefore(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

/** Puts lines below the one that an offset is in. */
export function linesBelow(text: string, offset: number, lines: readonly string[]): Splice {
  const lineBreak = lineBreakOf(text);
  const at = lineEnd(text, offset);
  return { start: at, end: at, text: lines.map((line) => lineBreak + line).join("") };
}

/** Removes all lines from the one with the first offset to the one with the second. */
export function withoutLines(text: string, from: number, to: number): Splice {
  const start = lineStart(text, from);
  const end = nextLine(text, to);
  const endsWithBreak = text[end - 1] === "\n";
  // The line that is then the last one ends as the text did before: without a line break.
  const before = endsWithBreak || start === 0 ? start : start - (text[start - 2] === "\r" ? 2 : 1);
  return { start: before, end, text: "" };
}
