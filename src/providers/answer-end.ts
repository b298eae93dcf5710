import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { ModelError } from "../errors.ts";
import type { FailureContext } from "./error-mapping.ts";
import type { FinishReason, Usage } from "./provider.ts";
import { providerError } from "./provider-error.ts";

/** What some imitators of OpenAI's API call a plain end. */
const otherStops = new Set(["eos", "eos_token", "stop_sequence"]);

/** How an answer ended, as the AI SDK tells it. */
export interface ReportedEnd {
  finishReason: LanguageModelV4FinishReason;
  /** Whether text came before the end. */
  hasText: boolean;
  /** The `content-type` of a streamed answer. */
  contentType?: string | undefined;
}

/**
 * The error of a stream that ended without the provider's own end marker.
 *
 * @param context - Whose answer it is.
 * @param contentType - What the answer said it was: what is no event stream is a misunderstanding, not a broken one.
 */
export function unfinished({ provider, redact }: FailureContext, contentType: string | undefined): ModelError {
  if (contentType === undefined || contentType.includes("event-stream")) {
    return providerError("STREAM_TRUNCATED", provider, "");
  }
  return providerError(
    "PROVIDER_PROTOCOL",
    provider,
    redact(`it is ${contentType.split(";")[0]}, not an event stream`),
  );
}

/**
 * Judges how an answer ended. Only one that came to its end, or to its length limit, is an answer.
 *
 * @param context - Whose answer it is.
 * @param end - What the provider reported.
 * @throws ModelError for every other end, and when there is no text.
 */
export function readFinish(context: FailureContext, { finishReason, hasText, contentType }: ReportedEnd): FinishReason {
  const { provider, redact } = context;
  const { unified, raw } = finishReason;
  switch (unified) {
    case "length":
      return "length";
    case "content-filter":
      throw providerError("CONTENT_REFUSED", provider, "");
    case "interrupted":
      throw unfinished(context, contentType);
    case "stop":
      if (hasText) return "stop";
      throw providerError("PROVIDER_PROTOCOL", provider, "it is empty");
    default:
      if (raw !== undefined && otherStops.has(raw) && hasText) return "stop";
      throw providerError("PROVIDER_PROTOCOL", provider, redact(`it ended with ${JSON.stringify(raw ?? unified)}`));
  }
}

/**
 * Token counts as the provider gave them.
 *
 * @param usage - The AI SDK's form of them.
 */
export function readUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    cacheReadTokens: inputTokens.cacheRead,
    cacheWriteTokens: inputTokens.cacheWrite,
  };
}
