import { ModelError, type ModelErrorCode } from "../errors.ts";
import { explanations } from "./failure-table.ts";

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
 */
export function providerError(code: ModelErrorCode, provider: string, detail: string, cause?: Error): ModelError {
  const { deed, hint } = explanations[code];
  const status = cause instanceof UpstreamFailure ? cause.status : undefined;
  const told = status === undefined || status < 300 ? "" : ` (HTTP ${status})`;
  return new ModelError(code, `${provider} ${deed}${told}${detail === "" ? "" : `: ${detail}`}`, {
    hint: hint.replaceAll("PROVIDER", provider),
    cause,
  });
}
