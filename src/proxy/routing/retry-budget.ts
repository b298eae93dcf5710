/** The most retries that can be saved up, and what there is at the beginning. */
const capacity = 10;

/**
 * Bounds the retries of a target to a share of its calls, so that an outage is not made worse by them. Each call adds its
 * share, each retry takes a whole one.
 */
export class RetryBudget {
  readonly #share: number;
  #saved = capacity;

  /** @param percent - Retries for a hundred calls. */
  constructor(percent: number) {
    this.#share = percent / 100;
    if (percent === 0) this.#saved = 0;
  }

  /** Tells of a call that is made for the first time. */
  earn(): void {
    this.#saved = Math.min(capacity, this.#saved + this.#share);
  }

  /** Whether there is a retry left; if so it is taken. */
  spend(): boolean {
    // Shares such as 0.2 add up to a little less than the whole.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}
