import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { ModelError } from "../errors.ts";
import type { AnswerContext } from "./answer-end.ts";
import type { Accounting } from "./call-account.ts";
import { CallAccount } from "./call-account.ts";
import { textsOf, withoutEchoes } from "./echoed-text.ts";
import { toModelError } from "./error-mapping.ts";
import { sentTexts } from "./prompt-messages.ts";
import type { AnswerEnd, CallOptions, FinishReason, Prompt } from "./provider.ts";
import type { Redactor } from "./redact.ts";
import { type CallTerms, setCallTerms } from "./transport/call-terms.ts";

/** What a call is made of. */
export interface CallParts {
  /** The provider's name. */
  provider: string;
  redact: Redactor;
  /** Takes out the secrets alone. */
  withoutSecrets: Redactor;
  prompt: Prompt;
  /** The call in the AI SDK's form, but for its signal. */
  form: LanguageModelV4CallOptions;
  caller: CallOptions;
  accounting: Accounting;
  /** What is asked of the transport of a streamed call; undefined for one that is not streamed. */
  streamed: Pick<CallTerms, "firstByteMs" | "betweenChunksMs"> | undefined;
}

/** One call from its beginning until its connection is closed, or free for the next one. */
export class ModelCall {
  readonly account: CallAccount;
  readonly context: AnswerContext;
  /** The call in the AI SDK's form. */
  readonly options: LanguageModelV4CallOptions;
  readonly #caller: CallOptions;
  readonly #upstream = new AbortController();
  readonly #onAbort = () => this.close(this.#caller.signal.reason);
  #error: ModelError | undefined;

  constructor({ provider, redact, withoutSecrets, prompt, form, caller, accounting, streamed }: CallParts) {
    this.#caller = caller;
    this.account = new CallAccount(accounting, sentTexts(form));
    const { signal } = this.#upstream;
    this.options = { ...form, abortSignal: signal, includeRawChunks: streamed !== undefined };
    // A vendor may repeat what it was sent: neither the log nor anybody else gets to see that.
    // Secrets go first: a prompt that has a part of one would leave the rest of it.
    const withoutPrompt = (text: string) => redact(withoutEchoes(withoutSecrets(text), textsOf(prompt)));
    this.context = { provider, redact: withoutPrompt, forCaller: redact, streaming: streamed !== undefined };
    const onSent = () => {
      this.account.isSent = true;
    };
    setCallTerms(signal, { firstByteMs: streamed?.firstByteMs, betweenChunksMs: streamed?.betweenChunksMs, onSent });
    caller.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Closes the connection, if it is still the call's. */
  close(reason?: unknown): void {
    this.#upstream.abort(reason);
  }

  /**
   * Reckons up a complete answer.
   *
   * @throws The caller's own reason when it no longer waits.
   */
  async settle(finishReason: FinishReason): Promise<AnswerEnd> {
    const end = await this.account.end(finishReason);
    this.#caller.signal.throwIfAborted();
    this.account.isSettled = true;
    return end;
  }

  /**
   * What the caller is to be told of a failure.
   *
   * @param thrown - Whatever was thrown.
   */
  failure(thrown: unknown): unknown {
    const { signal } = this.#caller;
    if (signal.aborted) return signal.reason;
    this.#error = toModelError(thrown, this.context);
    return this.#error;
  }

  /** Ends the call. The connection of one that did not come to its end is closed. */
  leave(): void {
    this.#caller.signal.removeEventListener("abort", this.#onAbort);
    if (this.account.isSettled) return;
    this.close();
    void this.#tellSpent();
  }

  async #tellSpent(): Promise<void> {
    const { onSpent } = this.#caller;
    const spent = onSpent && (await this.account.spent(this.#error));
    if (spent) onSpent?.(spent);
  }
}
