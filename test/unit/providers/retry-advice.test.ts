import { describe, expect, test } from "bun:test";
import type { RetryAdvice } from "../../../src/providers/provider-error.ts";
import { readRetryAdvice, requestIdIn } from "../../../src/providers/retry-advice.ts";
import type { Symptoms } from "../../../src/providers/upstream-failure.ts";

const now = new Date("2026-11-25T10:00:00Z");
const dayMs = 86_400_000;

function advice(headers: Record<string, string>, rest: Partial<Symptoms> = {}): RetryAdvice {
  const symptoms = { point: "answer", name: "", status: 429, url: undefined, kind: "", message: "", headers } as const;
  return readRetryAdvice({ ...symptoms, ...rest }, () => now);
}

describe("Retry-After", () => {
  test.each([
    ["20", 20_000],
    ["1.5", 1500],
    [" 3 ", 3000],
    ["Wed, 25 Nov 2026 10:00:30 GMT", 30_000],
    ["864000", dayMs],
  ])("of %p means %p ms", (value, afterMs) => {
    expect(advice({ "retry-after": value })).toEqual({ afterMs });
  });

  test.each([
    "0",
    "-5",
    "",
    "soon",
    "1e9x",
    "NaN",
    "Infinity",
    "Wed, 25 Nov 2026 09:00:00 GMT",
    "Wed, 99 Nov 2026",
    "20 s",
  ])("of %p says nothing", (value) => {
    expect(advice({ "retry-after": value })).toEqual({});
  });

  test("is held against the clock of whoever wrote it", () => {
    const headers = { "retry-after": "Wed, 25 Nov 2026 12:00:10 GMT", date: "Wed, 25 Nov 2026 12:00:00 GMT" };
    expect(advice(headers)).toEqual({ afterMs: 10_000 });
    expect(advice({ ...headers, date: "nonsense" })).toEqual({ afterMs: 7_210_000 });
  });

  test("in milliseconds is the more precise one", () => {
    expect(advice({ "retry-after-ms": "1234", "retry-after": "2" })).toEqual({ afterMs: 1234 });
    expect(advice({ "retry-after-ms": "x", "retry-after": "2" })).toEqual({ afterMs: 2000 });
  });

  test("is taken from any failure, and not from an answer", () => {
    expect(advice({ "retry-after": "2" }, { status: 503 })).toEqual({ afterMs: 2000 });
    expect(advice({ "retry-after": "2" }, { status: 307 })).toEqual({});
    expect(advice({ "retry-after": "2" }, { point: "connection", status: undefined })).toEqual({});
  });
});

describe("a vendor's own headers", () => {
  test.each([
    ["6m0s", 360_000],
    ["1.5s", 1500],
    ["88ms", 88],
    ["1h2m3s", 3_723_000],
    ["2", 2000],
    ["0s", undefined],
    ["never", undefined],
  ])("of OpenAI mean what is used up: %p is %p ms", (value, afterMs) => {
    const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": value };
    expect(advice(headers).afterMs).toBe(afterMs);
  });

  test("that are not used up don't matter, and of several the longest one does", () => {
    const headers = {
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "6h",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "9s",
    };
    expect(advice(headers)).toEqual({ afterMs: 9000 });
    expect(advice({ ...headers, "x-ratelimit-remaining-requests": "0" }).afterMs).toBe(6 * 3_600_000);
    expect(advice(headers, { status: 500 })).toEqual({});
  });

  test("of Anthropic are dates", () => {
    const headers = {
      "anthropic-ratelimit-requests-remaining": "10",
      "anthropic-ratelimit-requests-reset": "2026-11-25T11:00:00Z",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2026-11-25T10:00:12Z",
    };
    expect(advice(headers)).toEqual({ afterMs: 12_000 });
  });

  test.each([
    ["1795600805", 5000],
    ["1795600805500", 5500],
    ["5", 5000],
    ["1795600000", undefined],
    ["1e99", dayMs],
    ["-4", undefined],
  ])("that name a moment or a span: %p is %p ms", (value, afterMs) => {
    expect(new Date(1_795_600_800_000)).toEqual(now);
    expect(advice({ "x-ratelimit-reset": value }).afterMs).toBe(afterMs);
    expect(advice({ "x-ratelimit-reset": value, "x-ratelimit-remaining": "0" }).afterMs).toBe(afterMs);
    expect(advice({ "x-ratelimit-reset": value, "x-ratelimit-remaining": "3" }).afterMs).toBeUndefined();
  });
});

