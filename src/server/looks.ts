/** How often files and clock are looked at, in milliseconds: a change is seen at the second look after it. */
const lookMs = 500;

/** Something that is done again and again until it is stopped. */
export interface Looks {
  stop(): void;
}

/**
 * Looks every half second; not while the look before is still on its way.
 *
 * @param look - Must not throw.
 */
export function lookAgainAndAgain(look: () => Promise<void>): Looks {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, lookMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Work that is done one piece after the other: of two loads at once, the older could be presented last. */
export class WorkQueue {
  #last: Promise<void> = Promise.resolve();

  /** @param work - Must not throw. */
  run(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work);
    return this.#last;
  }
}
