import type { OfferedModel } from "../model-directory.ts";
import type { Breaker } from "./breaker.ts";
import type { KeyRing } from "./key-ring.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** What a call asks for: the whole answer, or its first part. */
export type Way = "whole" | "streamed";

/** How much of the average the latest call makes up. */
const weightOfLatest = 0.2;

/** How long a target takes to answer, as a moving average. */
export class AnswerTime {
  #ms: number | undefined;

  /** Milliseconds; 0 while nothing is known. */
  get ms(): number {
    return this.#ms ?? 0;
  }

  /** Tells of an answer, or of its first part. */
  add(ms: number): void {
    this.#ms = this.#ms === undefined ? ms : this.#ms + weightOfLatest * (ms - this.#ms);
  }
}

/** One model of one provider, with what is known of how it is doing. */
export interface Target {
  model: OfferedModel;
  keys: KeyRing;
  breaker: Breaker;
  budget: RetryBudget;
  /** How long whole answers take, and the first parts of streamed ones. */
  answerTimes: Readonly<Record<Way, AnswerTime>>;
  /** Longest that one attempt may take, in milliseconds. */
  limitMs: number | undefined;
}
