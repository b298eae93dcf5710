import { LRUCache } from "lru-cache";
import { z } from "zod";
import { AiSdkProvider } from "./ai-sdk.ts";
import { chatModelsOf } from "./chat-completions.ts";
import { askJson } from "./json-api.ts";
import type { Provider, ProviderModel } from "./provider.ts";
import type { OllamaSettings } from "./settings.ts";
import type { Transport } from "./transport/transport.ts";
import { secretsOf } from "./vendor-access.ts";

const tagList = z.object({ models: z.array(z.object({ name: z.string().min(1), digest: z.string().catch("") })) });

const modelFacts = z.object({
  capabilities: z.array(z.string()).optional().catch(undefined),
  model_info: z.record(z.string(), z.unknown()).catch({}),
});

type Tag = z.infer<typeof tagList>["models"][number];

function contextLengthOf(facts: z.infer<typeof modelFacts>): number | undefined {
  const entry = Object.entries(facts.model_info).find(([key]) => key.endsWith(".context_length"));
  return typeof entry?.[1] === "number" ? entry[1] : undefined;
}

/** Asks a running Ollama server for its models. */
class ModelList {
  // What a model is doesn't change while its digest stays the same.
  readonly #known = new LRUCache<string, { model: ProviderModel | undefined }>({ max: 500 });

  constructor(
    private readonly host: string,
    private readonly key: string | undefined,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  async read(signal: AbortSignal): Promise<readonly ProviderModel[]> {
    const { models } = await this.#ask("/api/tags", tagList, signal);
    const found = await Promise.all(models.map((tag) => this.#describe(tag, signal)));
    return found.filter((model) => model !== undefined);
  }

  /** Undefined for a model that can't answer, such as one for embeddings. */
  async #describe({ name, digest }: Tag, signal: AbortSignal): Promise<ProviderModel | undefined> {
    const id = `${name} ${digest}`;
    const known = this.#known.get(id);
    if (known) return known.model;
    const facts = await this.#ask("/api/show", modelFacts, signal, { model: name }).catch(() => undefined);
    if (!facts) return { name, displayName: name, streaming: true };
    const answers = facts.capabilities === undefined || facts.capabilities.includes("completion");
    const contextLength = contextLengthOf(facts);
    const model = answers ? { name, displayName: name, streaming: true, contextLength } : undefined;
    this.#known.set(id, { model });
    return model;
  }

  #ask<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, body?: object): Promise<T> {
    const { key, fetch } = this;
    return askJson({ url: `${this.host}${path}`, key, schema, fetch, signal, ...(body ? { body } : {}) });
  }
}

/**
 * Models of an Ollama server, through its OpenAI-compatible API. They are offered with their tags, as in
 * `llama3:latest`.
 *
 * @param settings - What the configuration says.
 * @param transport - What requests go through.
 */
export function createOllamaProvider(settings: OllamaSettings, transport: Transport): Provider {
  const { name, key, models } = settings;
  const host = (settings.baseUrl ?? "http://127.0.0.1:11434").replace(/\/+$/, "").replace(/\/v1$/, "");
  const list = new ModelList(host, key, transport);
  return new AiSdkProvider({
    name,
    secrets: secretsOf(settings),
    timeouts: settings,
    counter: settings.counter,
    wire: "chat",
    price: { baseUrl: host },
    createModel: chatModelsOf({ name: "ollama", baseUrl: `${host}/v1`, key, transport }),
    formOf: () => ({ structure: "guided", providerOptions: { ollama: { strictJsonSchema: false } } }),
    async models(signal) {
      return models ? models.map((id) => ({ name: id, displayName: id, streaming: true })) : await list.read(signal);
    },
  });
}
