import { lstat } from "node:fs/promises";
import { ConfigurationError, FileError, systemCodeOf } from "../errors.ts";
import { systemReason } from "../safe-file.ts";
import { type ConfigurationDocument, readConfigurationDocument } from "./document.ts";
import { type Override, overridesFrom } from "./environment.ts";
import { type Environment, expandHome, type Paths } from "./paths.ts";
import { describeProblem, valueAt } from "./problems.ts";
import { translatePythonSpellings } from "./python-spellings.ts";
import { type Configuration, configurationSchema } from "./schema.ts";

/** What to load the configuration from. */
export interface LoadOptions {
  environment: Environment;
  paths: Paths;
  /** A file that has to exist; otherwise the usual one is read if it is there. */
  file?: string | undefined;
  overrides?: readonly Override[];
}

/** The configuration in force. */
export interface LoadedConfiguration {
  configuration: Configuration;
  /** The file that was read, if any. */
  file: string | undefined;
  /** What the operator should know, each a sentence. */
  warnings: string[];
  /** Where a key's value comes from: a flag, a variable, a place in the file, or `default`. */
  originOf(path: string): string;
}

/** Whether there is a file of the usual name. One that can't be reached is there: it must not be passed over. */
async function isThere(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => true,
    (cause) => {
      // Where a folder of the path is none, there can't be a file either: HOME=/dev/null is usual for services.
      if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(cause) ?? "")) return false;
      const hint = "Make it readable for this user, or name another file with --config.";
      throw new FileError(`The configuration file ${file} can't be read: ${systemReason(cause)}`, { hint, cause });
    },
  );
}

function setIn(content: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let section = content;
  for (const key of keys) {
    const existing = section[key];
    const inner = typeof existing === "object" && existing !== null ? { ...existing } : {};
    section[key] = inner;
    section = inner as Record<string, unknown>;
  }
  section[last] = value;
}

function expandPaths({ server, tls, jwt, providers }: Configuration, environment: Environment): void {
  const expand = (path: string | null | undefined) => path && expandHome(path, environment);
  for (const key of ["ca_bundle_file", "key_passphrase_file", "client_ca_file", "client_crl_file"] as const) {
    tls[key] = expand(tls[key]);
  }
  server.cert_file = expand(server.cert_file);
  server.key_file = expand(server.key_file);
  jwt.secret_key_file = expand(jwt.secret_key_file);
  for (const provider of Object.values(providers)) {
    if (provider) provider.key_file = expand(provider.key_file);
  }
}

/**
 * Loads the configuration: flags before environment before file before default.
 *
 * @throws FileError when the file can't be read.
 * @throws ConfigurationError that names every value that is wrong, where it stands and what is allowed.
 */
export async function loadConfiguration(options: LoadOptions): Promise<LoadedConfiguration> {
  const { environment, paths, overrides = [] } = options;
  const named = options.file ?? (environment.VIBECTL_SERVER_CONFIG || undefined);
  const file = named ?? ((await isThere(paths.configuration)) ? paths.configuration : undefined);
  const document: ConfigurationDocument | undefined = file ? await readConfigurationDocument(file) : undefined;
  const { warnings, places } = document ? translatePythonSpellings(document) : { warnings: [], places: new Map() };
  const content: Record<string, unknown> = { ...document?.content };

  const origins = new Map<string, string>(places);
  for (const { path, value, origin } of [...overridesFrom(environment), ...overrides]) {
    setIn(content, path, value);
    origins.set(path, origin);
  }
  const originOf = (path: string) => {
    const set = origins.get(path);
    if (set !== undefined) return set;
    const keys = path.split(".");
    return valueAt(content, keys) === undefined || !document ? "default" : document.locate(keys);
  };

  const result = configurationSchema.safeParse(content);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => describeProblem(issue, content, originOf));
    throw new ConfigurationError(problems.join("\n"), { hint: "docs/configuration.md lists every key." });
  }
  expandPaths(result.data, environment);
  return { configuration: result.data, file, warnings, originOf };
}
