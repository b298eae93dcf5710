import { createGoogle } from "@ai-sdk/google";
import { AiSdkProvider, type CallForm } from "./ai-sdk.ts";
import { offeredModels } from "./model-catalog.ts";
import type { Provider } from "./provider.ts";
import type { GoogleSettings } from "./settings.ts";
import type { Transport } from "./transport/transport.ts";
import { apiUrl, requiredKey, secretsOf } from "./vendor-access.ts";

/**
 * The API's schema dialect refuses what pydantic writes, such as a description beside a `$ref`: so the API is asked for
 * JSON, and the model for the schema. Gemma has no JSON mode.
 */
function formOf(model: string): CallForm {
  return { structure: model.startsWith("gemma") ? "instructed" : "json" };
}

/**
 * Google's models, through the Gemini API.
 *
 * @param settings - What the configuration says.
 * @param transport - What requests go through.
 * @throws ConfigurationError when there is no key.
 */
export function createGoogleProvider(settings: GoogleSettings, transport: Transport): Provider {
  const key = requiredKey(settings);
  const sdk = createGoogle({
    apiKey: key,
    baseURL: apiUrl(settings.baseUrl, "https://generativelanguage.googleapis.com/v1beta"),
    fetch: transport,
  });
  return new AiSdkProvider({
    name: settings.name,
    secrets: secretsOf(settings),
    timeouts: settings,
    counter: settings.counter,
    wire: "gemini",
    price: { vendor: "google" },
    createModel: (name) => sdk(name),
    formOf,
    models: async () => offeredModels("google", settings.models),
  });
}
