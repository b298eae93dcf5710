import { writeSync } from "node:fs";
import pino, { type Logger } from "pino";
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

/** Writes to stderr at once. A full pipe is waited for; a closed one has no reader left to tell. */
function writeToStderr(line: string): void {
  const bytes = Buffer.from(line);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(2, bytes, offset);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "EAGAIN") return;
      Bun.sleepSync(1);
    }
  }
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
