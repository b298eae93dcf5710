import type { ModelErrorCode } from "../../errors.ts";

/** How often and how soon a failed call is made again. */
export interface RetrySettings {
  /** Retries on one target. */
  maxRetries: number;
  /** The longest wait before the first retry, in milliseconds; it doubles with each one. */
  baseDelayMs: number;
  /** The longest wait before any retry, in milliseconds. */
  maxDelayMs: number;
  /** Retries for a hundred calls of a target. */
  budgetPercent: number;
}

/** What is done about one kind of failure. */
export interface Remedy {
  /** Whether the same target may be asked again. */
  retry: boolean;
  /**
   * Whether another target may be asked: `never` where the fault is the request's own, `larger` where one with a larger
   * context may do.
   */
  fallback: "always" | "larger" | "never";
  /** Whether it says that the target is ill. */
  illness: boolean;
}

const transient: Remedy = { retry: true, fallback: "always", illness: true };
const otherTarget: Remedy = { retry: false, fallback: "always", illness: false };
const final: Remedy = { retry: false, fallback: "never", illness: false };

/** What is done about each kind of failure, while nothing of an answer has been sent. */
export const remedies: Readonly<Record<ModelErrorCode, Remedy>> = {
  NO_MODEL: final,
  MODEL_NOT_FOUND: otherTarget,
  INVALID_REQUEST: final,
  CONTEXT_TOO_LONG: { ...final, fallback: "larger" },
  CONTENT_REFUSED: final,
  PROVIDER_AUTH: otherTarget,
  PROVIDER_RATE_LIMITED: { ...transient, illness: false },
  PROVIDER_OVERLOADED: transient,
  PROVIDER_UNAVAILABLE: transient,
  PROVIDER_TIMEOUT: transient,
  // What can't be understood was paid for all the same, and seldom gets better.
  PROVIDER_PROTOCOL: { ...transient, retry: false },
  STREAM_TRUNCATED: transient,
  OUTPUT_TRUNCATED: final,
  RESPONSE_TOO_LARGE: final,
  INVALID_STRUCTURED_OUTPUT: otherTarget,
  CANCELLED: final,
  EXECUTION_FAILED: otherTarget,
};

/**
 * How long to wait before a retry: exponential back-off with full jitter.
 *
 * @param attempt - How many retries there were, from 0.
 * @param random - A number from 0 up to, and without, 1.
 * @returns Milliseconds.
 */
export function backoffMs(attempt: number, { baseDelayMs, maxDelayMs }: RetrySettings, random: number): number {
  return random * Math.min(maxDelayMs, baseDelayMs * 2 ** attempt);
}
