import type { ArgsDef } from "citty";
import { configurationFile, type LoadedConfiguration, loadConfiguration } from "../../config/load.ts";
import { expandHome, resolvePaths } from "../../config/paths.ts";

/** Which configuration file a command works on. */
export const configArg = {
  config: {
    type: "string",
    valueHint: "file",
    description: "Configuration file; VIBECTL_SERVER_CONFIG or ~/.config/vibectl/server/config.yaml when left out",
  },
} satisfies ArgsDef;

interface ConfigFlags {
  config?: string | undefined;
}

/** The configuration file that a command works on, whether it exists or not. */
export function fileOf({ config }: ConfigFlags): string {
  const environment = process.env;
  const file = configurationFile({ environment, paths: resolvePaths(environment), file: config });
  return expandHome(file, environment);
}

/**
 * The configuration in force for a server that would be started like this command.
 *
 * @throws ConfigurationError or FileError when there is none.
 */
export async function loadFor({ config }: ConfigFlags): Promise<LoadedConfiguration> {
  const environment = process.env;
  return await loadConfiguration({ environment, paths: resolvePaths(environment), file: config });
}
