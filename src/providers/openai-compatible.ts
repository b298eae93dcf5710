import { z } from "zod";
import { ConfigurationError } from "../errors.ts";
import { AiSdkProvider } from "./ai-sdk.ts";
import { chatModelsOf } from "./chat-completions.ts";
import { askJson } from "./json-api.ts";
import type { Provider, ProviderModel } from "./provider.ts";
import type { OpenAiCompatibleSettings } from "./settings.ts";
import type { Transport } from "./transport/transport.ts";
import { secretsOf } from "./vendor-access.ts";

/** The list of `GET /models`; the context's length has no agreed name. */
const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string().nullish().catch(undefined),
      context_length: z.number().nullish().catch(undefined),
      max_model_len: z.number().nullish().catch(undefined),
    }),
  ),
});

type ListedModel = z.infer<typeof modelList>["data"][number];

function toModel({ id, name, context_length, max_model_len }: ListedModel): ProviderModel {
  return {
    name: id,
    displayName: name || id,
    streaming: true,
    contextLength: context_length ?? max_model_len ?? undefined,
  };
}

/**
 * Models behind anything that speaks OpenAI's Chat Completions API.
 *
 * @param settings - What the configuration says.
 * @param transport - What requests go through.
 * @throws ConfigurationError when there is no address.
 */
export function createOpenAiCompatibleProvider(settings: OpenAiCompatibleSettings, transport: Transport): Provider {
  const { name, key, models } = settings;
  const baseUrl = settings.baseUrl?.replace(/\/+$/, "");
  if (!baseUrl) {
    throw new ConfigurationError(`The provider ${name} has no address`, {
      hint: `Set providers.${name}.base_url, such as http://127.0.0.1:8080/v1.`,
    });
  }
  return new AiSdkProvider({
    name,
    secrets: secretsOf(settings),
    timeouts: settings,
    counter: settings.counter,
    wire: "chat",
    price: { baseUrl },
    createModel: chatModelsOf({ name: "compatible", baseUrl, key, transport }),
    formOf: () => ({
      structure: settings.structuredOutputs ? "guided" : "instructed",
      providerOptions: { compatible: { strictJsonSchema: false } },
    }),
    async models(signal) {
      if (models) return models.map((id) => ({ name: id, displayName: id, streaming: true }));
      const url = `${baseUrl}/models`;
      return (await askJson({ url, key, schema: modelList, fetch: transport, signal })).data.map(toModel);
    },
  });
}