const google = (quotaId: string, retryDelay: unknown) => ({
  error: {
    code: 429,
    message: "You exceeded your current quota, please check your plan and billing details.",
    status: "RESOURCE_EXHAUSTED",
    details: [
      { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay },
    ],
  },
});

describe("what an error says", () => {
  test("by Google's RetryInfo", () => {
    const message = "You exceeded your current quota, please check your plan and billing details.";
    const minute = google("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "34.07s");
    expect(advice({}, { document: minute, message })).toEqual({ afterMs: 34_070, ofModel: true });
    const day = google("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "41s");
    expect(advice({}, { document: day, message })).toEqual({ afterMs: 41_000, exhausted: true, ofModel: true });
    const project = google("GenerateRequestsPerDayPerProject", "41s");
    expect(advice({}, { document: project, message })).toEqual({ afterMs: 41_000, exhausted: true });
    for (const odd of [undefined, 5, "", "x", "-3s"]) {
      expect(advice({}, { document: google("PerMinute", odd) })).toEqual({});
    }
  });

  test.each([
    ["Rate limit reached for gpt-4o: Limit 30000, Used 29500. Please try again in 20s. Visit us.", 20_000],
    ["Please try again in 1m30s.", 90_000],
    ["Please try again in 880ms.", 880],
    ["Please retry in 34.5s.", 34_500],
    ["Try again in 5 minutes", 300_000],
    ["Please wait 30 seconds", 30_000],
    ["Please try again later.", undefined],
    ["limit of 20s reached", undefined],
  ])("in words: %p", (message, afterMs) => {
    expect(advice({}, { message }).afterMs).toBe(afterMs);
  });

  test("in the middle of a stream, where there is neither status nor header", () => {
    expect(advice({}, { status: undefined, message: "slow down, try again in 2s" })).toEqual({ afterMs: 2000 });
  });

  test.each<[string, Partial<Symptoms>, boolean]>([
    ["a quota of OpenAI's that is used up", { kind: "insufficient_quota insufficient_quota" }, true],
    ["a balance of Anthropic's", { status: 400, message: "Your credit balance is too low to access the API" }, true],
    [
      "a limit that an account has set itself",
      { status: 400, message: "You have reached your API usage limits." },
      true,
    ],
    ["a payment that is due", { status: 402 }, true],
    ["a rate limit", { kind: "requests rate_limit_exceeded", message: "slow down" }, false],
    ["an overload", { status: 529, kind: "overloaded_error" }, false],
  ])("of whether there is any more: %s", (_, symptoms, isExhausted) => {
    expect(advice({}, symptoms).exhausted ?? false).toBe(isExhausted);
  });
});

test.each<[string, Partial<Symptoms>, boolean]>([
  ["a key that is unknown", { status: 401 }, false],
  ["a key that may not do this", { status: 403 }, true],
  ["a rate limit", { status: 429 }, false],
])("whether it is about the model alone: %s", (_, symptoms, isOfModel) => {
  expect(advice({}, symptoms).ofModel ?? false).toBe(isOfModel);
});

test("a provider's name for a request is taken from where they put it, if it can be one", () => {
  expect(requestIdIn({ "request-id": "req_011CS" })).toBe("req_011CS");
  expect(requestIdIn({ "x-request-id": "3f1c-77" })).toBe("3f1c-77");
  expect(requestIdIn({ "x-request-id": "two words" })).toBeUndefined();
  expect(requestIdIn({ "x-request-id": "a".repeat(200) })).toBeUndefined();
  expect(requestIdIn({})).toBeUndefined();
  expect(requestIdIn(undefined)).toBeUndefined();
});
