import pino, { type Logger } from "pino";
import { messageOf, VibectlError } from "../errors.ts";
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

/** Of our own errors what they say and what to do; of all others where they come from, too. */
function describeError(error: unknown): unknown {
  if (!(error instanceof VibectlError)) return error instanceof Error ? pino.stdSerializers.err(error) : error;
  const { code, message, hint, cause } = error;
  return { code, message, ...(hint && { hint }), ...(cause === undefined ? {} : { cause: messageOf(cause) }) };
}

const levels = { debug: "debug", info: "info", warning: "warn", error: "error" } as const;

/** Changes the least severe level that is written. */
export function setLevel(logger: Logger, level: LogSettings["level"]): void {
  logger.level = levels[level];
}

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
      serializers: { err: describeError },
      formatters: { level: (label) => ({ level: label === "warn" ? "warning" : label }) },
    },
    { write },
  );
}
