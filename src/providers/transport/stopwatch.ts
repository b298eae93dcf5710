/**
 * Sees to it that things happen in time, one after the other. It has one timer, which is set anew when it goes off: to set
 * one for each piece of an answer would cost more than the piece.
 */
export class Stopwatch {
  readonly #onLate: (waitedMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer goes off, and when it is too late, in milliseconds of `performance.now()`. */
  #wakesAt = 0;
  #lateAt = Number.POSITIVE_INFINITY;
  #allowedMs = 0;

  /** @param onLate - Told how many milliseconds were allowed, when they are over. */
  constructor(onLate: (allowedMs: number) => void) {
    this.#onLate = onLate;
  }

  /**
   * From now on the next thing is waited for.
   *
   * @param ms - Milliseconds until it has to have happened; no limit when undefined.
   */
  expect(ms: number | undefined): void {
    const now = performance.now();
    this.#allowedMs = ms ?? 0;
    this.#lateAt = now + (ms ?? Number.POSITIVE_INFINITY);
    if (ms === undefined || (this.#timer !== undefined && this.#wakesAt <= this.#lateAt)) return;
    this.#set(ms, now);
  }

  /** Nothing is waited for. */
  rest(): void {
    this.#lateAt = Number.POSITIVE_INFINITY;
  }

  /** Nothing will be waited for any more. */
  stop(): void {
    this.rest();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(ms: number, now: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = now + ms;
    this.#timer = setTimeout(() => this.#wake(), ms);
  }

  #wake(): void {
    this.#timer = undefined;
    if (this.#lateAt === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    // A timer may go off a fraction of a millisecond early.
    if (now < this.#lateAt - 1) {
      this.#set(this.#lateAt - now, now);
    } else {
      this.rest();
      this.#onLate(this.#allowedMs);
    }
  }
}
