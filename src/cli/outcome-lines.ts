import { styleText } from "node:util";
import { visibleText } from "../observe/visible-text.ts";
import type { Output } from "./output.ts";

/** What came of one of several things that were looked at. */
export interface Outcome {
  outcome: "ok" | "warning" | "failed" | "skipped";
  summary: string;
  details: readonly string[];
  /** What to do next. */
  hint?: string | undefined;
}

const marks = {
  ok: ["ok", "green"],
  warning: ["warn", "yellow"],
  failed: ["FAIL", "red"],
  skipped: ["-", "gray"],
} as const;

const indent = " ".repeat(22);

/**
 * An outcome as lines. What can't be seen is written as `\\u001b`, whosever text it is.
 *
 * @param name - What was looked at.
 */
export function formatOutcome(
  name: string,
  { outcome, summary, details, hint }: Outcome,
  { colour }: Pick<Output, "colour">,
): string {
  const [mark, tint] = marks[outcome];
  const shown = colour ? styleText(tint, mark.padEnd(5), { validateStream: false }) : mark.padEnd(5);
  const further = [...details, ...(hint === undefined ? [] : [`hint: ${hint}`])];
  const lines = [`${name.padEnd(15)} ${visibleText(summary)}`, ...further.map((line) => indent + visibleText(line))];
  return `${shown} ${lines.join("\n")}`;
}
