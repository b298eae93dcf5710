import { createAnthropic } from "@ai-sdk/anthropic";
import { AiSdkProvider, type CallForm } from "./ai-sdk.ts";
import { knownModel, offeredModels } from "./model-catalog.ts";
import type { JsonSchema, Prompt, Provider } from "./provider.ts";
import type { AnthropicSettings } from "./settings.ts";
import type { Transport } from "./transport/transport.ts";
import { apiUrl, requiredKey, secretsOf } from "./vendor-access.ts";

/** The system prompt is the same in call after call: it is read from the provider's cache from the second one on. */
const systemOptions = { anthropic: { cacheControl: { type: "ephemeral" } } };

/** A tool's input has to be an object, and its schema says so at the root. */
function canBeToolInput(schema: JsonSchema): boolean {
  return schema.type === "object" && !("anyOf" in schema || "oneOf" in schema || "allOf" in schema);
}

/**
 * A schema becomes the input of a tool that the model has to call, where it can be made to: that takes any schema,
 * while the API's own output format refuses optional properties beyond a few, recursion, and maps.
 */
function formOf(model: string, { schema }: Prompt): CallForm {
  const known = knownModel("anthropic", model);
  const native = schema !== undefined && known?.forcedToolChoice === true && canBeToolInput(schema);
  return {
    structure: native ? "native" : "instructed",
    systemOptions,
    providerOptions: { anthropic: { structuredOutputMode: "jsonTool" } },
    maxOutputTokens: known?.maxOutputTokens,
  };
}

/**
 * Anthropic's models, through the Messages API.
 *
 * @param settings - What the configuration says.
 * @param transport - What requests go through.
 * @throws ConfigurationError when there is no key.
 */
export function createAnthropicProvider(settings: AnthropicSettings, transport: Transport): Provider {
  const key = requiredKey(settings);
  const sdk = createAnthropic({
    apiKey: key,
    baseURL: apiUrl(settings.baseUrl, "https://api.anthropic.com/v1"),
    fetch: transport,
  });
  return new AiSdkProvider({
    name: settings.name,
    secrets: secretsOf(settings),
    timeouts: settings,
    counter: settings.counter,
    wire: "messages",
    price: { vendor: "anthropic" },
    createModel: (name) => sdk(name),
    formOf,
    models: async () => offeredModels("anthropic", settings.models),
  });
}
