import type { ArgsDef } from "citty";
import { configurationFile, type LoadedConfiguration, loadConfiguration } from "../../config/load.ts";
import { resolvePaths } from "../../config/paths.ts";
import { UsageError } from "../../errors.ts";

/** Which configuration file a command works on. */
export const configArg = {
  config: {
    type: "string",
    valueHint: "file",
    description: "Configuration file; VIBECTL_SERVER_CONFIG or ~/.config/vibectl/server/config.yaml when left out",
  },
} satisfies ArgsDef;

/** The same for the commands about the file itself, which have another name for it too. */
export const fileArgs = {
  ...configArg,
  file: { type: "string", valueHint: "file", description: "The same as --config" },
} satisfies ArgsDef;

/** The value of {@link configArg}. */
export interface ConfigFlag {
  config?: string | undefined;
}

/** The values of {@link fileArgs}. */
export interface ConfigFlags extends ConfigFlag {
  file?: string | undefined;
}

/**
 * The file that the command line names.
 *
 * @throws UsageError when it names two.
 */
export function flaggedFile({ config, file }: ConfigFlags): string | undefined {
  if (config !== undefined && file !== undefined) {
    throw new UsageError("--file and --config contradict each other", { hint: "Give one of them." });
  }
  return file ?? config;
}

/**
 * The configuration file that a command works on, whether it exists or not.
 *
 * @throws UsageError when two are named.
 */
export function fileOf(flags: ConfigFlags): string {
  const environment = process.env;
  return configurationFile({ environment, paths: resolvePaths(environment), file: flaggedFile(flags) });
}

/**
 * The configuration in force for a server that would be started like this command.
 *
 * @throws UsageError when two files are named.
 * @throws ConfigurationError or FileError when there is none.
 */
export async function loadFor(flags: ConfigFlags): Promise<LoadedConfiguration> {
  const environment = process.env;
  return await loadConfiguration({ environment, paths: resolvePaths(environment), file: flaggedFile(flags) });
}
