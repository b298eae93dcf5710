import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import { ModelError } from "../errors.ts";
import type { FailureContext } from "./error-mapping.ts";
import type { FinishReason } from "./provider.ts";
import { providerError } from "./provider-error.ts";
import type { Redactor } from "./redact.ts";
import type { SignReader } from "./wire-signs.ts";

/** What vendors, and the imitators of OpenAI's API, call a plain end. */
const stops = new Set(["stop", "completed", "complete", "end_turn", "stop_sequence", "eos", "eos_token"]);

/** What they call an end at the output's or the context's limit. */
const lengths = new Set([
  "length",
  "max_tokens",
  "max_output_tokens",
  "model_length",
  "model_context_window_exceeded",
  "continuation",
]);

/** What they call an answer that is held back because of what it says or was asked. */
const refusals = new Set([
  "refusal",
  "content_filter",
  "sensitive",
  "safety",
  "recitation",
  "language",
  "blocklist",
  "prohibited_content",
  "spii",
  "model_armor",
  "jailbreak",
  "image_safety",
  "image_recitation",
  "image_prohibited_content",
]);

/** What they call an answer that they had no room for. */
const overloads = new Set(["insufficient_system_resource"]);

/** Whose answer it is. */
export interface AnswerContext extends FailureContext {
  /** Takes secrets out of words that only the caller gets to read. */
  forCaller: Redactor;
}

/** How an answer ended. */
export interface ReportedEnd {
  /** As the AI SDK tells it; absent where the connection broke or fell silent after the end. */
  finishReason?: LanguageModelV4FinishReason;
  /** What the vendor itself said of it. */
  signs: SignReader;
  /** Whether text came before the end. */
  hasText: boolean;
  /** Whether reasoning came before the end. */
  hasReasoning: boolean;
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
 * The error of a stream that has more text after its end: whichever of the two is wrong, the text can't be told from an
 * answer.
 */
export function continued({ provider }: FailureContext): ModelError {
  return providerError("PROVIDER_PROTOCOL", provider, "it went on after its end");
}

/** The reason's name is for the log too; what the model says is the caller's alone. */
function refused(
  { provider, redact, forCaller }: AnswerContext,
  reason: string,
  explanation: string | undefined,
): ModelError {
  const { code, message, hint } = providerError("CONTENT_REFUSED", provider, redact(reason));
  const words = forCaller(explanation ?? "");
  return new ModelError(code, message, { hint: words === "" ? hint : `${hint} It says: ${words}` });
}

function empty({ provider }: FailureContext, hasReasoning: boolean): ModelError {
  return providerError(
    "PROVIDER_PROTOCOL",
    provider,
    hasReasoning ? "it has only reasoning and no text" : "it is empty",
  );
}

/**
 * Judges how an answer ended. Only one that came to its end, or to its length limit, is an answer.
 *
 * @param context - Whose answer it is.
 * @param end - What the provider reported.
 * @throws ModelError for every other end, and when there is no text.
 */
export function readFinish(context: AnswerContext, end: ReportedEnd): FinishReason {
  const { finishReason, signs, hasText, hasReasoning, contentType } = end;
  const { provider, redact } = context;
  const raw = signs.end ?? finishReason?.raw;
  const word = raw?.toLowerCase();
  const unified = finishReason?.unified;
  if (signs.isRefusal) throw refused(context, "refusal", signs.explanation);
  if (unified === "content-filter" || (word !== undefined && refusals.has(word))) {
    throw refused(context, raw ?? "content filter", signs.explanation);
  }
  if (signs.end === undefined && (unified === "interrupted" || raw === "")) throw unfinished(context, contentType);
  if (word === undefined ? unified === "length" : lengths.has(word)) return "length";
  // A tool that is called in order to give a structured answer is a plain end to the AI SDK.
  const isPlain = word === undefined || word === "tool_use" ? unified === "stop" : stops.has(word);
  if (unified === "tool-calls")
    throw providerError("PROVIDER_PROTOCOL", provider, "it calls a tool, and was given none");
  if (isPlain && hasText) return "stop";
  if (isPlain) throw empty(context, hasReasoning);
  if (word !== undefined && overloads.has(word)) throw providerError("PROVIDER_OVERLOADED", provider, redact(word));
  const told = raw === undefined ? "it does not say how it ended" : `it ended with ${JSON.stringify(raw)}`;
  throw providerError("PROVIDER_PROTOCOL", provider, redact(told));
}
