import { dayMs, hourMs, minuteMs } from "../time.ts";
import type { RetryAdvice } from "./provider-error.ts";
import { type Fields, isFields, type Symptoms } from "./upstream-failure.ts";

type Headers = Readonly<Record<string, string>>;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: minuteMs, h: hourMs, d: dayMs };

/** Who says that a day has to pass is asked again after a day, whatever more is said. */
const longestMs = dayMs;

/** Epochs begin to be plausible here: seconds above this are in this century. */
const earliestEpoch = 1_000_000_000;

/** Milliseconds that can be waited for, or undefined for nonsense and for times that are over. */
function sane(ms: number | undefined): number | undefined {
  return ms === undefined || !(ms > 0) ? undefined : Math.min(Math.ceil(ms), longestMs);
}

/** A span such as `6m0s`, `1.5s` or `88ms`; a number alone is in seconds. */
function parseSpan(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?(ms|[smhd])\s*)+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (units[unit] ?? 0), 0);
}

/** A point in time, or a span until it: RFC 3339, seconds or milliseconds since 1970, or a span. */
function parseReset(text: string, nowMs: number): number | undefined {
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return Date.parse(text) - nowMs;
  const number = Number(text);
  if (number >= earliestEpoch * 1000) return number - nowMs;
  return number >= earliestEpoch ? number * 1000 - nowMs : parseSpan(text);
}

/** Retry-After (RFC 9110, section 10.2.3): seconds, or a date by the clock of whoever wrote it. */
function retryAfter(headers: Headers, nowMs: number): number | undefined {
  const precise = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (precise > 0) return precise;
  const text = headers["retry-after"]?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  return /^[A-Z][a-z]+,/.test(text) ? Date.parse(text) - nowMs : undefined;
}

/** Names of what is limited, in the headers that tell how much of it is left and when there is more. */
const remainders = /^(x-ratelimit-remaining|anthropic-ratelimit-(.+)-remaining)(-.+)?$/;

/** Vendors tell of each limit with every answer: those that are used up are meant. */
function resets(headers: Headers, nowMs: number): number | undefined {
  const waits = Object.entries(headers).flatMap(([name, left]) => {
    if (!remainders.test(name) || Number(left) > 0) return [];
    const reset = headers[name.replace("remaining", "reset")];
    return (reset === undefined ? undefined : sane(parseReset(reset.trim(), nowMs))) ?? [];
  });
  const alone = headers["x-ratelimit-remaining"] === undefined ? headers["x-ratelimit-reset"] : undefined;
  if (waits.length === 0) return alone === undefined ? undefined : parseReset(alone.trim(), nowMs);
  return Math.max(...waits);
}

/** What Google adds to an error (google.rpc.RetryInfo, google.rpc.QuotaFailure). */
function detailsIn(document: unknown): Fields[] {
  const error = isFields(document) && isFields(document.error) ? document.error : {};
  return Array.isArray(error.details) ? error.details.filter(isFields) : [];
}

function delayIn(document: unknown): number | undefined {
  const delays = detailsIn(document).map(({ retryDelay }) => retryDelay);
  const delay = delays.find((each) => typeof each === "string");
  return delay === undefined ? undefined : parseSpan(delay);
}

const spokenUnits: ReadonlyArray<readonly [word: RegExp, unit: string]> = [
  [/\s*(milliseconds?|msecs?)\b/gi, "ms"],
  [/\s*(seconds?|secs?)\b/gi, "s"],
  [/\s*(minutes?|mins?)\b/gi, "m"],
  [/\s*(hours?|hrs?)\b/gi, "h"],
];

/** What a sentence such as "Please try again in 1m30s." says. */
function spokenDelay(message: string): number | undefined {
  const plain = spokenUnits.reduce((text, [word, unit]) => text.replace(word, unit), message);
  const [, span] =
    /(?:try again|retry|wait)(?: again)?(?: in| after| for)? ((?:\d+(?:\.\d+)?(?:ms|[smhd])\s*)+)/i.exec(plain) ?? [];
  return span === undefined ? undefined : parseSpan(span.trim());
}

/** Google's names of the limits that were reached, such as `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
function quotasIn(document: unknown): string[] {
  const violations = detailsIn(document).flatMap((detail) =>
    Array.isArray(detail.violations) ? detail.violations : [],
  );
  return violations.map((each) => (isFields(each) ? String(each.quotaId) : ""));
}

/** A key that is known and may not do this (RFC 9110, section 15.5.4) may well ask another model. */
function isOfModel({ status, document }: Symptoms): boolean {
  const quotas = quotasIn(document);
  return status === 403 || (quotas.length > 0 && quotas.every((quota) => /per_?model/i.test(quota)));
}

/** Google says of every limit that the quota is exceeded, and only in the limit's name that it is one of the day. */
function isExhausted({ status, kind, message, document }: Symptoms): boolean {
  const quotas = quotasIn(document);
  if (quotas.length > 0) return quotas.some((quota) => /per_?day/i.test(quota));
  return (
    status === 402 ||
    /insufficient_quota|billing|credit/.test(kind) ||
    /credit balance|exceeded your current quota|billing|api usage limits?|insufficient (funds|credits?|balance)/i.test(
      message,
    )
  );
}

/** Reads the clock of whoever answered, which need not agree with this one. */
function theirNow(headers: Headers, now: () => Date): number {
  const date = Date.parse(headers.date ?? "");
  return Number.isNaN(date) ? now().getTime() : date;
}

/**
 * Reads out of a failure when it may be worth trying again.
 *
 * @param symptoms - The failure.
 * @param now - Tells the time, where the answer has no Date of its own.
 */
export function readRetryAdvice(symptoms: Symptoms, now: () => Date): RetryAdvice {
  const { point, status, headers = {}, message, document } = symptoms;
  if (point !== "answer" || (status !== undefined && status < 400)) return {};
  const nowMs = theirNow(headers, now);
  const afterMs =
    sane(retryAfter(headers, nowMs)) ??
    sane(status === 429 ? resets(headers, nowMs) : undefined) ??
    sane(delayIn(document)) ??
    sane(spokenDelay(message));
  return {
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(isExhausted(symptoms) ? { exhausted: true } : {}),
    ...(isOfModel(symptoms) ? { ofModel: true } : {}),
  };
}

/** Where providers put their own name for a request. */
const requestIdHeaders = ["request-id", "x-request-id", "apim-request-id", "x-amzn-requestid"];

/**
 * The provider's own name for a request, for the log alone.
 *
 * @param headers - The headers of its answer.
 */
export function requestIdIn(headers: Headers = {}): string | undefined {
  return requestIdHeaders.map((name) => headers[name]).find((id) => id !== undefined && /^[\w.:/+=-]{1,128}$/.test(id));
}
