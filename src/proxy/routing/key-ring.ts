import type { Provider } from "../../providers/provider.ts";

/** How the next key is chosen. */
export type KeyChoice = "round_robin" | "weighted" | "least_busy";

/** A provider by one of its keys. */
export interface RingKey {
  /** The key's name in the configuration; empty for a provider without one. */
  label: string;
  /** Its share of the calls, where they are weighted. */
  weight: number;
  provider: Provider;
}

/** A key while a call uses it. */
export interface HeldKey {
  readonly label: string;
  readonly provider: Provider;
  release(): void;
  /**
   * Sets the key aside.
   *
   * @param ms - For how long, in milliseconds.
   * @param model - For which model; for all where left out.
   */
  setAside(ms: number, model?: string): void;
}

interface Entry extends RingKey {
  /** Calls that use it. */
  held: number;
  /** What it has been given less than its share so far. */
  credit: number;
  /** When it may be used again, for all models and for single ones, in milliseconds of the ring's clock. */
  restsUntil: number;
  restsForModel: Map<string, number>;
}

/** The keys of one provider: each call gets one, and those that are out of quota are passed over until they are not. */
export class KeyRing {
  readonly #entries: readonly Entry[];
  readonly #choice: KeyChoice;
  readonly #now: () => number;
  #next = 0;

  /**
   * @param keys - At least one.
   * @param choice - How the next one is chosen.
   * @param now - Milliseconds of a clock that never goes back.
   */
  constructor(keys: readonly RingKey[], choice: KeyChoice, now: () => number) {
    this.#entries = keys.map((key) => ({ ...key, held: 0, credit: 0, restsUntil: 0, restsForModel: new Map() }));
    this.#choice = choice;
    this.#now = now;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#entries.length;
  }

  /**
   * Takes the key for a call.
   *
   * @param model - The provider's name of the model that is called.
   * @param tried - Names of keys that have been tried for this call.
   * @returns Undefined where each is set aside or has been tried.
   */
  take(model: string, tried: ReadonlySet<string>): HeldKey | undefined {
    const usable = this.#usable(model, tried);
    const entry = usable.length > 1 ? this.#choose(usable) : usable[0];
    if (!entry) return undefined;
    entry.held++;
    let released = false;
    return {
      label: entry.label,
      provider: entry.provider,
      release() {
        if (!released) entry.held--;
        released = true;
      },
      setAside: (ms, only) => {
        const until = this.#now() + ms;
        if (only === undefined) entry.restsUntil = Math.max(entry.restsUntil, until);
        else entry.restsForModel.set(only, Math.max(entry.restsForModel.get(only) ?? 0, until));
      },
    };
  }

  /** Whether there is a key that {@link KeyRing.take} would give. */
  has(model: string, tried: ReadonlySet<string>): boolean {
    return this.#usable(model, tried).length > 0;
  }

  /**
   * Milliseconds until one of the keys can be used for a model; 0 where one can be now.
   *
   * @param model - The provider's name of it.
   */
  restMs(model: string): number {
    return Math.min(...this.#entries.map((entry) => this.#restMs(entry, model)));
  }

  #usable(model: string, tried: ReadonlySet<string>): Entry[] {
    return this.#entries.filter((entry) => !tried.has(entry.label) && this.#restMs(entry, model) === 0);
  }

  #restMs({ restsUntil, restsForModel }: Entry, model: string): number {
    const now = this.#now();
    const own = restsForModel.get(model);
    if (own !== undefined && own <= now) restsForModel.delete(model);
    return Math.max(0, restsUntil - now, (own ?? 0) - now);
  }

  #choose(usable: readonly Entry[]): Entry | undefined {
    if (this.#choice === "weighted") return chooseByShare(usable);
    const start = this.#next++ % usable.length;
    const inTurn = [...usable.slice(start), ...usable.slice(0, start)];
    if (this.#choice === "round_robin") return inTurn[0];
    return inTurn.reduce((least, each) => (each.held < least.held ? each : least));
  }
}

/** Everyone is given their share, the one who has waited longest takes all of it: turns are spread evenly. */
function chooseByShare(usable: readonly Entry[]): Entry | undefined {
  const weighted = usable.filter(({ weight }) => weight > 0);
  const entries = weighted.length > 0 ? weighted : usable;
  const all = entries.reduce((sum, { weight }) => sum + weight, 0);
  let chosen: Entry | undefined;
  for (const entry of entries) {
    entry.credit += entry.weight;
    if (!chosen || entry.credit > chosen.credit) chosen = entry;
  }
  if (chosen) chosen.credit -= all;
  return chosen;
}
