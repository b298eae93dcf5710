import type { ModelError, ModelErrorCode } from "../errors.ts";
import { completeUsage, soundUsage, usageUntilNow } from "./answer-usage.ts";
import { costOf, type PriceQuestion } from "./prices.ts";
import type { AnswerEnd, FinishReason, Spent, Usage } from "./provider.ts";
import { UpstreamFailure } from "./provider-error.ts";
import { TextSample, type TokenCounter } from "./token-count.ts";
import { type Fields, SignReader, type Wire } from "./wire-signs.ts";

/** Failures by which a provider says, before it has said anything else, that it did nothing. */
const refusals: ReadonlySet<ModelErrorCode> = new Set([
  "MODEL_NOT_FOUND",
  "INVALID_REQUEST",
  "CONTEXT_TOO_LONG",
  "PROVIDER_AUTH",
  "PROVIDER_RATE_LIMITED",
  "PROVIDER_OVERLOADED",
]);

/**
 * Whether a provider refused a call, so that nothing has to be paid for it.
 *
 * @param error - What the call failed with.
 * @param hasOutput - Whether the model had said anything before.
 */
export function isRefused({ code, cause }: ModelError, hasOutput: boolean): boolean {
  if (hasOutput) return false;
  const status = cause instanceof UpstreamFailure ? cause.status : undefined;
  return refusals.has(code) || (status !== undefined && status >= 300);
}

/** What an account is kept with. */
export interface Accounting {
  wire: Wire;
  counter: TokenCounter;
  /** What the price of a token depends on. */
  price: Omit<PriceQuestion, "usage">;
}

/** More of a prompt is not kept for counting, in characters. */
const keptOfPrompt = 256 * 1024;

/** What one call has sent, received and used. */
export class CallAccount {
  readonly #accounting: Accounting;
  readonly #prompt = new TextSample(keptOfPrompt);
  /** All that the model said, reasoning and refusals included. */
  readonly output = new TextSample();
  readonly signs: SignReader;
  /** Whether the request has gone out. */
  isSent = false;
  /** Whether nothing is left to tell: the answer went out with its usage. */
  isSettled = false;
  /** Whether the answer came to its end, whatever it is worth. */
  isComplete = false;

  /**
   * @param accounting - How it is kept.
   * @param sent - The texts of the prompt as they are sent.
   */
  constructor(accounting: Accounting, sent: readonly string[]) {
    this.#accounting = accounting;
    this.signs = new SignReader(accounting.wire);
    for (const text of sent) this.#prompt.push(text);
  }

  /** What a complete answer took. */
  async end(finishReason: FinishReason): Promise<AnswerEnd> {
    const usage = await completeUsage(this.#soundUsage(), this.#texts, this.#accounting.counter);
    return { finishReason, usage, costUsd: await this.#costOf(usage) };
  }

  /**
   * What a call took that did not end well.
   *
   * @param error - What it failed with; undefined when it was left.
   * @returns Undefined when there is nothing to tell.
   */
  async spent(error: ModelError | undefined): Promise<Spent | undefined> {
    if (this.isSettled || !this.isSent || (error && isRefused(error, this.output.length > 0))) return undefined;
    const reckon = this.isComplete ? completeUsage : usageUntilNow;
    const usage = await reckon(this.#soundUsage(), this.#texts, this.#accounting.counter);
    return { usage, costUsd: await this.#costOf(usage) };
  }

  get #texts() {
    return { prompt: this.#prompt, output: this.output };
  }

  #soundUsage(): Usage {
    return soundUsage(this.#accounting.wire, this.signs.usage as Fields | undefined, this.output.length > 0);
  }

  async #costOf(usage: Usage): Promise<number | undefined> {
    return await costOf({ ...this.#accounting.price, usage });
  }
}
