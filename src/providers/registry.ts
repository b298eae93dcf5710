import { ConfigurationError, messageOf } from "../errors.ts";
import type { Provider } from "./provider.ts";
import type { ProviderSettings } from "./settings.ts";

/** A vendor's library is loaded when the first provider that needs it is made. */
async function load<Module>(type: string, module: Promise<Module>): Promise<Module> {
  return await module.catch((cause) => {
    throw new ConfigurationError(`The part for providers of type ${type} can't be loaded: ${messageOf(cause)}`, {
      hint: "Unset ANTHROPIC_BASE_URL and OPENAI_BASE_URL where they are set to nothing.",
      cause,
    });
  });
}

/**
 * Makes a provider.
 *
 * @param settings - What it is, and where its models are.
 * @throws ConfigurationError when the settings lack what the type needs.
 */
export async function createProvider(settings: ProviderSettings): Promise<Provider> {
  const { type } = settings;
  switch (type) {
    case "anthropic":
      return (await load(type, import("./anthropic.ts"))).createAnthropicProvider(settings);
    case "openai":
      return (await load(type, import("./openai.ts"))).createOpenAiProvider(settings);
    case "google":
      return (await load(type, import("./google.ts"))).createGoogleProvider(settings);
    case "ollama":
      return (await load(type, import("./ollama.ts"))).createOllamaProvider(settings);
    case "openai-compatible":
      return (await load(type, import("./openai-compatible.ts"))).createOpenAiCompatibleProvider(settings);
    case "echo":
      return (await load(type, import("./echo.ts"))).createEchoProvider(settings);
  }
}
