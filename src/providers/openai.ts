import { createOpenAI } from "@ai-sdk/openai";
import { AiSdkProvider, type CallForm } from "./ai-sdk.ts";
import { offeredModels } from "./model-catalog.ts";
import type { Prompt, Provider } from "./provider.ts";
import type { OpenAiSettings } from "./settings.ts";
import type { Transport } from "./transport/transport.ts";
import { apiUrl, requiredKey, secretsOf } from "./vendor-access.ts";

/** Models from before the API took JSON Schemas. */
const withoutSchemas = /^(gpt-3\.5|gpt-4(-|$)|gpt-4o-2024-05-13|chatgpt-|o1-mini|o1-preview)/;

/** The vendor keeps no prompt, and a schema is taken as it is: the strict dialect knows no optional properties. */
const providerOptions = { openai: { store: false, strictJsonSchema: false } };

function formOf(model: string, { schema }: Prompt): CallForm {
  const native = schema?.type === "object" && !withoutSchemas.test(model);
  return { structure: native ? "native" : "instructed", providerOptions };
}

/**
 * OpenAI's models, through the Responses API.
 *
 * @param settings - What the configuration says.
 * @param transport - What requests go through.
 * @throws ConfigurationError when there is no key.
 */
export function createOpenAiProvider(settings: OpenAiSettings, transport: Transport): Provider {
  const key = requiredKey(settings);
  const sdk = createOpenAI({
    apiKey: key,
    baseURL: apiUrl(settings.baseUrl, "https://api.openai.com/v1"),
    fetch: transport,
  });
  return new AiSdkProvider({
    name: settings.name,
    secrets: secretsOf(settings),
    timeouts: settings,
    counter: settings.counter,
    wire: "responses",
    price: { vendor: "openai" },
    createModel: (name) => sdk.responses(name),
    formOf,
    models: async () => offeredModels("openai", settings.models),
  });
}
