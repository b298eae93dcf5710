import { ModelError, type ModelErrorCode, messageOf } from "../errors.ts";
import { providerError, UpstreamFailure } from "./provider-error.ts";
import type { Redactor } from "./redact.ts";
import { readRetryAdvice, requestIdIn } from "./retry-advice.ts";
import { describeSystemCode, isUnknownAuthority } from "./transport/transport-error.ts";
import { readSymptoms, type Symptoms } from "./upstream-failure.ts";

/** Whose failure it is. */
export interface FailureContext {
  /** The provider's name in the configuration. */
  provider: string;
  /** Takes the provider's key and the like out of its words. */
  redact: Redactor;
  /** Whether the answer was to come in parts. */
  streaming?: boolean;
  /** Tells the time, for answers that name one. */
  now?: () => Date;
}

type Rule = readonly [test: RegExp, code: ModelErrorCode];

const tooLong =
  /context[_ -]?(length|window|limit|size)|maximum context|prompt is too long|input is too long|too many (input )?tokens|(exceed\w*|over) .{0,40}(maximum|max\w*|limit|allowed|number of) .{0,30}tokens|tokens? .{0,30}exceed|string_above_max_length|request_too_large|reduce the length/i;

/** What the provider calls the failure; it knows better than the status. The first rule that fits decides. */
const byKind: readonly Rule[] = [
  [/context_length|request_too_large|string_above_max_length|exceed_context/, "CONTEXT_TOO_LONG"],
  [/api_key_invalid|invalid_api_key|authentication|unauthenticated|unauthorized|permission/, "PROVIDER_AUTH"],
  [/insufficient_quota|quota|billing|rate_limit|resource_exhausted|too_many_requests/, "PROVIDER_RATE_LIMITED"],
  [/content_policy|content_filter|invalid_prompt|safety|moderation/, "CONTENT_REFUSED"],
  [/overloaded|slow_down|unavailable/, "PROVIDER_OVERLOADED"],
  [/model_not_found/, "MODEL_NOT_FOUND"],
  [/timeout|deadline_exceeded/, "PROVIDER_TIMEOUT"],
  [/server_?error|api_error|internal/, "PROVIDER_UNAVAILABLE"],
];

/** What the provider's message says where its status is too coarse. */
const byMessage: readonly Rule[] = [
  [tooLong, "CONTEXT_TOO_LONG"],
  [/api[ _-]?key (is )?(not valid|invalid|expired)|invalid api[ _-]?key/i, "PROVIDER_AUTH"],
  [/credit balance|exceeded your current quota|billing|api usage limits?/i, "PROVIDER_RATE_LIMITED"],
  [
    /model .{0,200}(does not exist|not found|not exist)|(unknown|no such|invalid) model|not a valid model/i,
    "MODEL_NOT_FOUND",
  ],
];

/** Names of failures that come without a status, in the middle of a stream. */
const byStreamKind: readonly Rule[] = [
  [/not_found/, "MODEL_NOT_FOUND"],
  [/invalid|bad_request|failed_precondition|out_of_range/, "INVALID_REQUEST"],
];

const byStatus: Readonly<Record<number, ModelErrorCode>> = {
  401: "PROVIDER_AUTH",
  402: "PROVIDER_RATE_LIMITED",
  403: "PROVIDER_AUTH",
  405: "PROVIDER_PROTOCOL",
  408: "PROVIDER_TIMEOUT",
  409: "PROVIDER_UNAVAILABLE",
  413: "CONTEXT_TOO_LONG",
  425: "PROVIDER_UNAVAILABLE",
  429: "PROVIDER_RATE_LIMITED",
  503: "PROVIDER_OVERLOADED",
  504: "PROVIDER_TIMEOUT",
  529: "PROVIDER_OVERLOADED",
};

function match(rules: readonly Rule[], subject: string): ModelErrorCode | undefined {
  return rules.find(([test]) => test.test(subject))?.[1];
}

/** A 404 says that the model is missing only where the answer speaks of models: else the address is wrong. */
function codeOfMissing({ kind, message }: Symptoms): ModelErrorCode {
  return /model/i.test(message) || /model_not_found/.test(kind) ? "MODEL_NOT_FOUND" : "PROVIDER_PROTOCOL";
}

function codeOfAnswer(symptoms: Symptoms): ModelErrorCode {
  const { status, kind, message } = symptoms;
  if (status === undefined) {
    return match(byKind, kind) ?? match(byMessage, message) ?? match(byStreamKind, kind) ?? "EXECUTION_FAILED";
  }
  if (status < 400) return "PROVIDER_PROTOCOL";
  if (status >= 500) return byStatus[status] ?? (match(byKind, kind) || "PROVIDER_UNAVAILABLE");
  if (status === 404) return codeOfMissing(symptoms);
  const named = match(byKind, kind) ?? match(byMessage, message);
  return (
    (status === 400 || status === 403 || status === 422 ? named : undefined) ??
    byStatus[status] ??
    named ??
    "INVALID_REQUEST"
  );
}

function codeOf(symptoms: Symptoms, streaming: boolean): ModelErrorCode {
  switch (symptoms.point) {
    case "answer":
      return codeOfAnswer(symptoms);
    case "connection":
      return /timed?_?out/.test(symptoms.kind) ? "PROVIDER_TIMEOUT" : "PROVIDER_UNAVAILABLE";
    case "body":
      return streaming ? "STREAM_TRUNCATED" : "PROVIDER_UNAVAILABLE";
    case "end":
      return "STREAM_TRUNCATED";
    case "format":
      return "PROVIDER_PROTOCOL";
    case "time":
      return "PROVIDER_TIMEOUT";
    case "request":
      return "INVALID_REQUEST";
    case "unknown":
      return "EXECUTION_FAILED";
  }
}

function detailOf({ point, kind, message, status }: Symptoms): string {
  if (point === "connection") return message || describeSystemCode(kind);
  if (point === "body") return "the connection broke";
  if (point === "answer" && status !== undefined && status < 400) return "it redirects to another address";
  return message;
}

/** What an operator can do who has named the address on purpose. */
function hintOf({ hint, point, kind }: Symptoms, provider: string): string | undefined {
  if (point !== "connection" || !isUnknownAuthority(kind)) return hint;
  return `If it is the right server, the operator has to name its CA in providers.${provider}.ca_file.`;
}

function cleanUrl(url: string | undefined, redact: Redactor): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed ? redact(`${parsed.origin}${parsed.pathname}`) : undefined;
}

/**
 * Turns whatever a provider's library threw into an error of ours.
 *
 * @param thrown - An error of the AI SDK or of fetch, or the error part of a stream.
 * @param context - Whose failure it is.
 * @returns An error whose message and cause hold neither key nor prompt.
 */
export function toModelError(
  thrown: unknown,
  { provider, redact, streaming = false, now = () => new Date() }: FailureContext,
): ModelError {
  if (thrown instanceof ModelError) return thrown;
  const symptoms = readSymptoms(thrown);
  const detail = redact(detailOf(symptoms));
  const words = detail === "" && symptoms.point === "unknown" ? redact(messageOf(thrown)) : detail;
  const cause = new UpstreamFailure(
    symptoms.name,
    words || symptoms.point,
    symptoms.status,
    cleanUrl(symptoms.url, redact),
    redact(symptoms.kind),
    readRetryAdvice(symptoms, now),
    requestIdIn(symptoms.headers),
  );
  const told = symptoms.point === "unknown" ? "" : detail;
  return providerError(codeOf(symptoms, streaming), provider, told, cause, hintOf(symptoms, provider));
}
