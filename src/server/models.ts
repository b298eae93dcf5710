import type { LoadedConfiguration } from "../config/load.ts";
import { type ProviderSettings, resolveProviders } from "../config/provider-settings.ts";
import type { Configuration } from "../config/schema.ts";
import { ConfigurationError, ModelError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { aliasTarget, ModelDirectory } from "../proxy/model-directory.ts";
import type { ModelAccess } from "../proxy/request.ts";
import { type LoadedProviders, loadProviders, routesOf } from "./routing.ts";

/** What is on offer at the start, for a person. */
export interface ModelSummary {
  /** The default model as it is known at the start: its id, or its name while its provider can't be reached. */
  defaultModel: string | undefined;
  /** Where the default model's provider has its key from; undefined when it has none. */
  keySource: string | undefined;
  /** How many models are on offer. */
  count: number;
  /** Why echo is offered, in words; undefined when it is not. */
  echo: string | undefined;
}

/** The models on offer and which of them is the default. */
export interface LoadedModels extends ModelAccess, ModelSummary {
  warnings: readonly string[];
  /** Lets requests that run end, and then closes the connections to the providers. */
  close(): Promise<void>;
  /** The same for the same providers, keys and names. It holds secrets: it is compared, never shown. */
  fingerprint: string;
}

const echo: ProviderSettings = { name: "echo", type: "echo", keys: [] };
const echoNames = new Set(["echo", "echo/echo", "echo:echo"]);

/** Echo is for those who ask for it and for machines without any key; nobody gets its answers by mistake. */
function addEcho(settings: ProviderSettings[], wanted: string | null | undefined): string | undefined {
  if (settings.some(({ type }) => type === "echo")) return "configured";
  const asked = wanted !== null && wanted !== undefined && echoNames.has(wanted);
  if (!asked && settings.length > 0) return undefined;
  settings.push(echo);
  return asked ? "asked for" : "no provider has a key";
}

/** An alias may wait for a provider that is away, and a mistyped one stops nobody who does not use it. */
async function checkAliases(aliases: Configuration["model_aliases"], directory: ModelDirectory): Promise<string[]> {
  const { byName } = await directory.offer();
  return Object.entries(aliases).flatMap(([alias, target]) => {
    const model = byName.get(alias);
    if (!model) return [`model_aliases.${alias} stands for ${target}, which no provider offers now`];
    return model.id === alias ? [`model_aliases.${alias} has no effect: ${alias} is a model's own id`] : [];
  });
}

/** What a route or a list of fallbacks names may wait for its provider too. */
async function checkRoutes(
  { model_routes: routes, model_fallbacks: fallbacks }: Configuration,
  directory: ModelDirectory,
): Promise<string[]> {
  const { byName } = await directory.offer();
  const missing = (name: string, models: readonly string[]) =>
    models.flatMap((model) => (byName.has(model) ? [] : [`${name} names ${model}, which no provider offers now`]));
  const names = Object.entries(routes).map(
    ([name, entries]) => [name, entries.map((entry) => (typeof entry === "string" ? entry : entry.model))] as const,
  );
  return [
    ...names.flatMap(([name, models]) => missing(`model_routes.${name}`, models)),
    ...names.flatMap(([name]) =>
      byName.get(name)?.id === name ? [`model_routes.${name} has no effect: ${name} is a model's own id`] : [],
    ),
    ...Object.entries(fallbacks).flatMap(([name, models]) => missing(`model_fallbacks.${name}`, models)),
    ...Object.keys(fallbacks).flatMap((name) =>
      name === "*" || byName.has(name) ? [] : [`model_fallbacks.${name} is for a name that no provider offers now`],
    ),
  ];
}

/** The provider that a name is meant for: the one that what it stands for begins with. */
function providerOf(name: string, aliases: Configuration["model_aliases"]): string {
  const target = aliasTarget(name, aliases, () => false);
  return target.split(/[/:]/)[0] ?? target;
}

/** The providers that a name is meant for: those of every model of a route. */
function providersOf(name: string, configuration: Configuration): string[] {
  const { model_aliases: aliases } = configuration;
  const routes = routesOf(configuration);
  const entries = Object.hasOwn(routes, name) ? routes[name] : undefined;
  return (entries ?? [{ model: name }]).map(({ model }) => providerOf(model, aliases));
}

interface DefaultModel {
  name: string | undefined;
  warnings: string[];
}

async function checkDefault(
  configuration: Configuration,
  directory: ModelDirectory,
  settings: readonly ProviderSettings[],
  unreachable: ReadonlySet<string>,
): Promise<DefaultModel> {
  const wanted = configuration.server.default_model;
  if (!wanted) return { name: await directory.defaultModel(), warnings: [] };
  try {
    return { name: (await directory.resolve(wanted)).id, warnings: [] };
  } catch (error) {
    const providers = providersOf(wanted, configuration);
    const awaited = providers.find((provider) => unreachable.has(provider));
    if (awaited !== undefined) {
      return { name: wanted, warnings: [`the default model ${wanted} waits for its provider ${awaited}`] };
    }
    const isKnown = (provider: string) => provider === wanted || settings.some(({ name }) => name === provider);
    const missing = providers.find((provider) => !isKnown(provider));
    const reason = missing === undefined ? "" : `: there is no provider ${missing} here, or it has no key`;
    const hint = error instanceof ModelError ? error.hint : undefined;
    throw new ConfigurationError(`The default model ${wanted} is not on offer${reason}`, { hint, cause: error });
  }
}

type Loaded = Pick<LoadedConfiguration, "configuration" | "originOf">;

/** What the models of a configuration come from; it holds secrets. */
function fingerprintOf({ configuration }: Loaded, settings: readonly ProviderSettings[]): string {
  const { server, model_aliases, model_routes, model_fallbacks, retries, breaker } = configuration;
  const names = [model_aliases, model_routes, model_fallbacks, server.default_model ?? null];
  return JSON.stringify([settings, names, retries, breaker]);
}

type Offering = Omit<LoadedModels, "echo" | "fingerprint">;

/** Learns what providers offer, and whether it is what the configuration counts on. */
async function learnOffer(
  { sources, router, close }: LoadedProviders,
  configuration: Configuration,
  settings: readonly ProviderSettings[],
  logger: Logger,
): Promise<Offering> {
  const unreachable = new Set<string>();
  const directory = new ModelDirectory({
    providers: sources,
    aliases: configuration.model_aliases,
    routes: routesOf(configuration),
    fallbacks: configuration.model_fallbacks,
    defaultModel: configuration.server.default_model ?? undefined,
    onProblem(provider, problem) {
      unreachable.add(provider);
      logger.warn({ provider, err: problem }, `The models of ${provider} can't be listed`);
    },
  });
  const { models } = await directory.offer();
  const { name, warnings } = await checkDefault(configuration, directory, settings, unreachable);
  const keeper = name?.split("/")[0];
  return {
    directory,
    router,
    close,
    defaultModel: name,
    keySource: settings.find((each) => each.name === keeper)?.keySource,
    count: models.length,
    warnings: [
      ...warnings,
      ...(await checkAliases(configuration.model_aliases, directory)),
      ...(await checkRoutes(configuration, directory)),
    ],
  };
}

/**
 * Builds the providers and learns what they offer.
 *
 * @param before - What is on offer so far: where nothing has changed, it stays.
 * @throws ConfigurationError when a provider or the default model can't be.
 * @throws FileError when a key file can't be read.
 */
export async function loadModels(loaded: Loaded, logger: Logger, before?: LoadedModels): Promise<LoadedModels> {
  const { configuration } = loaded;
  const settings = await resolveProviders(loaded);
  const fingerprint = fingerprintOf(loaded, settings);
  if (fingerprint === before?.fingerprint) return before;
  const echoReason = addEcho(settings, configuration.server.default_model);
  const providers = await loadProviders(settings, configuration, logger);
  try {
    return { ...(await learnOffer(providers, configuration, settings, logger)), echo: echoReason, fingerprint };
  } catch (error) {
    await providers.close();
    throw error;
  }
}
