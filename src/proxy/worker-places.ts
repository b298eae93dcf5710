import { LimitError } from "../errors.ts";

/** How many calls run, and how many wait. They are asked for at each call. */
export interface PlaceLimits {
  readonly running: number;
  readonly waiting: number;
}

interface Waiter {
  enter(): void;
}

/** How much of the average the latest call makes up. */
const weightOfLatest = 0.1;

const shortestAdviceMs = 100;
const longestAdviceMs = 60_000;

/** Bounds the calls that run. The others wait in order, until their signal ends. */
export class WorkerPlaces {
  readonly #limits: PlaceLimits;
  readonly #now: () => number;
  /** In the order in which they came; one that leaves is taken out at once. */
  readonly #waiting = new Set<Waiter>();
  #running = 0;
  #averageMs = 1000;

  /**
   * @param limits - How many calls run, and how many wait.
   * @param now - Milliseconds of a clock that never goes back.
   */
  constructor(limits: PlaceLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Calls that run. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes a place, as soon as there is one.
   *
   * @param signal - The call's; it ends the waiting.
   * @returns What gives the place back. It may be called more than once.
   * @throws LimitError when too many wait, and the signal's reason.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    // Limits may have been raised since the last call ended.
    this.#letIn();
    if (this.#running < this.#limits.running) this.#running++;
    else await this.#wait(signal);
    const startedAt = this.#now();
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#averageMs += weightOfLatest * (this.#now() - startedAt - this.#averageMs);
      this.#running--;
      this.#letIn();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#limits.waiting) throw this.#refusal();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        enter() {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(waiter);
    });
  }

  #letIn(): void {
    for (const waiter of this.#waiting) {
      if (this.#running >= this.#limits.running) return;
      this.#waiting.delete(waiter);
      this.#running++;
      waiter.enter();
    }
  }

  /** The queue moves by one place each time one of the running calls ends. */
  #refusal(): LimitError {
    const { running, waiting } = this.#limits;
    const adviceMs = Math.min(longestAdviceMs, Math.max(shortestAdviceMs, this.#averageMs / running));
    const message = `the server is busy: ${running} calls run, which is server.max_workers, and ${waiting} wait, which is server.max_queued`;
    return new LimitError(message, "concurrency", Math.ceil(adviceMs), { hint: "Try again in a moment." });
  }
}
