import { ModelError } from "../../errors.ts";
import type { CallOptions, Provider, Spent } from "../../providers/provider.ts";
import { retryAdviceOf } from "../../providers/provider-error.ts";
import { pause } from "../../time.ts";
import type { Call } from "../call.ts";
import type { OfferedModel } from "../model-directory.ts";
import { type AttemptLimit, beginAttempt } from "./attempt-signal.ts";
import type { Pass } from "./breaker.ts";
import { keysAreResting, targetIsResting, withOthersTried } from "./failures.ts";
import type { HeldKey } from "./key-ring.ts";
import { learn } from "./lesson.ts";
import { backoffMs, type RetrySettings, remedies } from "./retry-policy.ts";
import type { Target, Way } from "./target.ts";
import type { Targets } from "./targets.ts";

/** One attempt at an answer: whom to ask, and how. */
export interface Leg extends CallOptions {
  model: OfferedModel;
  provider: Provider;
  /** Tells that the attempt asks once more by itself, as for an answer that does not satisfy its schema. */
  again(): void;
}

/** What an attempt came to, and whose it was. */
export interface Routed<T> {
  value: T;
  model: OfferedModel;
  /** Further tries that it took. */
  retries: number;
  /**
   * Tells that the answer is over. It has to be called, once.
   *
   * @param error - What it broke off with; undefined where it is complete.
   */
  settle(error?: unknown): void;
}

/** Something that an operator may want to know. */
export interface RetryEvent {
  /** Names the request in the log. */
  requestId: string;
  model: string;
  /** The name of the key that was used. */
  key: string;
  error: ModelError;
  /** What is done about it: the same target is asked again after a wait, or the next one is. */
  next: { waitMs: number } | { fallback: string };
}

/** What a router works with. */
export interface RouterOptions {
  targets: Targets;
  retries: RetrySettings;
  /** A number from 0 up to, and without, 1. */
  random(): number;
  onRetry(event: RetryEvent): void;
}

/** A call on its way through its targets. */
interface Journey<T> {
  call: Call;
  requestId: string;
  way: Way;
  attempt(leg: Leg): Promise<T>;
  onSpent(spent: Spent, model: OfferedModel): void;
  retries: number;
}

/** A call that always finds its keys resting waits for them no oftener than this. */
const mostRests = 20;

/** Less than this is not worth beginning an attempt for, in milliseconds. */
const shortestAttemptMs = 20;

/** What an unstreamed answer may take of the time that is left, while there is somebody else to ask. */
const shareBeforeFallback = 2 / 3;

/** Milliseconds until the caller stops waiting. */
function remainingMs({ deadline }: Call): number {
  return deadline === undefined ? Number.POSITIVE_INFINITY : deadline.getTime() - Date.now();
}

/** Whether there is time for a wait and an answer after it. */
function fits({ answerTimes }: Target, way: Way, waitMs: number, call: Call): boolean {
  return waitMs + Math.max(answerTimes[way].ms, shortestAttemptMs) <= remainingMs(call);
}

/** A timer may fire a little before its time. */
const timerSlackMs = 5;

/**
 * Finds an answer: asks the best target, asks it again where that may help, and then the next one.
 *
 * A call that has got a part of its answer is never begun anew: whoever streams hands over after the first part.
 */
