import pino, { type Logger } from "pino";
import { writeToDescriptor } from "./descriptor.ts";
import { formatRecord } from "./text-format.ts";

export type { Logger };

/** How a log is written. */
export interface LogSettings {
  level: "debug" | "info" | "warning" | "error";
  format: "text" | "json";
  /** Whether text may carry colours. */
  colour: boolean;
  /** Takes a line with its line end; by default stderr does. */
  write?: (line: string) => void;
}

const levels = { debug: "debug", info: "info", warning: "warn", error: "error" } as const;

/** A log that nobody can take any more is no reason to stop serving. */
function writeToStderr(line: string): void {
  writeToDescriptor(2, line);
}

/**
 * Makes the process's logger. Every record is one line on stderr: JSON with the keys `level`, `time` (ISO 8601) and
 * `msg`, or the same as text.
 */
export function createLogger(settings: LogSettings): Logger {
  const write = settings.write ?? writeToStderr;
  const sink = settings.format === "json" ? write : (line: string) => write(formatRecord(line, settings.colour));
  return pino(
    {
      level: levels[settings.level],
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label === "warn" ? "warning" : label }) },
    },
    { write: sink },
  );
}
