import type { ArgsDef } from "citty";
import type { Override } from "../config/override.ts";
import { UsageError } from "../errors.ts";
import { loosePermissionsArg, sanArg } from "./certificate-flags.ts";
import { valuesOf } from "./invoke.ts";

/** Arguments of every command that serves. */
export const commonArgs = {
  host: { type: "string", valueHint: "address", description: "Address to listen on (127.0.0.1)" },
  port: { type: "string", valueHint: "port", description: "TCP port to listen on; 0 takes a free one (50051)" },
  model: { type: "string", valueHint: "model", description: "Default model: an id, an alias, or echo" },
  "max-workers": {
    type: "string",
    valueHint: "count",
    description: "Calls that run at the same time; the others wait (1000)",
  },
  "require-auth": {
    type: "boolean",
    description: "Let in only callers with a token",
    negativeDescription: "Let in everybody",
  },
  auth: {
    type: "boolean",
    description: "The same as --require-auth",
    negativeDescription: "Let in everybody, also where other machines reach the server",
  },
  "log-level": { type: "string", valueHint: "debug|info|warning|error", description: "Least severe record to log" },
  "log-format": { type: "enum", options: ["text", "json"], description: "Form of the log on stderr" },
  "log-prompts": { type: "boolean", description: "Write prompts and answers to the log" },
  lenient: { type: "boolean", description: "Warn of unknown configuration keys instead of refusing to start" },
  config: { type: "string", valueHint: "file", description: "Configuration file" },
} satisfies ArgsDef;

/** Arguments of those that serve TLS. */
export const tlsArgs = {
  "tls-min-version": { type: "enum", options: ["1.2", "1.3"], description: "Oldest version of TLS (1.3)" },
  "client-ca": {
    type: "string",
    valueHint: "file",
    description: "CAs, in PEM, whose clients are known by their certificates",
  },
  "client-auth": {
    type: "enum",
    options: ["none", "request", "require"],
    description: "Whether clients are asked for a certificate (require, where there is a --client-ca)",
  },
  "client-crl": { type: "string", valueHint: "file", description: "Revocation lists of these CAs, in PEM or DER" },
  ...loosePermissionsArg,
} satisfies ArgsDef;

/** Arguments that name the certificate's files. */
export const fileArgs = {
  "cert-file": { type: "string", valueHint: "file", description: "Certificate chain in PEM, leaf first" },
  "key-file": { type: "string", valueHint: "file", description: "The certificate's private key in PEM" },
  "key-passphrase-file": { type: "string", valueHint: "file", description: "File with the passphrase of that key" },
  "ca-bundle-file": {
    type: "string",
    valueHint: "file",
    description: "Roots in PEM that clients trust: the chain has to lead to one",
  },
} satisfies ArgsDef;

/** Arguments that tell what clients dial. */
export const hostArgs = {
  hostname: {
    type: "string",
    valueHint: "name",
    description: "Name that clients dial: the certificate has to cover it",
  },
  ...sanArg,
} satisfies ArgsDef;

type Names = keyof typeof commonArgs | keyof typeof tlsArgs | keyof typeof fileArgs | "hostname";

/** What the command line says, as far as a command takes it. */
export type ServeFlags = Partial<Record<Names, string | boolean | undefined>>;

function readPort(text: string | boolean | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(String(text)) ? Number(text) : Number.NaN;
  if (port <= 65535) return port;
  throw new UsageError(`--port is ${JSON.stringify(text)}, which is no port from 0 to 65535`);
}

function readWorkers(text: string | boolean | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^[1-9]\d{0,5}$/.test(String(text)) ? Number(text) : Number.NaN;
  if (count <= 100_000) return count;
  throw new UsageError(`--max-workers is ${JSON.stringify(text)}, which is no whole number from 1 to 100000`);
}

function readLevel(text: string | boolean | undefined): string | undefined {
  if (text === undefined) return undefined;
  const level = String(text).toLowerCase();
  if (["debug", "info", "warning", "error"].includes(level)) return level;
  throw new UsageError(`--log-level is ${JSON.stringify(text)}, but may be debug, info, warning, error`);
}

/** Whether a call needs a token, and the flag that says so. */
function decideAuth(flags: ServeFlags): Omit<Override, "path"> {
  const { auth, "require-auth": require } = flags;
  if (auth !== undefined && require !== undefined && auth !== require) {
    const written = (name: string, value: unknown) => `--${value ? "" : "no-"}${name}`;
    const [one, other] = [written("require-auth", require), written("auth", auth)];
    throw new UsageError(`${one} and ${other} contradict each other`);
  }
  const [name, value] = auth === undefined ? ["require-auth", require] : ["auth", auth];
  return { value, origin: value === false ? `--no-${name}` : `--${name}` };
}

/**
 * The names that clients dial, by `--hostname` and `--san`.
 *
 * @param rawArgs - The command's arguments as they were given.
 */
export function dialledNames(flags: ServeFlags, rawArgs: readonly string[]): string[] {
  return [...(flags.hostname === undefined ? [] : [String(flags.hostname)]), ...valuesOf(rawArgs, "san")];
}

/** Whether TLS is served, and what decided it. */
export interface TlsDecision {
  /** Undefined leaves it to the configuration. */
  value: boolean | undefined;
  origin: string;
}

/**
 * What the command line sets of the configuration.
 *
 * @throws UsageError for a value that its flag can't have.
 */
export function overridesFrom(flags: ServeFlags, tls: TlsDecision, hosts: readonly string[]): Override[] {
  const all: Override[] = [
    { path: ["server", "host"], value: flags.host, origin: "--host" },
    { path: ["server", "port"], value: readPort(flags.port), origin: "--port" },
    { path: ["server", "default_model"], value: flags.model, origin: "--model" },
    { path: ["server", "max_workers"], value: readWorkers(flags["max-workers"]), origin: "--max-workers" },
    { path: ["server", "use_tls"], ...tls },
    { path: ["server", "cert_file"], value: flags["cert-file"], origin: "--cert-file" },
    { path: ["server", "key_file"], value: flags["key-file"], origin: "--key-file" },
    { path: ["server", "require_auth"], ...decideAuth(flags) },
    { path: ["server", "log_prompts"], value: flags["log-prompts"], origin: "--log-prompts" },
    { path: ["server", "log_level"], value: readLevel(flags["log-level"]), origin: "--log-level" },
    { path: ["server", "log_format"], value: flags["log-format"], origin: "--log-format" },
    { path: ["tls", "hosts"], value: hosts.length > 0 ? hosts : undefined, origin: "--hostname" },
    { path: ["tls", "min_version"], value: flags["tls-min-version"], origin: "--tls-min-version" },
    { path: ["tls", "key_passphrase_file"], value: flags["key-passphrase-file"], origin: "--key-passphrase-file" },
    { path: ["tls", "ca_bundle_file"], value: flags["ca-bundle-file"], origin: "--ca-bundle-file" },
    { path: ["tls", "client_ca_file"], value: flags["client-ca"], origin: "--client-ca" },
    { path: ["tls", "client_auth"], value: flags["client-auth"], origin: "--client-auth" },
    { path: ["tls", "client_crl_file"], value: flags["client-crl"], origin: "--client-crl" },
    {
      path: ["tls", "allow_loose_permissions"],
      value: flags["allow-loose-permissions"],
      origin: "--allow-loose-permissions",
    },
  ];
  return all.filter(({ value }) => value !== undefined);
}
