import { namesOf } from "./ground.ts";
import { endOf, expectedEnd, type Outcome } from "./judgement.ts";

const titles = ["fault", "way", "company", "expected", "outcome", "requests", "ms", "bound", ""] as const;
const numbers = new Set(["requests", "ms", "bound"]);

function rowOf({ cell, expected, seen, requests, problems }: Outcome): string[] {
  const late = seen.ms > expected.boundMs ? "late" : "";
  return [
    cell.fault.title,
    cell.way,
    cell.company,
    `${expected.afterText ? "text, " : ""}${expectedEnd(expected)}`,
    `${seen.text !== "" && seen.error ? "text, " : ""}${endOf(seen, namesOf(cell))}`,
    String(requests),
    seen.ms.toFixed(0),
    expected.boundMs.toFixed(0),
    problems.length > 0 ? "NOT AS EXPECTED" : late,
  ];
}

function summary(outcomes: readonly Outcome[]): string {
  const wrong = outcomes.filter(({ problems }) => problems.length > 0).length;
  const late = outcomes.filter(({ seen, expected }) => seen.ms > expected.boundMs).length;
  const slowest = Math.max(...outcomes.map(({ seen }) => seen.ms));
  const faults = new Set(outcomes.map(({ cell }) => cell.fault)).size;
  return (
    `${faults} faults, ${outcomes.length} calls: ${outcomes.length - wrong} as expected, ${wrong} not; ` +
    `${late} later than their bound; the slowest took ${slowest.toFixed(0)} ms.`
  );
}

/** The outcomes in columns, for a terminal. */
export function asText(outcomes: readonly Outcome[]): string {
  const rows = [[...titles], ...outcomes.map(rowOf)];
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numbers.has(titles[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
  return `\n${lines.join("\n")}\n\n${summary(outcomes)}\n`;
}

/** The outcomes as Markdown. */
export function asMarkdown(outcomes: readonly Outcome[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = line(titles.map((title) => (numbers.has(title) ? "--:" : "---")));
  return `${[line(titles), rule, ...outcomes.map((outcome) => line(rowOf(outcome)))].join("\n")}\n\n${summary(outcomes)}\n`;
}
