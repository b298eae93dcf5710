import { LRUCache } from "lru-cache";
import type { Refusal, Verdict } from "./schema-validation.ts";

// The build puts the place of the worker within the executable here.
declare const SCHEMA_WORKER: string;

const workerUrl = new URL(typeof SCHEMA_WORKER === "string" ? SCHEMA_WORKER : "./schema-worker.ts", import.meta.url);

type Result = Verdict | Refusal | undefined;

interface Job {
  schema: string;
  text: string | undefined;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Measures texts against schemas in a thread that is ended when it takes too long, so that a schema whose branches
 * multiply holds up no other call for longer. One job runs at a time, in order.
 */
export class SchemaThread {
  readonly #timeoutMs: number;
  readonly #tooSlow = new LRUCache<string, true>({ max: 256 });
  readonly #waiting: Job[] = [];
  #worker: Promise<Worker> | undefined;
  #busy = false;

  /** @param timeoutMs - Milliseconds that one job may take. */
  constructor(timeoutMs = 2000) {
    this.#timeoutMs = timeoutMs;
  }

  /** As `SchemaValidation.measure`; what takes too long is a refusal of the schema. */
  measure(schema: string, text?: string): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ schema, text, resolve, reject });
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    if (this.#busy) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#busy = true;
    try {
      job.resolve(await this.#run(job));
    } catch (error) {
      job.reject(error);
    } finally {
      this.#busy = false;
      void this.#next();
    }
  }

  async #run({ schema, text }: Job): Promise<Result> {
    const refusal = { refused: `it takes longer than ${this.#timeoutMs} ms to check` };
    if (this.#tooSlow.has(schema)) return refusal;
    this.#worker ??= startWorker();
    const worker = await this.#worker;
    const answer = nextMessage(worker);
    worker.postMessage({ schema, text });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), this.#timeoutMs);
    });
    try {
      const outcome = await Promise.race([answer, late]);
      if (outcome !== "late") return (outcome as { result: Result }).result;
      this.#tooSlow.set(schema, true);
      this.#discard(worker);
      return refusal;
    } catch (error) {
      this.#discard(worker);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #discard(worker: Worker): void {
    this.#worker = undefined;
    worker.terminate();
  }
}

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the thread that checks schemas failed: ${message}`));
  });
}

async function startWorker(): Promise<Worker> {
  const worker = new Worker(workerUrl);
  worker.unref();
  await nextMessage(worker);
  return worker;
}
