import { styleText } from "node:util";
import { visibleText } from "../observe/visible-text.ts";

/** A cell, plain or in a colour. */
export type Cell = string | { readonly text: string; readonly tint: "green" | "yellow" | "red" | "gray" };

/** How a table is printed. */
export interface TableStyle {
  /** Whether there are colours. */
  colour: boolean;
}

const gap = "  ";

function textOf(cell: Cell): string {
  return visibleText(typeof cell === "string" ? cell : cell.text);
}

/**
 * A table as lines, each column as wide as its widest cell. What can't be seen is written as `\\u001b`, whosever text it
 * is; nothing is cut, so that other programs can read it.
 *
 * @param head - The columns' names; undefined leaves the line out.
 * @param rows - As many cells as the head has; missing ones are empty.
 * @returns Without a line break at its end.
 */
export function formatTable(
  head: readonly string[] | undefined,
  rows: ReadonlyArray<readonly Cell[]>,
  { colour }: TableStyle,
): string {
  const all = head === undefined ? rows : [head, ...rows];
  const widths: number[] = [];
  for (const cells of all) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, Bun.stringWidth(textOf(cell)));
    }
  }
  const shown = (cell: Cell, column: number, isLast: boolean) => {
    const text = textOf(cell);
    const padding = isLast ? "" : " ".repeat((widths[column] ?? 0) - Bun.stringWidth(text));
    const tinted = colour && typeof cell !== "string" ? styleText(cell.tint, text, { validateStream: false }) : text;
    return tinted + padding;
  };
  const lines = all.map((cells) => {
    const line = cells.map((cell, column) => shown(cell, column, column === cells.length - 1));
    return line.join(gap).trimEnd();
  });
  return lines.join("\n");
}
