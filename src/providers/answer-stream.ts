import type { ReadableStreamDefaultReader, ReadableStreamReadResult } from "node:stream/web";
import type { LanguageModelV4StreamPart, LanguageModelV4StreamResult } from "@ai-sdk/provider";
import { type AnswerContext, continued, readFinish, unfinished } from "./answer-end.ts";
import type { CallAccount } from "./call-account.ts";
import type { FinishReason } from "./provider.ts";
import { isMissingEnd } from "./upstream-failure.ts";

type Part = LanguageModelV4StreamPart;

/** How long a stream may go on after its answer has ended, in milliseconds; the token counts still have to come. */
const silenceMs = 500;

/** How long a connection may take to end after its answer did, in milliseconds, before it is closed. */
const lingerMs = 1000;

const over = { done: true, value: undefined } as const;

/** A piece of text, or how the answer ended. */
export type StreamStep = { type: "text"; text: string } | { type: "finish"; finishReason: FinishReason };

/** A streamed answer, as the AI SDK reads it and as the vendor sent it. */
export class AnswerStream {
  readonly #reader: ReadableStreamDefaultReader<Part>;
  readonly #contentType: string | undefined;
  readonly #account: CallAccount;
  readonly #context: AnswerContext;
  #hasText = false;
  #hasReasoning = false;
  #silence: Promise<typeof over> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param result - What the AI SDK made of the answer's beginning, with the raw events.
   * @param account - Told of everything that comes.
   * @param context - Whose answer it is.
   */
  constructor({ stream, response }: LanguageModelV4StreamResult, account: CallAccount, context: AnswerContext) {
    this.#reader = stream.getReader();
    this.#contentType = response?.headers?.["content-type"];
    this.#account = account;
    this.#context = context;
  }

  /**
   * Waits for more of the answer.
   *
   * @returns The next piece of text, or how the answer ended.
   * @throws ModelError for an answer that is none, and whatever else the AI SDK tells of.
   */
  async next(): Promise<StreamStep> {
    const { output, signs } = this.#account;
    for (;;) {
      const { value: part } = await this.#read();
      if (part === undefined) return this.#finish(undefined);
      switch (part.type) {
        case "raw":
          signs.see(part.rawValue);
          break;
        case "reasoning-delta":
          this.#hasReasoning = true;
          output.push(part.delta);
          break;
        case "text-delta":
          output.push(part.delta);
          if (part.delta === "" || signs.isRefusal) break;
          if (signs.isPast) throw continued(this.#context);
          this.#hasText = true;
          return { type: "text", text: part.delta };
        case "error":
          throw isMissingEnd(part.error) ? unfinished(this.#context, this.#contentType) : part.error;
        case "finish":
          return this.#finish(part);
      }
    }
  }

  /** Once the answer has ended, a connection that breaks or falls silent takes nothing away from it. */
  #read(): Promise<ReadableStreamReadResult<Part> | typeof over> {
    const next = this.#reader.read();
    if (this.#account.signs.end === undefined) return next;
    this.#silence ??= new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve(over), silenceMs);
      this.#timer.unref();
    });
    return Promise.race([next.catch(() => over), this.#silence]);
  }

  #finish(part: (Part & { type: "finish" }) | undefined): StreamStep {
    const { signs } = this.#account;
    if (!part && signs.end === undefined) throw unfinished(this.#context, this.#contentType);
    const [hasText, hasReasoning, contentType] = [this.#hasText, this.#hasReasoning, this.#contentType];
    this.#account.isComplete = part?.finishReason.unified !== "interrupted" || signs.end !== undefined;
    const seen = { signs, hasText, hasReasoning, contentType };
    const reported = part ? { ...seen, finishReason: part.finishReason } : seen;
    return { type: "finish", finishReason: readFinish(this.#context, reported) };
  }

  /** Reads on for a while, so that the connection can go back to the pool. */
  drain(giveUp: () => void): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(giveUp, lingerMs);
    timer.unref();
    const settled = () => clearTimeout(timer);
    void this.#drain().then(settled, settled);
  }

  async #drain(): Promise<void> {
    while (!(await this.#reader.read()).done);
  }
}
