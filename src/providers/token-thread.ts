import { guessTokens, type TokenCounter } from "./token-count.ts";

// The build puts the place of the worker within the executable here.
declare const TOKEN_WORKER: string;

/** How a {@link TokenThread} works. */
export interface TokenThreadOptions {
  /** Milliseconds that a count may take, the thread's start included; then it is guessed. */
  patienceMs?: number;
  /** Milliseconds without work after which the thread is ended. After a failure none is started for that long. */
  idleMs?: number;
  /** The thread's program. */
  program?: URL;
}

/** More of a text than this is not counted, but reckoned from what was, in characters. */
const mostCounted = 256 * 1024;

/** Counts that wait at most; those beyond are guessed. */
const mostWaiting = 256;

/** A thread that has not answered for so many times the patience is not coming back. */
const hopeless = 5;

interface Waiting {
  length: number;
  since: number;
  resolve(tokens: number): void;
}

/**
 * Counts tokens in a thread that is started when it is first needed and ended when it is not needed any more. Whatever
 * happens to it, there is an answer in time.
 */
export class TokenThread implements TokenCounter {
  readonly #patienceMs: number;
  readonly #idleMs: number;
  readonly #program: URL;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #brokenUntil = 0;

  constructor({ patienceMs = 2000, idleMs = 60_000, program }: TokenThreadOptions = {}) {
    this.#patienceMs = patienceMs;
    this.#idleMs = idleMs;
    const place = typeof TOKEN_WORKER === "string" ? TOKEN_WORKER : "./token-worker.ts";
    this.#program = program ?? new URL(place, import.meta.url);
  }

  /** Whether the thread runs. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  async count(text: string): Promise<number> {
    if (text.length === 0) return 0;
    if (text.length <= mostCounted) return await this.#ask(text);
    const counted = await this.#ask(text.slice(0, mostCounted));
    return Math.ceil((counted * text.length) / mostCounted);
  }

  #ask(text: string): Promise<number> {
    const worker = this.#waiting.size < mostWaiting ? this.#running() : undefined;
    if (!worker) return Promise.resolve(guessTokens(text.length));
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#late(id), this.#patienceMs);
      const settle = (tokens: number) => {
        clearTimeout(timer);
        resolve(tokens);
      };
      this.#waiting.set(id, { length: text.length, since: performance.now(), resolve: settle });
      worker.postMessage({ id, text });
    });
  }

  #running(): Worker | undefined {
    clearTimeout(this.#idle);
    if (this.#worker || performance.now() < this.#brokenUntil) return this.#worker;
    const worker = new Worker(this.#program);
    worker.unref();
    worker.onmessage = ({ data }: MessageEvent<{ id: number; tokens: number }>) => this.#answer(data.id, data.tokens);
    worker.onerror = () => this.#fail(worker);
    worker.addEventListener("close", () => this.#fail(worker));
    this.#worker = worker;
    return worker;
  }

  #answer(id: number, tokens: number): void {
    this.#waiting.get(id)?.resolve(tokens);
    this.#waiting.delete(id);
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => this.end(), this.#idleMs);
    this.#idle.unref();
  }

  /** The caller waits no longer; the count stays in the list, since the thread is still at it. */
  #late(id: number): void {
    const late = this.#waiting.get(id);
    late?.resolve(guessTokens(late.length));
    const [oldest] = this.#waiting.values();
    const isStuck = oldest && performance.now() - oldest.since > hopeless * this.#patienceMs;
    if (isStuck && this.#worker) this.#fail(this.#worker);
  }

  #fail(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#brokenUntil = performance.now() + this.#idleMs;
    this.end();
  }

  /** Ends the thread, until there is work again. What waits for it is guessed. */
  end(): void {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { length, resolve } of this.#waiting.values()) resolve(guessTokens(length));
    this.#waiting.clear();
  }
}