export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** A number from 0 up to, and without, 1. */
  get random(): () => number {
    return this.#options.random;
  }

  /** How the models are doing. */
  get targets(): Targets {
    return this.#options.targets;
  }

  /**
   * Makes attempts until one succeeds.
   *
   * @param plan - The models to ask, best first; at least one.
   * @param journey - The call, and what an attempt is.
   * @returns What the successful attempt came to. Its `settle` has to be called.
   * @throws ModelError of the best target when none succeeds, and the call's own reason when it is aborted.
   */
  async run<T>(plan: readonly OfferedModel[], journey: Omit<Journey<T>, "retries">): Promise<Routed<T>> {
    const state: Journey<T> = { ...journey, retries: -1 };
    const failures: Array<{ model: OfferedModel; error: ModelError }> = [];
    for (const [index, model] of plan.entries()) {
      const last = failures.at(-1);
      if (last && !this.#mayFollow(last, model, state)) continue;
      const target = this.#options.targets.of(model);
      const others = plan.slice(index + 1);
      const isLast = !others.some((other) => this.#options.targets.healthOf(other) !== "unavailable");
      const result = await this.#ask(target, state, isLast);
      if (!(result instanceof ModelError)) return result;
      failures.push({ model, error: result });
      if (remedies[result.code].fallback === "never") throw result;
    }
    throw withOthersTried(failures);
  }

  #mayFollow(
    { model, error }: { model: OfferedModel; error: ModelError },
    next: OfferedModel,
    { call, requestId }: Journey<unknown>,
  ): boolean {
    const { fallback } = remedies[error.code];
    if (fallback === "larger" && (next.contextLength ?? Number.POSITIVE_INFINITY) <= (model.contextLength ?? 0)) {
      return false;
    }
    if (remainingMs(call) < shortestAttemptMs) return false;
    this.#options.onRetry({ requestId, model: model.id, key: "", error, next: { fallback: next.id } });
    return true;
  }

  /** Asks one target until it answers, or until there is no sense in asking it again. */
  async #ask<T>(target: Target, journey: Journey<T>, isLast: boolean): Promise<Routed<T> | ModelError> {
    const { call } = journey;
    const tried = new Set<string>();
    let failure: ModelError | undefined;
    let rests = 0;
    for (let attempt = 0; ; ) {
      call.signal.throwIfAborted();
      const key = target.keys.take(target.model.name, tried);
      if (!key) {
        const restMs = rests++ < mostRests ? this.#restMs(target, journey, isLast) : undefined;
        if (restMs === undefined) return failure ?? keysAreResting(target);
        await pause(restMs, call.signal);
        tried.clear();
        continue;
      }
      const pass = target.breaker.enter({ isLastResort: isLast && journey.retries < 0 });
      if (!pass) {
        key.release();
        return failure ?? targetIsResting(target);
      }
      if (attempt === 0) target.budget.earn();
      journey.retries++;
      const result = await this.#attempt(target, key, pass, journey, isLast);
      if (!(result instanceof ModelError)) return result;
      failure = result;
      attempt++;
      if (this.#hasOtherKey(target, key, result, tried)) continue;
      const waitMs = this.#waitMs(target, result, journey, attempt - 1, isLast);
      if (waitMs === undefined) return result;
      this.#options.onRetry({
        requestId: journey.requestId,
        model: target.model.id,
        key: key.label,
        error: result,
        next: { waitMs },
      });
      await pause(waitMs, call.signal);
      tried.clear();
    }
  }

  /** What only concerns a key is no reason to wait while there is another one. */
  #hasOtherKey({ keys, model }: Target, key: HeldKey, { code }: ModelError, tried: Set<string>): boolean {
    if (code !== "PROVIDER_AUTH" && code !== "PROVIDER_RATE_LIMITED") return false;
    return keys.has(model.name, tried.add(key.label));
  }

  /** Milliseconds until the same target is asked again; undefined where it is not. */
  #waitMs(target: Target, error: ModelError, { call, way }: Journey<unknown>, attempt: number, isLast: boolean) {
    const { retries, random } = this.#options;
    if (!remedies[error.code].retry || attempt >= retries.maxRetries) return undefined;
    if (target.breaker.state === "open" || (error.code === "PROVIDER_TIMEOUT" && !isLast)) return undefined;
    const { afterMs, exhausted } = retryAdviceOf(error);
    if (exhausted || (afterMs ?? 0) > retries.maxDelayMs) return undefined;
    const waitMs = afterMs === undefined ? backoffMs(attempt, retries, random()) : this.#justAfter(afterMs);
    if (!isLast && target.keys.restMs(target.model.name) > waitMs) return undefined;
    return fits(target, way, waitMs, call) && target.budget.spend() ? waitMs : undefined;
  }

  /** Milliseconds until a key is back that rests for a moment; undefined where that is not waited for. */
  #restMs(target: Target, { call, way }: Journey<unknown>, isLast: boolean): number | undefined {
    const { maxDelayMs } = this.#options.retries;
    const restMs = target.keys.restMs(target.model.name);
    if (!isLast || restMs > maxDelayMs || target.breaker.state === "open") return undefined;
    const waitMs = this.#justAfter(restMs);
    return fits(target, way, waitMs, call) ? waitMs : undefined;
  }

  /** Not everybody who waits for the same moment comes at once. */
  #justAfter(ms: number): number {
    return ms + timerSlackMs + this.#options.random() * this.#options.retries.baseDelayMs;
  }

  async #attempt<T>(
    target: Target,
    key: HeldKey,
    pass: Pass,
    journey: Journey<T>,
    isLast: boolean,
  ): Promise<Routed<T> | ModelError> {
    const { call, way } = journey;
    const { model } = target;
    const unsaidMs = this.#options.retries.maxDelayMs;
    const startedAt = performance.now();
    const limit = this.#limit(target, journey, isLast);
    const { signal, release } = beginAttempt(call.signal, limit, model);
    let hasBegun = false;
    const settle = (error?: unknown) => {
      release();
      key.release();
      // Once an answer has begun, it may be its reader who takes so long.
      const isLimit = error !== undefined && error === signal.reason && (hasBegun || limit?.isCallers);
      if (error === undefined) pass.succeed();
      else if (error instanceof ModelError && !isLimit) learn({ target, key, pass, error, unsaidMs });
      else pass.leave();
    };
    try {
      const onSpent = (spent: Spent) => journey.onSpent(spent, model);
      const again = () => {
        journey.retries++;
      };
      const value = await journey.attempt({ model, provider: key.provider, signal, onSpent, again });
      hasBegun = true;
      target.answerTimes[way].add(performance.now() - startedAt);
      return { value, model, retries: journey.retries, settle };
    } catch (error) {
      settle(call.signal.aborted ? call.signal.reason : error);
      if (call.signal.aborted) throw call.signal.reason;
      if (error instanceof ModelError) return error;
      throw error;
    }
  }

  #limit({ limitMs, model }: Target, { call, way }: Journey<unknown>, isLast: boolean): AttemptLimit | undefined {
    const share = isLast || way === "streamed" ? Number.POSITIVE_INFINITY : remainingMs(call) * shareBeforeFallback;
    if (share < (limitMs ?? Number.POSITIVE_INFINITY)) {
      const hint = "Ask for less at once, or allow more time: a part of it is left to the next model.";
      return { ms: Math.max(shortestAttemptMs, share), hint, isCallers: true };
    }
    if (limitMs === undefined) return undefined;
    const key = `providers.${model.provider.name}.timeouts.call_seconds`;
    return { ms: limitMs, hint: `Ask for less at once; the operator can raise ${key}.`, isCallers: false };
  }
}
