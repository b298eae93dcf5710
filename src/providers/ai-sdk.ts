import type { ReadableStreamDefaultReader } from "node:stream/web";
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import { LRUCache } from "lru-cache";
import type { ModelError } from "../errors.ts";
import { readFinish, readUsage, unfinished } from "./answer-end.ts";
import { textsOf, withoutEchoes } from "./echoed-text.ts";
import { type FailureContext, toModelError } from "./error-mapping.ts";
import { costOf, preparePrices } from "./prices.ts";
import { type Structure, toMessages, toResponseFormat } from "./prompt-messages.ts";
import type {
  Answer,
  AnswerEnd,
  AnswerPart,
  CallOptions,
  FinishReason,
  Prompt,
  Provider,
  ProviderModel,
  Usage,
} from "./provider.ts";
import { createRedactor } from "./redact.ts";
import { isMissingEnd } from "./upstream-failure.ts";

/** How one call is put to a vendor. */
export interface CallForm {
  structure: Structure;
  /** The vendor's own options for the call. */
  providerOptions?: SharedV4ProviderOptions;
  /** The vendor's own options for the system message. */
  systemOptions?: SharedV4ProviderOptions;
  maxOutputTokens?: number | undefined;
}

/** What makes a vendor out of the AI SDK's model classes. */
export interface Vendor {
  /** The name in the configuration and in model ids. */
  name: string;
  /** The key that must not show anywhere. */
  key: string | undefined;
  /** Tells the price list whose models these are. */
  price: { vendor: string } | { baseUrl: string };
  createModel(name: string): LanguageModelV4;
  formOf(model: string, prompt: Prompt): CallForm;
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>;
}

type StreamReader = ReadableStreamDefaultReader<LanguageModelV4StreamPart>;

/** How long a connection may take to end after its answer did, in milliseconds, before it is closed. */
const lingerMs = 1000;

async function drain(reader: StreamReader): Promise<void> {
  while (!(await reader.read()).done);
}

/** A connection whose answer is complete goes back to the pool; any other is closed. */
function release(reader: StreamReader | undefined, upstream: AbortController, complete: boolean): void {
  if (!complete || !reader) {
    upstream.abort();
    return;
  }
  const timer = setTimeout(() => upstream.abort(), lingerMs);
  timer.unref();
  const settled = () => clearTimeout(timer);
  void drain(reader).then(settled, settled);
}

/** A provider that the AI SDK speaks to. */
export class AiSdkProvider implements Provider {
  readonly name: string;
  readonly #vendor: Vendor;
  readonly #context: FailureContext;
  // Making a model object costs more than a short call does.
  readonly #models = new LRUCache<string, LanguageModelV4>({ max: 256 });

  constructor(vendor: Vendor) {
    this.name = vendor.name;
    this.#vendor = vendor;
    this.#context = { provider: vendor.name, redact: createRedactor([vendor.key]) };
  }

  async models(signal: AbortSignal): Promise<readonly ProviderModel[]> {
    signal.throwIfAborted();
    try {
      return await this.#vendor.models(signal);
    } catch (thrown) {
      throw signal.aborted ? signal.reason : this.#failure(thrown, { streaming: false });
    }
  }

  async generate(name: string, prompt: Prompt, { signal }: CallOptions): Promise<Answer> {
    signal.throwIfAborted();
    preparePrices();
    try {
      const result = await this.#model(name).doGenerate(this.#callOptions(name, prompt, signal));
      const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
      const finishReason = readFinish(this.#context, { finishReason: result.finishReason, hasText: text !== "" });
      return { text, ...(await this.#end(name, finishReason, readUsage(result.usage))) };
    } catch (thrown) {
      throw signal.aborted ? signal.reason : this.#failure(thrown, { prompt, streaming: false });
    }
  }

  async *stream(name: string, prompt: Prompt, { signal }: CallOptions): AsyncGenerator<AnswerPart, void, undefined> {
    signal.throwIfAborted();
    preparePrices();
    const upstream = new AbortController();
    const onAbort = () => upstream.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    let reader: StreamReader | undefined;
    let complete = false;
    try {
      const result = await this.#model(name).doStream(this.#callOptions(name, prompt, upstream.signal));
      reader = result.stream.getReader();
      const contentType = result.response?.headers?.["content-type"];
      let hasText = false;
      while (!complete) {
        const { done, value } = await reader.read();
        signal.throwIfAborted();
        if (done || (value.type === "error" && isMissingEnd(value.error))) throw unfinished(this.#context, contentType);
        if (value.type === "error") throw value.error;
        if (value.type === "text-delta" && value.delta !== "") {
          hasText = true;
          yield { type: "text", text: value.delta };
        } else if (value.type === "finish") {
          const finishReason = readFinish(this.#context, { finishReason: value.finishReason, hasText, contentType });
          complete = true;
          yield { type: "end", ...(await this.#end(name, finishReason, readUsage(value.usage))) };
        }
      }
    } catch (thrown) {
      throw signal.aborted ? signal.reason : this.#failure(thrown, { prompt, streaming: true });
    } finally {
      signal.removeEventListener("abort", onAbort);
      release(reader, upstream, complete);
    }
  }

  #model(name: string): LanguageModelV4 {
    const known = this.#models.get(name);
    if (known) return known;
    const model = this.#vendor.createModel(name);
    this.#models.set(name, model);
    return model;
  }

  #callOptions(name: string, prompt: Prompt, abortSignal: AbortSignal): LanguageModelV4CallOptions {
    const { structure, providerOptions, systemOptions, maxOutputTokens } = this.#vendor.formOf(name, prompt);
    const responseFormat = toResponseFormat(prompt.schema, structure);
    return {
      prompt: toMessages(prompt, structure, systemOptions),
      abortSignal,
      ...(responseFormat === undefined ? {} : { responseFormat }),
      ...(providerOptions === undefined ? {} : { providerOptions }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    };
  }

  async #end(model: string, finishReason: FinishReason, usage: Usage): Promise<AnswerEnd> {
    return { finishReason, usage, costUsd: await costOf({ ...this.#vendor.price, model, usage }) };
  }

  /** A vendor may repeat what it was sent: neither the log nor anybody else gets to see that. */
  #failure(thrown: unknown, { prompt, streaming }: { prompt?: Prompt; streaming: boolean }): ModelError {
    const { provider, redact } = this.#context;
    const clean = (text: string) => redact(prompt ? withoutEchoes(text, textsOf(prompt)) : text);
    return toModelError(thrown, { provider, redact: clean, streaming });
  }
}
