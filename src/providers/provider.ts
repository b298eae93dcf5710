/** A JSON Schema document (draft 2020-12). */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** One turn of a conversation. */
export interface Turn {
  role: "user" | "assistant";
  text: string;
}

/** What a model is asked. */
export interface Prompt {
  /** The system prompt; empty for none. */
  system: string;
  /** The conversation, oldest turn first, ending with the user's. */
  turns: readonly Turn[];
  /** The schema that the answer's one JSON document must satisfy. */
  schema?: JsonSchema | undefined;
}

/** What was used by an answer that did not come to its end. */
export interface Spent {
  usage: Usage;
  /** US dollars at list price; absent where the price is unknown. */
  costUsd?: number | undefined;
}

/** How a call is run. */
export interface CallOptions {
  /** Ends the provider's work: its connection is closed, and no more tokens are paid for. */
  signal: AbortSignal;
  /**
   * Told at most once, after the call failed, was aborted or was left, what it has used until then. It is not called for
   * one that never reached the provider, or that the provider refused.
   */
  onSpent?(spent: Spent): void;
}

/** Tokens as the provider counted them, or as they were counted here where it did not say. */
export interface Usage {
  /** The prompt's, cached ones included. */
  inputTokens?: number | undefined;
  /** The answer's, reasoning included. */
  outputTokens?: number | undefined;
  /** Those of the input that were read from the provider's cache. */
  cacheReadTokens?: number | undefined;
  /** Those of the input that were written to the provider's cache. */
  cacheWriteTokens?: number | undefined;
  /** Whether a count was made here, with a tokenizer that need not be the model's own. */
  estimated?: true | undefined;
}

/** How a complete answer ended. */
export type FinishReason = "stop" | "length";

/** What is known when an answer is complete. */
export interface AnswerEnd {
  finishReason: FinishReason;
  usage: Usage;
  /** US dollars at list price; absent where the price is unknown. */
  costUsd?: number | undefined;
}

/** A whole answer. */
export interface Answer extends AnswerEnd {
  text: string;
}

/** A part of a streamed answer: text, and at last how it ended. */
export type AnswerPart = { type: "text"; text: string } | ({ type: "end" } & AnswerEnd);

/** A model that a provider offers. */
export interface ProviderModel {
  /** The provider's own name for it, without the provider's. */
  name: string;
  /** The name its maker gives it. */
  displayName: string;
  streaming: boolean;
  /** Tokens that prompt and answer may have together. */
  contextLength?: number | undefined;
  /** Most tokens that one answer may have. */
  maxOutputTokens?: number | undefined;
}

/**
 * One vendor's models, behind one shape.
 *
 * `generate` and `stream` throw {@link ModelError} for everything a provider can get wrong, with a message that holds
 * no key, and the signal's own reason when the signal ended them.
 */
export interface Provider {
  /** The name it has in the configuration and in model ids. */
  readonly name: string;

  /**
   * The models it offers.
   *
   * @param signal - Ends the question where the list has to be asked for.
   * @throws ModelError when the list can't be had.
   */
  models(signal: AbortSignal): Promise<readonly ProviderModel[]>;

  /** Asks for a whole answer. */
  generate(model: string, prompt: Prompt, options: CallOptions): Promise<Answer>;

  /**
   * Asks for an answer in parts. The last part is always `end`: an answer that breaks off throws STREAM_TRUNCATED.
   * Leaving the loop early closes the provider's connection.
   */
  stream(model: string, prompt: Prompt, options: CallOptions): AsyncIterable<AnswerPart>;
}
