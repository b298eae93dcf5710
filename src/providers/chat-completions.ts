import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";

/** An endpoint that speaks OpenAI's Chat Completions API. */
export interface ChatEndpoint {
  /** The name under which the options of a call are read. */
  name: string;
  /** Its address, up to and with the version. */
  baseUrl: string;
  key: string | undefined;
  transport: typeof fetch;
}

/**
 * Makes the models of an endpoint.
 *
 * @returns A function that gives the model of a name.
 */
export function chatModelsOf({ name, baseUrl, key, transport }: ChatEndpoint): (model: string) => LanguageModelV4 {
  const sdk = createOpenAICompatible({
    name,
    baseURL: baseUrl,
    fetch: transport,
    includeUsage: true,
    supportsStructuredOutputs: true,
    ...(key === undefined ? {} : { apiKey: key }),
  });
  return (model) => sdk.chatModel(model);
}
