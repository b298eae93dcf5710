import { RecentCalls } from "./recent-calls.ts";

/** When a breaker opens, and for how long. */
export interface BreakerSettings {
  /** Failures in a row that open it, where at least half of the latest calls failed too. */
  failures: number;
  /** Milliseconds until it lets a trial through; twice as long after each trial that fails, up to ten times. */
  openMs: number;
}

/** What a breaker tells of. `half_open` lets one call through to see whether the others may follow. */
export type BreakerState = "closed" | "open" | "half_open";

/** The right to make one call. Exactly one of its methods is called, when the call's outcome is known. */
export interface Pass {
  succeed(): void;
  fail(): void;
  /** The call tells nothing of its target: it was aborted, or refused for what it asked. */
  leave(): void;
}

/** How a call asks for its right. */
export interface Entry {
  /** Whether nobody else is left to ask: then a trial may come before its time, though not at once. */
  isLastResort: boolean;
}

/** A trial that comes before its time has to wait for this share of the time. */
const shareOfLastResort = 1 / 30;

/** So many times its failures in a row are the latest calls: where one in five fails, five in a row are no outage. */
const span = 6;

/** How many times longer than at first a breaker stays open at most. */
const longest = 10;

/**
 * Keeps calls from a target that has failed several times in a row, so that they don't wait for it and it is left to
 * recover. From time to time one call is let through; the target is open to all again when that one succeeds.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #now: () => number;
  readonly #onChange: (state: BreakerState) => void;
  readonly #recent: RecentCalls;
  #failures = 0;
  /** When it opened for the last time, and for how long, in milliseconds. */
  #openedAt = 0;
  #openMs = 0;
  #isOpen = false;
  #trying = false;
  /** When the last trial began, or the breaker opened. */
  #triedAt = 0;
  /** Passes of an earlier state tell nothing of this one. */
  #generation = 0;

  /**
   * @param settings - When it opens.
   * @param now - Milliseconds of a clock that never goes back.
   * @param onChange - Told of each new state.
   */
  constructor(settings: BreakerSettings, now: () => number, onChange: (state: BreakerState) => void) {
    this.#settings = settings;
    this.#recent = new RecentCalls(span * settings.failures);
    this.#now = now;
    this.#onChange = onChange;
  }

  get state(): BreakerState {
    if (!this.#isOpen) return "closed";
    return this.retryAfterMs > 0 ? "open" : "half_open";
  }

  /** Milliseconds until a trial is let through; 0 where calls are, or a trial is. */
  get retryAfterMs(): number {
    return this.#isOpen ? Math.max(0, this.#openedAt + this.#openMs - this.#now()) : 0;
  }

  /** Asks for the right to make a call. Undefined while the target is to be left alone. */
  enter({ isLastResort }: Entry = { isLastResort: false }): Pass | undefined {
    if (!this.#isOpen) return this.#passOf(this.#generation);
    const now = this.#now();
    const sinceLast = now - this.#triedAt;
    const isDue = this.retryAfterMs === 0;
    const isEarly = isLastResort && sinceLast >= this.#settings.openMs * shareOfLastResort;
    // A trial whose caller reads on for ever is not waited for: another one takes its place.
    const isTrying = this.#trying && sinceLast < this.#settings.openMs;
    if (isTrying || !(isDue || isEarly)) return undefined;
    this.#trying = true;
    this.#triedAt = now;
    this.#generation++;
    if (isDue) this.#onChange("half_open");
    return this.#passOf(this.#generation);
  }

  #passOf(generation: number): Pass {
    const once = (tell: () => void) => () => {
      if (generation === this.#generation) tell();
    };
    return {
      succeed: once(() => this.#succeed()),
      fail: once(() => this.#fail()),
      leave: once(() => {
        this.#trying = false;
      }),
    };
  }

  #succeed(): void {
    this.#failures = 0;
    this.#recent.add(false);
    if (!this.#isOpen) return;
    this.#recent.clear();
    this.#isOpen = false;
    this.#trying = false;
    this.#generation++;
    this.#onChange("closed");
  }

  #fail(): void {
    this.#recent.add(true);
    const isOutage = ++this.#failures >= this.#settings.failures && this.#recent.areFailing;
    if (!this.#isOpen && !isOutage) return;
    const { openMs } = this.#settings;
    this.#triedAt = this.#now();
    // A trial before its time says no more than what is known.
    if (this.#isOpen && this.retryAfterMs > 0) {
      this.#trying = false;
      this.#generation++;
      return;
    }
    this.#openMs = this.#isOpen ? Math.min(this.#openMs * 2, openMs * longest) : openMs;
    this.#isOpen = true;
    this.#trying = false;
    this.#openedAt = this.#now();
    this.#generation++;
    this.#onChange("open");
  }
}
