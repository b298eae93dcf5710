import { styleText } from "node:util";
import { visibleText } from "../observe/visible-text.ts";

/** A label and what it is of; with several texts a line each. */
export type Row = readonly [label: string, text: string | readonly string[]];

/** A heading with what is told below it. */
export interface Block {
  heading: string;
  rows: readonly Row[];
  /** Each a sentence; they stand below the rows. */
  warnings: readonly string[];
}

/** The longest text of a line, in characters: what is of somebody else's may be a megabyte. */
const longest = 1000;

const labelWidth = 13;
const indent = "  ";

function shown(text: string): string {
  const visible = visibleText(text);
  return visible.length > longest ? `${visible.slice(0, longest)}…` : visible;
}

/** A block as lines. What can't be seen is written as `\\u001b`, whosever text it is. */
export function formatBlock({ heading, rows, warnings }: Block, { colour }: { colour: boolean }): string {
  const tint = (tone: "bold" | "yellow", text: string) =>
    colour ? styleText(tone, text, { validateStream: false }) : text;
  const lines = rows.flatMap(([label, text]) =>
    [text].flat().map((line, index) => `${indent}${(index === 0 ? label : "").padEnd(labelWidth)} ${shown(line)}`),
  );
  const warned = warnings.map((warning) => `${indent}${tint("yellow", "warning:")} ${shown(warning)}`);
  return [tint("bold", shown(heading)), ...lines, ...warned].join("\n");
}
