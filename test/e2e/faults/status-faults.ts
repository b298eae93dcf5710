import type { Exchange, Head } from "./exchange.ts";
import { answerWell, errorDocument, type Fault, indiscreet } from "./fault.ts";
import { answers, final, passedOn, repeated, timedOut, type Verdict } from "./verdicts.ts";

type Answer = (exchange: Exchange) => void;

interface Refusal {
  words?: string;
  type?: string;
  code?: string | number;
  headers?: Head["headers"] | (() => Head["headers"]);
}

function refusing(status: number, { words = "This can't be done", headers, ...kind }: Refusal = {}): Answer {
  return (exchange) => {
    const given = typeof headers === "function" ? headers() : headers;
    exchange.json(errorDocument(exchange, words, kind), { status, ...(given ? { headers: given } : {}) });
  };
}

function page(status: number): Answer {
  return (exchange) =>
    exchange.answer(
      { status, headers: { "content-type": "text/html; charset=utf-8" } },
      `<html><h1>Bad gateway</h1><pre>${indiscreet(exchange, "nginx")}</pre></html>`,
    );
}

function row(name: string, title: string, answer: Answer, verdict: Verdict): Fault {
  return { name, title, answer, unary: verdict, streamed: verdict };
}

const limited = { words: "Rate limit reached", type: "requests", code: "rate_limit_exceeded" };

/** A date that many milliseconds after the one that the answer bears, on a clock that is wrong by so much. */
function dated(afterMs: number, wrongMs: number): () => Head["headers"] {
  return () => {
    const now = Date.now() + wrongMs;
    return { date: new Date(now).toUTCString(), "retry-after": new Date(now + afterMs).toUTCString() };
  };
}

const hour = 3_600_000;
const waited = repeated("PROVIDER_RATE_LIMITED", { waitMs: 1000 });

const rateLimits: readonly Fault[] = [
  row("429", "429 without Retry-After", refusing(429, limited), repeated("PROVIDER_RATE_LIMITED")),
  row("429-seconds", "429, Retry-After: 1", refusing(429, { ...limited, headers: { "retry-after": "1" } }), waited),
  row("429-date", "429, Retry-After: a date", refusing(429, { ...limited, headers: dated(1000, 0) }), waited),
  row(
    "429-skewed",
    "429, a date, of a clock an hour ahead",
    refusing(429, { ...limited, headers: dated(1000, hour) }),
    waited,
  ),
  row(
    "429-nonsense",
    "429, Retry-After: soon",
    refusing(429, { ...limited, headers: { "retry-after": "soon" } }),
    repeated("PROVIDER_RATE_LIMITED"),
  ),
  row(
    "429-negative",
    "429, Retry-After: -7",
    refusing(429, { ...limited, headers: { "retry-after": "-7" } }),
    repeated("PROVIDER_RATE_LIMITED"),
  ),
  row(
    "429-hour",
    "429, Retry-After: 3600",
    refusing(429, { ...limited, headers: { "retry-after": "3600" } }),
    passedOn("PROVIDER_RATE_LIMITED"),
  ),
  row(
    "429-vendor",
    "429 with x-ratelimit-reset-requests",
    refusing(429, {
      ...limited,
      headers: { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s" },
    }),
    waited,
  ),
  row(
    "429-once",
    "429 once, Retry-After: 1",
    (exchange) =>
      exchange.count === 1
        ? refusing(429, { ...limited, headers: { "retry-after": "1" } })(exchange)
        : answerWell(exchange),
    answers({ times: 2, waitMs: 1000 }),
  ),
  row(
    "quota",
    "429, insufficient quota",
    refusing(429, {
      words: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      code: "insufficient_quota",
    }),
    passedOn("PROVIDER_RATE_LIMITED"),
  ),
];

/** A redirection, which must not be followed: the key would be told to a stranger. */
function redirection(status: number, target: () => string): Answer {
  return (exchange) => exchange.answer({ status, headers: { location: target() } }, "");
}

/**
 * What a provider says by its status.
 *
 * @param elsewhere - The address of another host, which must hear of nothing.
 */
export function statusFaults(elsewhere: () => string): readonly Fault[] {
  return [
    row("400", "400", refusing(400, { type: "invalid_request_error" }), final("INVALID_REQUEST")),
    row(
      "400-length",
      "400, context too long",
      refusing(400, {
        words: "This model's maximum context length is 10 tokens",
        type: "invalid_request_error",
        code: "context_length_exceeded",
      }),
      passedOn("CONTEXT_TOO_LONG"),
    ),
    row(
      "400-content",
      "400, content refused",
      refusing(400, { type: "invalid_request_error", code: "content_policy_violation" }),
      final("CONTENT_REFUSED"),
    ),
    row("401", "401", refusing(401, { code: "invalid_api_key" }), passedOn("PROVIDER_AUTH")),
    row("403", "403", refusing(403), passedOn("PROVIDER_AUTH")),
    row(
      "404",
      "404 of the model",
      refusing(404, { words: "The model does not exist", code: "model_not_found" }),
      passedOn("MODEL_NOT_FOUND"),
    ),
    row(
      "404-page",
      "404 with an HTML page",
      (exchange) => exchange.answer({ status: 404, headers: { "content-type": "text/html" } }, "<h1>Not found</h1>"),
      passedOn("PROVIDER_PROTOCOL"),
    ),
    row("408", "408", refusing(408), timedOut()),
    row("409", "409", refusing(409), repeated("PROVIDER_UNAVAILABLE")),
    row("413", "413", refusing(413), passedOn("CONTEXT_TOO_LONG")),
    row("422", "422", refusing(422), final("INVALID_REQUEST")),
    ...rateLimits,
    row("500", "500", refusing(500), repeated("PROVIDER_UNAVAILABLE")),
    row("500-page", "500 with an HTML page", page(500), repeated("PROVIDER_UNAVAILABLE")),
    row("502-page", "502 with an HTML page", page(502), repeated("PROVIDER_UNAVAILABLE")),
    row("503", "503", refusing(503), repeated("PROVIDER_OVERLOADED")),
    row(
      "503-once",
      "503 once",
      (exchange) => (exchange.count === 1 ? refusing(503)(exchange) : answerWell(exchange)),
      answers({ times: 2 }),
    ),
    row(
      "503-hour",
      "503, Retry-After: 3600",
      refusing(503, { headers: { "retry-after": "3600" } }),
      passedOn("PROVIDER_OVERLOADED"),
    ),
    row("504", "504", refusing(504), timedOut()),
    row("529", "529", refusing(529), repeated("PROVIDER_OVERLOADED")),
    row("302", "302 to another host", redirection(302, elsewhere), passedOn("PROVIDER_PROTOCOL")),
    row("307", "307 to another host", redirection(307, elsewhere), passedOn("PROVIDER_PROTOCOL")),
  ];
}
