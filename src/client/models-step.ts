import type { GetServerInfoResponse, ModelInfo } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { count, printable } from "./display-text.ts";
import { type Finding, StepFailure } from "./step.ts";

/** The name that vibectl asks for when its user has set none. */
const clientDefault = "claude-3.7-sonnet";

/** How many models are named; a vendor has dozens. */
const mostShown = 10;

function describeModel({ modelId, displayName, maxContextLength, aliases }: ModelInfo): string {
  const more = [
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
  return { outcome: "ok", summary, details, value: undefined };
}
