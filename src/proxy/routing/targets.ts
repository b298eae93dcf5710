import type { OfferedModel } from "../model-directory.ts";
import { Breaker, type BreakerSettings, type BreakerState } from "./breaker.ts";
import type { KeyRing } from "./key-ring.ts";
import { RetryBudget } from "./retry-budget.ts";
import { AnswerTime, type Target } from "./target.ts";

/** How a model is doing, as far as this server has seen. */
export type ModelHealth = "available" | "recovering" | "unavailable";

/** One provider, as calls reach it. */
export interface Reach {
  keys: KeyRing;
  /** Longest that one attempt may take, in milliseconds. */
  limitMs: number | undefined;
}

/** What targets are made of. */
export interface TargetsOptions {
  /** By the providers' names. */
  providers: ReadonlyMap<string, Reach>;
  breaker: BreakerSettings;
  /** Retries for a hundred calls. */
  budgetPercent: number;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Told when a model's breaker changes. */
  onBreaker(model: string, state: BreakerState): void;
}

const healthOf: Readonly<Record<BreakerState, ModelHealth>> = {
  closed: "available",
  half_open: "recovering",
  open: "unavailable",
};

type State = Omit<Target, "model">;

/** Remembers how each model is doing, also when the list of models is renewed. */
export class Targets {
  readonly #options: TargetsOptions;
  readonly #states = new Map<string, State>();

  constructor(options: TargetsOptions) {
    this.#options = options;
  }

  /** A model as a target. */
  of(model: OfferedModel): Target {
    return { model, ...this.#stateOf(model) };
  }

  /** How a model is doing. */
  healthOf(model: OfferedModel): ModelHealth {
    const state = this.#states.get(model.id);
    if (!state) return "available";
    const health = healthOf[state.breaker.state];
    return health === "available" && state.keys.restMs(model.name) > 0 ? "unavailable" : health;
  }

  #stateOf({ id, provider }: OfferedModel): State {
    const known = this.#states.get(id);
    if (known) return known;
    const { providers, breaker, budgetPercent, now, onBreaker } = this.#options;
    const reach = providers.get(provider.name);
    if (!reach) throw new TypeError(`${id} is of a provider that nothing is known of`);
    const state: State = {
      ...reach,
      breaker: new Breaker(breaker, now, (changed) => onBreaker(id, changed)),
      budget: new RetryBudget(budgetPercent),
      answerTimes: { whole: new AnswerTime(), streamed: new AnswerTime() },
    };
    this.#states.set(id, state);
    return state;
  }
}
