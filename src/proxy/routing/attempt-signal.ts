import { ModelError } from "../../errors.ts";
import { formatSpan } from "../../time.ts";
import type { OfferedModel } from "../model-directory.ts";

/** How long an attempt may take. */
export interface AttemptLimit {
  /** Milliseconds. */
  ms: number;
  /** What to do where it is too short, as a sentence. */
  hint: string;
  /** Whether it comes from the time that the caller has, which says nothing of the target. */
  isCallers: boolean;
}

/** A signal for one attempt, which ends before its call's does when the attempt takes too long. */
export interface AttemptSignal {
  readonly signal: AbortSignal;
  /** The attempt is over: nothing aborts it any more. */
  release(): void;
}

const nothing = () => undefined;

/**
 * Makes the signal of an attempt.
 *
 * @param call - The call's own signal.
 * @param limit - How long the attempt may take.
 * @param model - Who is asked, for the error that the signal ends with.
 */
export function beginAttempt(call: AbortSignal, limit: AttemptLimit | undefined, model: OfferedModel): AttemptSignal {
  if (limit === undefined) return { signal: call, release: nothing };
  const controller = new AbortController();
  const onAbort = () => controller.abort(call.reason);
  const onLate = () => {
    const message = `${model.provider.name} took too long: ${model.id} gave no complete answer within ${formatSpan(limit.ms)}`;
    controller.abort(new ModelError("PROVIDER_TIMEOUT", message, { hint: limit.hint }));
  };
  if (call.aborted) onAbort();
  const timer = setTimeout(onLate, limit.ms);
  call.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      call.removeEventListener("abort", onAbort);
    },
  };
}
