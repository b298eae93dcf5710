/** Remembers how the latest calls ended. */
export class RecentCalls {
  readonly #size: number;
  readonly #failed: boolean[] = [];
  #failures = 0;

  /** @param size - How many are remembered. */
  constructor(size: number) {
    this.#size = size;
  }

  add(isFailure: boolean): void {
    this.#failed.push(isFailure);
    if (isFailure) this.#failures++;
    if (this.#failed.length > this.#size && this.#failed.shift()) this.#failures--;
  }

  /** Whether at least half of them failed. */
  get areFailing(): boolean {
    return 2 * this.#failures >= this.#failed.length;
  }

  clear(): void {
    this.#failed.length = 0;
    this.#failures = 0;
  }
}
