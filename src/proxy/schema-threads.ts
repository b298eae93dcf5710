import { LRUCache } from "lru-cache";
import { LimitError } from "../errors.ts";
import type { Refusal, Verdict } from "./schema-validation.ts";

// The build puts the place of the worker within the executable here.
declare const SCHEMA_WORKER: string;

const workerUrl = new URL(typeof SCHEMA_WORKER === "string" ? SCHEMA_WORKER : "./schema-worker.ts", import.meta.url);

/** Threads that run at most. */
const mostThreads = 2;

/** Jobs that wait at most. */
const mostWaiting = 256;

/** A job that took longer than it may. */
export type Late = "late";

type Result = Verdict | Refusal | undefined | Late;

interface Job {
  schema: string;
  text: string | undefined;
  resolve(result: Result): void;
  reject(error: unknown): void;
  /** The call no longer counts as one that waits. */
  begin(): void;
}

/**
 * Measures texts against schemas in threads that are ended when they take too long, so that a schema whose branches
 * multiply holds up nobody else for longer. Jobs run in order; one whose call is aborted leaves at once.
 */
export class SchemaThreads {
  readonly #timeoutMs: number;
  readonly #tooSlow = new LRUCache<string, true>({ max: 256 });
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  #running = 0;

  /** @param timeoutMs - Milliseconds that one job may take. */
  constructor(timeoutMs = 1000) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * As `SchemaValidation.measure`.
   *
   * @returns `late` when it takes too long. A schema that is late by itself is not tried again.
   * @throws LimitError when too many jobs wait, and the signal's reason.
   */
  async measure(schema: string, text: string | undefined, signal: AbortSignal): Promise<Result> {
    if (this.#tooSlow.has(schema)) return "late";
    if (this.#waiting.length >= mostWaiting) {
      const hint = "Try again in a moment.";
      throw new LimitError("the server has too many schemas to check", "concurrency", this.#timeoutMs, { hint });
    }
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(job), 1);
        reject(signal.reason);
      };
      const begin = () => signal.removeEventListener("abort", leave);
      const job: Job = { schema, text, resolve, reject, begin };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(job);
      this.#next();
    });
  }

  #next(): void {
    if (this.#running >= mostThreads) return;
    const job = this.#waiting.shift();
    if (!job) return;
    job.begin();
    this.#running++;
    this.#run(job)
      .then(job.resolve, job.reject)
      .finally(() => {
        this.#running--;
        this.#next();
      });
  }

  async #run({ schema, text }: Job): Promise<Result> {
    const worker = this.#idle.pop() ?? (await startWorker());
    const answer = nextMessage(worker);
    worker.postMessage({ schema, text });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Late>((resolve) => {
      timer = setTimeout(() => resolve("late"), this.#timeoutMs);
    });
    let kept = false;
    try {
      const outcome = await Promise.race([answer, late]);
      if (outcome === "late") {
        if (text === undefined) this.#tooSlow.set(schema, true);
        return "late";
      }
      kept = true;
      return (outcome as { result: Verdict | Refusal | undefined }).result;
    } finally {
      clearTimeout(timer);
      if (kept) this.#idle.push(worker);
      else worker.terminate();
    }
  }
}

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the thread that checks schemas failed: ${message}`));
  });
}

/** How long a thread may take to load, in milliseconds. */
const loadMs = 30_000;

async function startWorker(): Promise<Worker> {
  const worker = new Worker(workerUrl);
  worker.unref();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the thread that checks schemas does not start")), loadMs);
  });
  try {
    await Promise.race([nextMessage(worker), late]);
    return worker;
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
