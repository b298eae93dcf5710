import { type GetServerInfoResponse, ModelHealth, type ModelInfo } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { count, printable } from "./display-text.ts";
import { type Finding, StepFailure } from "./step.ts";

/** The name that vibectl asks for when its user has set none. */
const clientDefault = "claude-3.7-sonnet";

/** How many models are named; a vendor has dozens. */
const mostShown = 10;

/** What is worth telling of a model's health. */
const ailments: Readonly<Partial<Record<ModelHealth, string>>> = {
  [ModelHealth.RECOVERING]: "recovering",
  [ModelHealth.UNAVAILABLE]: "unavailable",
};

function describeModel({ modelId, displayName, maxContextLength, aliases, health }: ModelInfo): string {
  const ailment = ailments[health];
  const more = [
    ...(ailment === undefined ? [] : [ailment]),
    ...(displayName && displayName !== modelId ? [printable(displayName)] : []),
    ...(maxContextLength === undefined ? [] : [`${maxContextLength} tokens`]),
    ...(aliases.length > 0 ? [`also ${printable(aliases.join(", "))}`] : []),
  ];
  return [printable(modelId), ...(more.length > 0 ? [`(${more.join("; ")})`] : [])].join(" ");
}

/** The id that a name leads to, by the rule of vibectl; undefined where vibectl refuses it before it calls. */
function resolve({ availableModels, modelAliases }: GetServerInfoResponse, name: string): string | undefined {
  const named = (id: string | undefined) => availableModels.find(({ modelId }) => modelId === id)?.modelId;
  const aliased = Object.hasOwn(modelAliases, name) ? modelAliases[name] : undefined;
  return named(name) ?? named(aliased) ?? availableModels.find(({ aliases }) => aliases.includes(name))?.modelId;
}

/** Those whose provider fails, or whose keys are out of quota, as far as the server tells. */
function describeHealth(models: readonly ModelInfo[]): string | undefined {
  const ill = models.filter(({ health }) => ailments[health] !== undefined).map(({ modelId }) => printable(modelId));
  if (ill.length === 0) return undefined;
  const more = ill.length > mostShown ? ` and ${ill.length - mostShown} more` : "";
  return `${ill.slice(0, mostShown).join(", ")}${more} ${ill.length === 1 ? "does" : "do"} not answer at the moment`;
}

/**
 * Looks through the models that the server offers.
 *
 * @throws StepFailure when there are none.
 */
export function modelsStep(info: GetServerInfoResponse): Finding<void> {
  const { availableModels: models, defaultModel } = info;
  if (models.length === 0) {
    throw new StepFailure("the server offers no model", {
      hint: "Give it a provider's API key (such as VIBECTL_ANTHROPIC_API_KEY), or start it with --model echo.",
    });
  }
  const meant = resolve(info, clientDefault);
  const details = [
    ...models.slice(0, mostShown).map(describeModel),
    ...(models.length > mostShown ? [`… and ${models.length - mostShown} more`] : []),
    `${clientDefault}, which vibectl asks for unless told otherwise: ${meant === undefined ? "not offered" : printable(meant)}`,
  ];
  const summary = count(models.length, "model");
  if (defaultModel !== "" && resolve(info, defaultModel) === undefined) {
    return {
      outcome: "warning",
      summary: `${summary}, and the default model ${printable(defaultModel)} is not among them`,
      details,
      hint: "Set server.default_model to one of them.",
      value: undefined,
    };
  }
  const ailing = describeHealth(models);
  if (ailing !== undefined) {
    const hint = "The server's log says why; it asks them again by itself.";
    return { outcome: "warning", summary: `${summary}: ${ailing}`, details, hint, value: undefined };
  }
  return { outcome: "ok", summary, details, value: undefined };
}
