import type { ModelError } from "../../errors.ts";
import { retryAdviceOf } from "../../providers/provider-error.ts";
import type { Pass } from "./breaker.ts";
import type { HeldKey } from "./key-ring.ts";
import { remedies } from "./retry-policy.ts";
import type { Target } from "./target.ts";

/** How long a key is left alone that was refused or has nothing left, where its provider does not say, in milliseconds. */
const refusedMs = 60_000;
const exhaustedMs = 60_000;

/** A failure, and whom it is to be learnt of. */
export interface Lesson {
  target: Target;
  key: HeldKey;
  pass: Pass;
  error: ModelError;
  /** How long a key rests whose provider says that it is asked too often, and not until when, in milliseconds. */
  unsaidMs: number;
}

/** Lets the target's health learn from a failure, and the key's. */
export function learn({ target: { model, keys }, key, pass, error, unsaidMs }: Lesson): void {
  if (remedies[error.code].illness) pass.fail();
  else pass.leave();
  const { afterMs, exhausted, ofModel } = retryAdviceOf(error);
  const hasOther = () => keys.has(model.name, new Set([key.label]));
  const setAside = (ms: number, isOfModel = true) => key.setAside(ms, isOfModel ? model.name : undefined);
  if (error.code === "PROVIDER_RATE_LIMITED") {
    if (exhausted) setAside(afterMs ?? exhaustedMs, ofModel ?? false);
    else if (afterMs !== undefined) setAside(afterMs);
    // Where the provider does not say until when, the other keys have their turn first.
    else if (keys.size > 1) setAside(unsaidMs);
    // The last key goes on being tried: what is wrong with it is what callers are told.
  } else if (error.code === "PROVIDER_AUTH" && hasOther()) setAside(refusedMs, ofModel ?? false);
}
