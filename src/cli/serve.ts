import { type ArgsDef, defineCommand } from "citty";
import type { Override } from "../config/environment.ts";
import { loadConfiguration } from "../config/load.ts";
import { resolvePaths } from "../config/paths.ts";
import { UsageError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { RunningServer } from "../server/start.ts";
import { version } from "../version.ts";
import type { Meta } from "./invoke.ts";
import { output, showsColour } from "./output.ts";
import { shellWord } from "./shell-word.ts";
import { reportStart } from "./start-report.ts";

const args = {
  host: { type: "string", valueHint: "address", description: "Address to listen on (127.0.0.1)" },
  port: { type: "string", valueHint: "port", description: "TCP port to listen on; 0 takes a free one (50051)" },
  model: { type: "string", valueHint: "model", description: "Default model: an id, an alias, or echo" },
  tls: { type: "boolean", description: "Serve TLS", negativeDescription: "Serve plain text" },
  "generate-certs": {
    type: "boolean",
    description: "Serve TLS, and make the certificate and its development CA where there is none",
  },
  "cert-file": { type: "string", valueHint: "file", description: "Certificate chain in PEM, leaf first" },
  "key-file": { type: "string", valueHint: "file", description: "The certificate's private key in PEM" },
  "require-auth": {
    type: "boolean",
    description: "Let in only callers with a token",
    negativeDescription: "Let in everybody",
  },
  "log-level": { type: "string", valueHint: "debug|info|warning|error", description: "Least severe record to log" },
  "log-format": { type: "enum", options: ["text", "json"], description: "Form of the log on stderr" },
  config: { type: "string", valueHint: "file", description: "Configuration file" },
} satisfies ArgsDef;

/** How long the log may take to be read at the end, in milliseconds. */
const flushMs = 1000;

interface ServeFlags {
  host?: string | undefined;
  port?: string | undefined;
  model?: string | undefined;
  tls?: boolean | undefined;
  "generate-certs"?: boolean | undefined;
  "cert-file"?: string | undefined;
  "key-file"?: string | undefined;
  "require-auth"?: boolean | undefined;
  "log-level"?: string | undefined;
  "log-format"?: string | undefined;
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65535) return port;
  throw new UsageError(`--port is ${JSON.stringify(text)}, which is no port from 0 to 65535`);
}

function readLevel(text: string | undefined): string | undefined {
  const level = text?.toLowerCase();
  if (level === undefined || ["debug", "info", "warning", "error"].includes(level)) return level;
  throw new UsageError(`--log-level is ${JSON.stringify(text)}, but may be debug, info, warning, error`);
}

/** Whether the flags ask for TLS, for plain text, or leave it to the configuration. */
function wantsTls(flags: ServeFlags): boolean | undefined {
  const implying = (["generate-certs", "cert-file", "key-file"] as const).find((name) => flags[name]);
  if (flags.tls === false && implying) throw new UsageError(`--no-tls and --${implying} contradict each other`);
  if (!flags["cert-file"] !== !flags["key-file"]) {
    throw new UsageError("--cert-file and --key-file belong together", { hint: "Give both, or neither." });
  }
  return flags.tls ?? (implying ? true : undefined);
}

function overridesFrom(flags: ServeFlags): Override[] {
  const all: Override[] = [
    { path: "server.host", value: flags.host, origin: "--host" },
    { path: "server.port", value: readPort(flags.port), origin: "--port" },
    { path: "server.default_model", value: flags.model, origin: "--model" },
    { path: "server.use_tls", value: wantsTls(flags), origin: "--tls" },
    { path: "server.cert_file", value: flags["cert-file"], origin: "--cert-file" },
    { path: "server.key_file", value: flags["key-file"], origin: "--key-file" },
    { path: "server.require_auth", value: flags["require-auth"], origin: "--require-auth" },
    { path: "server.log_level", value: readLevel(flags["log-level"]), origin: "--log-level" },
    { path: "server.log_format", value: flags["log-format"], origin: "--log-format" },
  ];
  return all.filter(({ value }) => value !== undefined);
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.on(name, () => {
        if (stopping) process.exit(1);
        stopping = true;
        resolve(name);
      });
    }
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

async function runUntil(
  stopped: Promise<NodeJS.Signals>,
  start: () => Promise<RunningServer>,
  logger: Logger,
): Promise<void> {
  const running = await Promise.race([start(), stopped]);
  // A signal before it listens ends it there: the process ends with the command.
  if (typeof running === "string") return;
  surviveAccidents(logger);
  const { summary } = running;
  for (const warning of summary.warnings) logger.warn(warning);
  report(reportStart(summary, programName(), version, output.colour), logger);
  logger.info({ host: summary.host, port: summary.port, tls: summary.tls !== undefined }, "listening");
  const signal = await stopped;
  logger.info({ signal }, "draining");
  await running.stop();
  logger.info("stopped");
}

const meta: Meta = {
  name: "serve",
  description: "Runs the server",
  example: "vibectl-server serve --generate-certs --require-auth",
};

/** `serve`: runs the server until it is told to stop. */
export const serve = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const environment = process.env;
    const paths = resolvePaths(environment);
    const overrides = overridesFrom(flags);
    const loaded = await loadConfiguration({ environment, paths, file: flags.config, overrides });
    const [{ startServer }, { createLogger }, { LogSink }] = await Promise.all([
      import("../server/start.ts"),
      import("../observe/logger.ts"),
      import("../observe/log-sink.ts"),
    ]);
    const { log_level: level, log_format: format } = loaded.configuration.server;
    const log = new LogSink(2);
    const logger = createLogger({ level, format, colour: showsColour(process.stderr, environment), sink: log });
    log.onLoss = (count) => logger.warn({ count }, "log records were dropped: nobody reads them fast enough");
    const stopped = stopSignal();
    const start = () =>
      startServer({
        loaded,
        environment,
        paths,
        logger,
        generateCertificates: flags["generate-certs"] === true,
      });
    try {
      await runUntil(stopped, start, logger);
    } finally {
      await log.flush(flushMs);
    }
  },
});
