import type { LanguageModelV4, LanguageModelV4CallOptions, SharedV4ProviderOptions } from "@ai-sdk/provider";
import { LRUCache } from "lru-cache";
import { readFinish } from "./answer-end.ts";
import { AnswerStream } from "./answer-stream.ts";
import { toModelError } from "./error-mapping.ts";
import { ModelCall } from "./model-call.ts";
import { type PriceQuestion, preparePrices } from "./prices.ts";
import { type Structure, toMessages, toResponseFormat } from "./prompt-messages.ts";
import type { Answer, AnswerPart, CallOptions, Prompt, Provider, ProviderModel } from "./provider.ts";
import { createRedactor, createSecretMask, type Redactor } from "./redact.ts";
import type { TokenCounter } from "./token-count.ts";
import { TokenThread } from "./token-thread.ts";
import type { CallTerms } from "./transport/call-terms.ts";
import type { Wire } from "./wire-signs.ts";

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
  /** What must not show anywhere. */
  secrets: readonly (string | undefined)[];
  /** How long a streamed answer may keep its reader waiting; no limit when left out. */
  timeouts?: Pick<CallTerms, "firstByteMs" | "betweenChunksMs">;
  /** What counts tokens where the vendor does not; a thread of its own when left out. */
  counter?: TokenCounter | undefined;
  /** The API that it speaks. */
  wire: Wire;
  /** Tells the price list whose models these are. */
  price: Pick<PriceQuestion, "vendor" | "baseUrl">;
  createModel(name: string): LanguageModelV4;
  formOf(model: string, prompt: Prompt): CallForm;
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>;
}

/** A provider that the AI SDK speaks to. */
export class AiSdkProvider implements Provider {
  readonly name: string;
  readonly #vendor: Vendor;
  readonly #redact: Redactor;
  readonly #withoutSecrets: Redactor;
  readonly #counter: TokenCounter;
  // Making a model object costs more than a short call does.
  readonly #models = new LRUCache<string, LanguageModelV4>({ max: 256 });

  constructor(vendor: Vendor) {
    this.name = vendor.name;
    this.#vendor = vendor;
    this.#redact = createRedactor(vendor.secrets);
    this.#withoutSecrets = createSecretMask(vendor.secrets);
    this.#counter = vendor.counter ?? new TokenThread();
  }

  async models(signal: AbortSignal): Promise<readonly ProviderModel[]> {
    signal.throwIfAborted();
    try {
      return await this.#vendor.models(signal);
    } catch (thrown) {
      throw signal.aborted ? signal.reason : toModelError(thrown, { provider: this.name, redact: this.#redact });
    }
  }

  async generate(name: string, prompt: Prompt, caller: CallOptions): Promise<Answer> {
    const call = this.#begin(name, prompt, caller, undefined);
    const { account } = call;
    const { output, signs } = account;
    try {
      const { content, finishReason, response } = await this.#model(name).doGenerate(call.options);
      account.isSent = true;
      account.isComplete = true;
      signs.see(response?.body);
      if (signs.error) throw signs.error;
      let text = "";
      for (const part of content) {
        if (part.type === "text" || part.type === "reasoning") output.push(part.text);
        if (part.type === "text") text += part.text;
      }
      const hasText = text !== "";
      const hasReasoning = content.some(({ type }) => type === "reasoning");
      return { text, ...(await call.settle(readFinish(call.context, { finishReason, signs, hasText, hasReasoning }))) };
    } catch (thrown) {
      throw call.failure(thrown);
    } finally {
      call.leave();
    }
  }

  async *stream(name: string, prompt: Prompt, caller: CallOptions): AsyncGenerator<AnswerPart, void, undefined> {
    const call = this.#begin(name, prompt, caller, this.#vendor.timeouts ?? {});
    try {
      const result = await this.#model(name).doStream(call.options);
      call.account.isSent = true;
      const answer = new AnswerStream(result, call.account, call.context);
      for (;;) {
        const part = await answer.next();
        caller.signal.throwIfAborted();
        if (part.type === "text") {
          yield part;
          continue;
        }
        answer.drain(() => call.close());
        yield { type: "end", ...(await call.settle(part.finishReason)) };
        return;
      }
    } catch (thrown) {
      throw call.failure(thrown);
    } finally {
      call.leave();
    }
  }

  #begin(name: string, prompt: Prompt, caller: CallOptions, streamed: Vendor["timeouts"] | undefined): ModelCall {
    caller.signal.throwIfAborted();
    preparePrices();
    const { wire, price } = this.#vendor;
    return new ModelCall({
      provider: this.name,
      redact: this.#redact,
      withoutSecrets: this.#withoutSecrets,
      prompt,
      form: this.#formOf(name, prompt),
      caller,
      accounting: { wire, counter: this.#counter, price: { ...price, model: name } },
      streamed,
    });
  }

  #model(name: string): LanguageModelV4 {
    const known = this.#models.get(name);
    if (known) return known;
    const model = this.#vendor.createModel(name);
    this.#models.set(name, model);
    return model;
  }

  #formOf(name: string, prompt: Prompt): LanguageModelV4CallOptions {
    const { structure, providerOptions, systemOptions, maxOutputTokens } = this.#vendor.formOf(name, prompt);
    const responseFormat = toResponseFormat(prompt.schema, structure);
    return {
      prompt: toMessages(prompt, structure, systemOptions),
      ...(responseFormat === undefined ? {} : { responseFormat }),
      ...(providerOptions === undefined ? {} : { providerOptions }),
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    };
  }
}
