import { ModelError } from "../../errors.ts";
import { formatSpan } from "../../time.ts";
import type { OfferedModel } from "../model-directory.ts";
import type { Target } from "./target.ts";

/** A target that has failed in a row is not asked. */
export function targetIsResting({ model, breaker }: Target): ModelError {
  const again = breaker.retryAfterMs;
  const when = again > 0 ? `in ${formatSpan(again)}` : "in a moment, when a trial has shown that it is back";
  return new ModelError("PROVIDER_UNAVAILABLE", `${model.id} has failed in a row and is left alone for now`, {
    hint: `It is asked again ${when}; until then choose another provider's model.`,
  });
}

/** No key of a target's provider may be used now. */
export function keysAreResting({ model, keys }: Target): ModelError {
  const again = formatSpan(keys.restMs(model.name));
  const message = `${model.provider.name} takes no more requests for ${model.id} from this server for now`;
  return new ModelError("PROVIDER_RATE_LIMITED", message, {
    hint: `Try again in ${again}; the operator can raise the limit at the provider, or add another key.`,
  });
}

/**
 * The error of a call that every target has failed: that of the best one, which is the one that was asked for.
 *
 * @param failures - Each target's, in the order in which they were asked; at least one.
 */
export function withOthersTried(failures: readonly { model: OfferedModel; error: ModelError }[]): ModelError {
  const [first, ...others] = failures;
  if (!first) throw new TypeError("no target was asked");
  if (others.length === 0) return first.error;
  const tried = others.map(({ model, error }) => `${model.id} (${error.code})`).join(", ");
  const { code, message, hint, cause } = first.error;
  return new ModelError(code, message, { hint: [hint, `Also tried: ${tried}.`].filter(Boolean).join(" "), cause });
}
