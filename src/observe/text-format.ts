import { styleText } from "node:util";
import { visibleText } from "./visible-text.ts";

type Colour = "gray" | "cyan" | "yellow" | "red";

const colours: Readonly<Record<string, Colour>> = { debug: "gray", info: "cyan", warning: "yellow", error: "red" };

interface ErrorRecord {
  type?: string;
  message?: string;
  stack?: string;
}

function formatValue(value: unknown): string {
  return typeof value === "string" && /^[!#-<>-~]+$/.test(value) ? value : visibleText(JSON.stringify(value));
}

/**
 * Turns a JSON log record into a line of text: time, level, message, then `key=value` pairs. Of the error behind it
 * an error record has the stack, on lines of its own, and any other the message.
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
  const { stack, message = JSON.stringify(err) } = (err ?? {}) as ErrorRecord;
  const cause =
    err === undefined
      ? ""
      : name === "error"
        ? `\n${visibleText(stack ?? message, "\n")}`
        : ` cause=${formatValue(message)}`;
  return `${String(time)} ${tinted} ${visibleText(String(msg ?? ""))}${pairs.join("")}${cause}\n`;
}
