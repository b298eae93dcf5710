import { lstat, stat } from "node:fs/promises";
import { ConfigurationError, FileError, systemCodeOf } from "../errors.ts";
import { systemReason } from "../safe-file.ts";
import { readConfigurationDocument } from "./document.ts";
import { secretsIn } from "./keys.ts";
import { layer } from "./layers.ts";
import { expandPaths } from "./named-files.ts";
import type { Override } from "./override.ts";
import { type Environment, expandHome, type Paths } from "./paths.ts";
import { formatProblem, listProblems, type Problem, showPath } from "./problems.ts";
import type { Configuration } from "./schema.ts";
import type { Section } from "./tree.ts";
import { validate } from "./validate.ts";

/** What to load the configuration from. */
export interface LoadOptions {
  environment: Environment;
  paths: Paths;
  /** A file that has to exist; otherwise the usual one is read if it is there. */
  file?: string | undefined;
  overrides?: readonly Override[];
  /** Whether unknown keys are warnings. */
  lenient?: boolean | undefined;
}

/** The configuration in force. */
export interface LoadedConfiguration {
  configuration: Configuration;
  /** The file that was read, if any. */
  file: string | undefined;
  /** What the operator should know, each a sentence. */
  warnings: string[];
  /** Where a key's value comes from: a flag, a variable, a place in the file, or `default`. */
  originOf(path: readonly string[]): string;
}

/** What was found of a configuration, sound or not. */
export interface ExaminedConfiguration {
  file: string | undefined;
  /** All that is wrong with it; of very much the first hundred problems, and one that counts the others. */
  problems: readonly Problem[];
  warnings: string[];
  /** Undefined where there are problems. */
  loaded: LoadedConfiguration | undefined;
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

function namedFile({ environment, file }: Pick<LoadOptions, "environment" | "file">): string | undefined {
  const named = file ?? (environment.VIBECTL_SERVER_CONFIG || undefined);
  return named === undefined ? undefined : expandHome(named, environment);
}

/**
 * The file that is meant: the one that is named, else the one in `VIBECTL_SERVER_CONFIG`, else the usual one. Its `~/` is the
 * home folder.
 *
 * @param options - Of which the environment, the usual places and the named file are looked at.
 */
export function configurationFile(options: Pick<LoadOptions, "environment" | "paths" | "file">): string {
  return namedFile(options) ?? options.paths.configuration;
}

/** A file that holds a secret is one that only its owner may read. */
async function permissionWarnings(file: string, content: Section): Promise<string[]> {
  const [secret] = secretsIn(content);
  if (secret === undefined || process.platform === "win32") return [];
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return [];
  return [`${file} holds ${showPath(secret)}, and other users can read it: chmod 600 ${file}`];
}

/**
 * Reads and validates the configuration: flags before environment before file before default.
 *
 * @returns All problems at once, each with its place.
 * @throws FileError or ConfigurationError when the file can't be read as text.
 */
export async function examineConfiguration(options: LoadOptions): Promise<ExaminedConfiguration> {
  const { environment, paths, overrides = [], lenient = false } = options;
  const isRead = namedFile(options) !== undefined || (await isThere(paths.configuration));
  const file = isRead ? configurationFile(options) : undefined;
  const document = file === undefined ? undefined : await readConfigurationDocument(file);
  const layered = layer(document, environment, overrides);
  const validation = document?.problems.length ? undefined : validate(layered, { lenient });
  const problems = listProblems([...layered.problems, ...(validation?.problems ?? [])], file);
  const warnings = [
    ...listProblems([...layered.warnings, ...(validation?.warnings ?? [])], file).map(formatProblem),
    ...layered.notes,
    ...(document ? await permissionWarnings(document.file, document.content) : []),
  ];
  const configuration = problems.length === 0 ? validation?.configuration : undefined;
  if (configuration === undefined) return { file, problems, warnings, loaded: undefined };
  expandPaths(configuration, environment);
  return { file, problems, warnings, loaded: { configuration, file, warnings, originOf: layered.originOf } };
}

/**
 * Loads the configuration.
 *
 * @throws FileError when the file can't be read.
 * @throws ConfigurationError that names every value that is wrong, where it stands and what is allowed.
 */
export async function loadConfiguration(options: LoadOptions): Promise<LoadedConfiguration> {
  const { loaded, problems } = await examineConfiguration(options);
  if (loaded) return loaded;
  throw new ConfigurationError(problems.map(formatProblem).join("\n"), {
    hint: "docs/configuration.md lists every key; so does `vibectl-server config schema`.",
  });
}
