import pino, { type Logger } from "pino";
import type { LineSink } from "./log-sink.ts";
import { formatRecord } from "./text-format.ts";

export type { Logger };

/** How a log is written. */
export interface LogSettings {
  level: "debug" | "info" | "warning" | "error";
  format: "text" | "json";
  /** Whether text may carry colours. */
  colour: boolean;
  /** Takes lines with their line ends. */
  sink: LineSink;
}

const levels = { debug: "debug", info: "info", warning: "warn", error: "error" } as const;

/**
 * Makes the process's logger. Every record is one line: JSON with the keys `level`, `time` (ISO 8601) and
 * `msg`, or the same as text.
 */
export function createLogger(settings: LogSettings): Logger {
  const { format, colour, sink } = settings;
  const write =
    format === "json" ? (line: string) => sink.write(line) : (line: string) => sink.write(formatRecord(line, colour));
  return pino(
    {
      level: levels[settings.level],
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label === "warn" ? "warning" : label }) },
    },
    { write },
  );
}
