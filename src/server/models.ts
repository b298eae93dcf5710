import type { Environment } from "../config/paths.ts";
import { type ProviderSettings, resolveProviders } from "../config/provider-settings.ts";
import type { Configuration } from "../config/schema.ts";
import { ConfigurationError, ModelError, messageOf } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { createProvider } from "../providers/registry.ts";
import { ModelDirectory } from "../proxy/model-directory.ts";

/** The models on offer and which of them is the default. */
export interface LoadedModels {
  directory: ModelDirectory;
  /** The default model's name as it is asked for; undefined when there is none. */
  defaultModel: string | undefined;
  /** The default model's id; undefined while its provider can't be reached. */
  defaultModelId: string | undefined;
  /** Where the default model's provider has its key from; undefined when it has none. */
  keySource: string | undefined;
  /** How many models are on offer. */
  count: number;
  /** Why echo is offered, as words in brackets; undefined when it is not. */
  echo: string | undefined;
  warnings: readonly string[];
}

const echo: ProviderSettings = { name: "echo", type: "echo" };
const echoNames = new Set(["echo", "echo/echo"]);

/** Echo is for those who ask for it and for machines without any key; nobody gets its answers by mistake. */
function addEcho(settings: ProviderSettings[], wanted: string | null | undefined): string | undefined {
  if (settings.some(({ type }) => type === "echo")) return "configured";
  const asked = wanted !== null && wanted !== undefined && echoNames.has(wanted);
  if (!asked && settings.length > 0) return undefined;
  settings.push(echo);
  return asked ? "asked for" : "no provider has a key";
}

/** An alias may wait for a provider that is away; one that no provider could ever answer is a mistake. */
async function checkAliases(aliases: Configuration["model_aliases"], directory: ModelDirectory): Promise<string[]> {
  const { byName } = await directory.offer();
  return Object.entries(aliases)
    .filter(([, target]) => !byName.has(target))
    .map(([alias, target]) => `model_aliases.${alias} stands for ${target}, which no provider offers now`);
}

async function resolveDefault(
  wanted: string | null | undefined,
  directory: ModelDirectory,
  settings: readonly ProviderSettings[],
  unreachable: ReadonlySet<string>,
): Promise<{ name: string | undefined; id: string | undefined; warning?: string }> {
  if (!wanted) {
    const model = await directory.preferredDefault();
    return { name: model?.id, id: model?.id };
  }
  try {
    return { name: wanted, id: (await directory.resolve(wanted)).id };
  } catch (error) {
    const [provider] = wanted.split(/[/:]/);
    const known = settings.some(({ name }) => name === provider);
    if (provider && unreachable.has(provider)) {
      return { name: wanted, id: undefined, warning: `the default model ${wanted} waits for its provider` };
    }
    const hint = error instanceof ModelError ? error.hint : undefined;
    const reason = known || !provider || provider === wanted ? "" : `: there is no provider ${provider} with a key`;
    throw new ConfigurationError(`The default model ${wanted} is not on offer${reason}`, { hint, cause: error });
  }
}

/**
 * Builds the providers and learns what they offer.
 *
 * @throws ConfigurationError when a provider or the default model can't be.
 * @throws FileError when a key file can't be read.
 */
export async function loadModels(
  configuration: Configuration,
  environment: Environment,
  logger: Logger,
): Promise<LoadedModels> {
  const settings = await resolveProviders(configuration, environment);
  const wanted = configuration.server.default_model;
  const echoReason = addEcho(settings, wanted);
  const providers = await Promise.all(settings.map((each) => createProvider(each)));
  const unreachable = new Set<string>();
  const directory = new ModelDirectory({
    providers,
    aliases: configuration.model_aliases,
    onProblem(provider, problem) {
      unreachable.add(provider);
      logger.warn({ provider, err: problem }, `The models of ${provider} can't be listed: ${messageOf(problem)}`);
    },
  });
  const { models } = await directory.offer();
  const { name, id, warning } = await resolveDefault(wanted, directory, settings, unreachable);
  const provider = id?.slice(0, id.indexOf("/"));
  const warnings = await checkAliases(configuration.model_aliases, directory);
  return {
    directory,
    defaultModel: name,
    defaultModelId: id,
    keySource: settings.find((each) => each.name === provider)?.keySource,
    count: models.length,
    echo: echoReason,
    warnings: warning === undefined ? warnings : [warning, ...warnings],
  };
}
