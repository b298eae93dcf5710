import { ModelError, type ModelErrorCode } from "../errors.ts";
import { explanations } from "./failure-table.ts";

/** What the provider itself says of when it can be asked again. */
export interface RetryAdvice {
  /** Milliseconds until it is worth trying again with the same key; undefined where it did not say. */
  afterMs?: number | undefined;
  /** Whether the key's quota or credit is used up, rather than its rate. */
  exhausted?: boolean | undefined;
  /** Whether it is about the model that was asked alone, and not about all that the key may ask. */
  ofModel?: boolean | undefined;
}

/**
 * What the log learns of a provider's failure. It holds neither the prompt nor the key: the AI SDK's own errors carry
 * the whole request.
 */
export class UpstreamFailure extends Error {
  constructor(
    /** What kind of error it was. */
    override readonly name: string,
    message: string,
    /** HTTP status. */
    readonly status: number | undefined,
    /** The address, without user, password and parameters. */
    readonly url: string | undefined,
    /** The provider's or the system's own names for the failure. */
    readonly kind: string,
    /** When it may be worth trying again. */
    readonly advice: RetryAdvice = {},
    /** The provider's own name for the request, by which its support finds it. */
    readonly upstreamRequestId: string | undefined = undefined,
  ) {
    super(message);
  }
}

/**
 * Makes an error of a provider's failure that may be shown to a caller.
 *
 * @param code - What kind of failure it is.
 * @param provider - The provider's name.
 * @param detail - What more is known, already redacted.
 * @param cause - For the log; redacted as well.
 * @param hint - What to do next, where that is known better than from the code alone.
 */
export function providerError(
  code: ModelErrorCode,
  provider: string,
  detail: string,
  cause?: Error,
  hint = explanations[code].hint,
): ModelError {
  const { deed } = explanations[code];
  const status = cause instanceof UpstreamFailure ? cause.status : undefined;
  const told = status === undefined || status < 300 ? "" : ` (HTTP ${status})`;
  return new ModelError(code, `${provider} ${deed}${told}${detail === "" ? "" : `: ${detail}`}`, {
    hint: hint.replaceAll("PROVIDER", provider),
    cause,
  });
}

/**
 * What a provider said of when it can be asked again.
 *
 * @param error - An error that a provider threw.
 */
export function retryAdviceOf({ cause }: ModelError): RetryAdvice {
  return cause instanceof UpstreamFailure ? cause.advice : {};
}
