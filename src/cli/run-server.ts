import { closeSync, openSync } from "node:fs";

import { configurationFile, loadConfiguration } from "../config/load.ts";
import type { Override } from "../config/override.ts";
import { resolvePaths } from "../config/paths.ts";
import type { Logger } from "../observe/logger.ts";
import type { CertificateChoice } from "../server/certificate-source.ts";
import type { RunningServer } from "../server/start.ts";
import { version } from "../version.ts";
import { output, showsColour } from "./output.ts";
import { shellWord } from "./shell-word.ts";
import { reportStart } from "./start-report.ts";

/** What a command that serves has read from its command line. */
export interface ServeRequest {
  /** The configuration file that is named. */
  file: string | undefined;
  /** Whether unknown configuration keys are warnings. */
  lenient: boolean | undefined;
  overrides: readonly Override[];
  /** Which certificate is served, where TLS is. */
  certificate: CertificateChoice;
}

/** How long the log may take to be read at the end, in milliseconds. */
const flushMs = 1000;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): { stopped: Promise<NodeJS.Signals>; stop: (name: NodeJS.Signals) => void } {
  const { promise: stopped, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let stopping = false;
  const stop = (name: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    resolve(name);
  };
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop(name));
  return { stopped, stop };
}

/** A terminal that is closed sends SIGHUP too: what was started in it ends with it. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** SIGHUP loads the configuration, certificates and keys anew; before there is a server, all is about to be loaded anyway. */
function reloadAtHangup(running: () => RunningServer | undefined, stop: (name: NodeJS.Signals) => void): void {
  const startedInTerminal = hasTerminal();
  process.on("SIGHUP", () => {
    if (startedInTerminal && !hasTerminal()) return stop("SIGHUP");
    void running()?.reload("SIGHUP");
  });
}

/** One caller's accident must not end the server for all others; what nobody foresaw is logged and survived. */
function surviveAccidents(logger: Logger): void {
  process.on("uncaughtException", (err) => logger.error({ err }, "An error that nobody handled"));
  process.on("unhandledRejection", (err) => logger.error({ err }, "A rejection that nobody handled"));
}

/** A server that listens is not stopped by a stdout that can't be written. */
function report(text: string, logger: Logger): void {
  try {
    output.line(text);
  } catch (err) {
    logger.warn({ err }, "The start report can't be printed");
  }
}

/** How this program was called, for commands to paste. */
function programName(): string {
  const called = process.argv0;
  return /(^|\/)vibectl-server[^/]*$/.test(called) ? shellWord(called) : "vibectl-server";
}

async function runUntilStopped(start: () => Promise<RunningServer>, logger: Logger): Promise<void> {
  const { stopped, stop } = stopSignal();
  let serving: RunningServer | undefined;
  reloadAtHangup(() => serving, stop);
  const running = await Promise.race([start(), stopped]);
  // A signal before it listens ends it there: the process ends with the command.
  if (typeof running === "string") return;
  surviveAccidents(logger);
  serving = running;
  const { summary } = running;
  for (const warning of summary.warnings) logger.warn(warning);
  report(reportStart(summary, programName(), version, output.colour), logger);
  logger.info({ host: summary.host, port: summary.port, tls: summary.tls !== undefined }, "listening");
  const signal = await stopped;
  logger.info({ signal }, "draining");
  await running.stop();
  logger.info("stopped");
}

/**
 * Runs the server until it is told to stop.
 *
 * @throws VibectlError when it can't be started.
 */
export async function runServer({ file, lenient, overrides, certificate }: ServeRequest): Promise<void> {
  const environment = process.env;
  const paths = resolvePaths(environment);
  const first = await loadConfiguration({ environment, paths, file, lenient, overrides });
  const [{ startServer }, { createLogger }, { LogSink }] = await Promise.all([
    import("../server/start.ts"),
    import("../observe/logger.ts"),
    import("../observe/log-sink.ts"),
  ]);
  const { log_level: level, log_format: format } = first.configuration.server;
  const log = new LogSink(2);
  const logger = createLogger({ level, format, colour: showsColour(process.stderr, environment), sink: log });
  log.onLoss = (count) => logger.warn({ count }, "log records were dropped: nobody reads them fast enough");
  const start = () =>
    startServer({
      // A file that was there at the start does not stop to count because it is gone.
      load: () => loadConfiguration({ environment, paths, file: file ?? first.file, lenient, overrides }),
      configurationFile: configurationFile({ environment, paths, file }),
      paths,
      logger,
      certificate,
    });
  try {
    await runUntilStopped(start, logger);
  } finally {
    await log.flush(flushMs);
  }
}
