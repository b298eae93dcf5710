import { type ProviderSettings, resolveProviders } from "../../config/provider-settings.ts";
import { VibectlError } from "../../errors.ts";
import { ModelDirectory } from "../../proxy/model-directory.ts";
import type { AskingContext } from "./context.ts";
import { type Finding, failed, failureOf, ok, skipped, warning } from "./finding.ts";
import { openProvider } from "./provider-way.ts";
import { hasCatalogue } from "./vendor-list.ts";

const echo: ProviderSettings = { name: "echo", type: "echo", keys: [] };

/** Whether a provider's models are known without asking it. */
function isKnown(settings: ProviderSettings): boolean {
  return settings.type === "echo" || hasCatalogue(settings) || settings.models !== undefined;
}

/** The providers that can be used; what is wrong with the others is told with them. */
async function usableProviders({ loaded }: AskingContext): Promise<ProviderSettings[]> {
  const { configuration, originOf } = loaded;
  const each = Object.entries(configuration.providers).map(async ([name, entry]) => {
    try {
      return await resolveProviders({ configuration: { ...configuration, providers: { [name]: entry } }, originOf });
    } catch (error) {
      if (error instanceof VibectlError) return [];
      throw error;
    }
  });
  return (await Promise.all(each)).flat();
}

/** Checks whether the default model is on offer, as far as that can be told. */
export async function checkDefaultModel(context: AskingContext): Promise<Finding[]> {
  const { loaded, online } = context;
  const { server, model_aliases: aliases, providers: configured } = loaded.configuration;
  const wanted = server.default_model ?? undefined;
  const usable = await usableProviders(context);
  const asked = online ? usable : usable.filter(isKnown);
  const isEcho = wanted !== undefined && /^echo([/:]echo)?$/.test(wanted);
  const none = Object.keys(configured).length === 0;
  const withEcho = (isEcho || none) && !usable.some(({ type }) => type === "echo") ? [...asked, echo] : asked;
  const silent = new Set<string>();
  const directory = new ModelDirectory({
    providers: await Promise.all(withEcho.map((settings) => openProvider(settings, context))),
    aliases,
    defaultModel: wanted,
    onProblem: (provider) => void silent.add(provider),
  });
  const unasked = asked.length < usable.length;
  if (wanted === undefined) {
    const name = await directory.defaultModel();
    if (name !== undefined) return [ok(`${name}, since server.default_model is not set`)];
    if (unasked) return [skipped("which one it is can be told with --online only")];
    return [warning("there is none", { hint: "Set server.default_model to a model that a provider offers." })];
  }
  try {
    const { id } = await directory.resolve(wanted);
    return [ok(id === wanted ? id : `${wanted}, which stands for ${id}`)];
  } catch (error) {
    if (!(error instanceof VibectlError)) throw error;
    if (unasked) return [skipped(`whether ${wanted} is on offer can be told with --online only`)];
    const hint = failureOf(error).hint;
    if (silent.size > 0)
      return [warning(`${wanted} is not on offer while ${[...silent].join(", ")} can't be asked`, { hint })];
    return [failed(`${wanted} is not on offer`, { hint })];
  }
}
