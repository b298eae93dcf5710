import { ConfigurationError, ModelError, type ModelErrorCode } from "../errors.ts";
import { pause } from "../time.ts";
import { isRefused } from "./call-account.ts";
import { explanations } from "./failure-table.ts";
import type { Answer, AnswerEnd, AnswerPart, CallOptions, Prompt, Provider, ProviderModel } from "./provider.ts";
import { providerError } from "./provider-error.ts";
import type { EchoSettings } from "./settings.ts";

const models: readonly ProviderModel[] = [{ name: "echo", displayName: "Echo", streaming: true }];

function isErrorCode(text: string): text is ModelErrorCode {
  return Object.hasOwn(explanations, text);
}

function readFailure({ name, failure, failAfterChunks }: EchoSettings): ModelErrorCode | undefined {
  if (failure === undefined) return failAfterChunks === undefined ? undefined : "STREAM_TRUNCATED";
  if (isErrorCode(failure)) return failure;
  throw new ConfigurationError(`providers.${name}.failure is ${JSON.stringify(failure)}, which is no error code`, {
    hint: `Set it to one of ${Object.keys(explanations).join(", ")}.`,
  });
}

function countWords(text: string): number {
  const word = /\S+/g;
  let count = 0;
  while (word.test(text)) count++;
  return count;
}

/** The words of a text, each with the white space that follows it. A text can be large: they are cut off one by one. */
function* wordsOf(text: string): Generator<string> {
  const word = /\s*\S+\s*/y;
  let end = 0;
  for (let found = word.exec(text); found; found = word.exec(text)) {
    end = word.lastIndex;
    yield found[0];
  }
  if (end < text.length) yield text.slice(end);
}

async function answerTo({ schema, turns }: Prompt): Promise<string> {
  if (!schema) return turns.findLast(({ role }) => role === "user")?.text ?? "";
  const { sampleOf } = await import("./schema-sample.ts");
  return JSON.stringify(sampleOf(schema));
}

/** What one call has used. */
class Tally {
  /** Words of the answer until now. */
  words = 0;
  #isTold = false;

  constructor(
    private readonly prompt: Prompt,
    private readonly onSpent: CallOptions["onSpent"],
  ) {}

  /** The end of a complete answer. */
  end(): AnswerEnd {
    this.#isTold = true;
    return { finishReason: "stop", ...this.#spent() };
  }

  failed(error: unknown): unknown {
    this.#isTold ||= error instanceof ModelError && isRefused(error, this.words > 0);
    return error;
  }

  leave(): void {
    if (!this.#isTold) this.onSpent?.(this.#spent());
  }

  #spent() {
    const { system, turns } = this.prompt;
    const inputTokens = turns.reduce((sum, { text }) => sum + countWords(text), countWords(system));
    return { usage: { inputTokens, outputTokens: this.words }, costUsd: 0 };
  }
}

/** The built-in model: it answers with what it was asked, word by word, and a schema with a small document. */
class EchoProvider implements Provider {
  readonly name: string;
  readonly #delayMs: number;
  readonly #chunkDelayMs: number;
  readonly #failure: ModelErrorCode | undefined;
  readonly #failAfter: number;

  constructor(settings: EchoSettings) {
    this.name = settings.name;
    this.#delayMs = settings.delayMs ?? 0;
    this.#chunkDelayMs = settings.chunkDelayMs ?? 0;
    this.#failure = readFailure(settings);
    this.#failAfter = settings.failAfterChunks ?? 0;
  }

  async models(): Promise<readonly ProviderModel[]> {
    return models;
  }

  async generate(_model: string, prompt: Prompt, { signal, onSpent }: CallOptions): Promise<Answer> {
    signal.throwIfAborted();
    const tally = new Tally(prompt, onSpent);
    try {
      const text = await answerTo(prompt);
      const words = countWords(text);
      const delayMs = this.#delayMs + this.#chunkDelayMs * Math.max(0, words - 1);
      if (delayMs > 0) await pause(delayMs, signal);
      this.#failWhenTold();
      tally.words = words;
      return { text, ...tally.end() };
    } catch (error) {
      throw tally.failed(error);
    } finally {
      tally.leave();
    }
  }

  async *stream(_model: string, prompt: Prompt, options: CallOptions): AsyncGenerator<AnswerPart, void, undefined> {
    const { signal, onSpent } = options;
    signal.throwIfAborted();
    const tally = new Tally(prompt, onSpent);
    try {
      const text = await answerTo(prompt);
      if (this.#delayMs > 0) await pause(this.#delayMs, signal);
      for (const word of wordsOf(text)) {
        signal.throwIfAborted();
        if (tally.words === this.#failAfter) this.#failWhenTold();
        if (tally.words > 0 && this.#chunkDelayMs > 0) await pause(this.#chunkDelayMs, signal);
        tally.words++;
        yield { type: "text", text: word };
      }
      signal.throwIfAborted();
      this.#failWhenTold();
      yield { type: "end", ...tally.end() };
    } catch (error) {
      throw tally.failed(error);
    } finally {
      tally.leave();
    }
  }

  #failWhenTold(): void {
    if (this.#failure !== undefined) throw providerError(this.#failure, this.name, "it was told to fail");
  }
}

/**
 * Makes the built-in model, which needs no key and no network.
 *
 * @param settings - How slow it is, and whether and when it fails.
 * @throws ConfigurationError when `failure` is no error code.
 */
export function createEchoProvider(settings: EchoSettings): Provider {
  return new EchoProvider(settings);
}
