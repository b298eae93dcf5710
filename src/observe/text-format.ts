import { styleText } from "node:util";
import { visibleText } from "./visible-text.ts";

type Colour = "gray" | "cyan" | "yellow" | "red";

const colours: Readonly<Record<string, Colour>> = { debug: "gray", info: "cyan", warning: "yellow", error: "red" };

interface ErrorRecord {
  message?: string;
  /** Our own errors have none: their message says it all. */
  stack?: string;
  hint?: string;
}

function formatValue(value: unknown): string {
  return typeof value === "string" && /^[!#-<>-~]+$/.test(value) ? value : visibleText(JSON.stringify(value));
}

function formatCause({ stack, hint, message = "" }: ErrorRecord, whole: boolean): string {
  if (!whole) return ` cause=${formatValue(message)}`;
  const lines = stack ?? [message, ...(hint ? [`hint: ${hint}`] : [])].join("\n");
  return `\n${visibleText(lines, "\n").replaceAll(/^(?=.)/gm, "  ")}`;
}

/**
 * Turns a JSON log record into a line of text: time, level, message, then `key=value` pairs. Of the error behind it an
 * error record has the stack or, of our own errors, message and hint, on lines of their own; any other has the message.
 *
 * @param line - One JSON record.
 * @param colour - Whether to colour the level.
 */
export function formatRecord(line: string, colour: boolean): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const name = String(level);
  const label = name.toUpperCase().padEnd(7);
  const tinted = colour ? styleText(colours[name] ?? "gray", label, { validateStream: false }) : label;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${formatValue(value)}`);
  const cause = err === undefined ? "" : formatCause(err as ErrorRecord, name === "error");
  return `${String(time)} ${tinted} ${visibleText(String(msg ?? ""))}${pairs.join("")}${cause}\n`;
}
