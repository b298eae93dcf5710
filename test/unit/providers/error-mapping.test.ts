import { expect, test } from "bun:test";
import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import { ModelError, type ModelErrorCode } from "../../../src/errors.ts";
import { toModelError } from "../../../src/providers/error-mapping.ts";
import { retryAdviceOf, UpstreamFailure } from "../../../src/providers/provider-error.ts";
import { createRedactor } from "../../../src/providers/redact.ts";
import { TransportError } from "../../../src/providers/transport/transport-error.ts";

const redact = createRedactor(["the-key-itself"]);
const map = (thrown: unknown, streaming = false) => toModelError(thrown, { provider: "acme", redact, streaming });

function answered(status: number, body: unknown, message = "Some Status"): APICallError {
  return new APICallError({
    message,
    url: "https://user:pw@api.acme.test/v1/chat?key=the-key-itself",
    requestBodyValues: { messages: ["a private prompt"] },
    statusCode: status,
    responseHeaders: { "x-request-id": "r" },
    responseBody: typeof body === "string" ? body : JSON.stringify(body),
  });
}

function unanswered(code: string, status?: number): APICallError {
  const cause = Object.assign(new TypeError("fetch failed"), { code });
  const common = { message: "Cannot connect to API", url: "http://10.0.0.3:1/v1", requestBodyValues: {}, cause };
  return new APICallError(status === undefined ? common : { ...common, statusCode: status });
}

const openai = (message: string, code: string | null = null, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string) => ({ type: "error", error: { type, message } });
const google = (code: number, status: string, message: string, details: object[] = []) => ({
  error: { code, message, status, details },
});

const answers: ReadonlyArray<readonly [name: string, status: number, body: unknown, code: ModelErrorCode]> = [
  ["a wrong key", 401, openai("Incorrect API key provided", "invalid_api_key"), "PROVIDER_AUTH"],
  ["a wrong key at Anthropic", 401, anthropic("authentication_error", "invalid x-api-key"), "PROVIDER_AUTH"],
  [
    "a wrong key at Google, which is a 400",
    400,
    google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [{ reason: "API_KEY_INVALID" }]),
    "PROVIDER_AUTH",
  ],
  ["a key that may not", 403, anthropic("permission_error", "no access"), "PROVIDER_AUTH"],
  ["a missing model", 404, openai("The model `x` does not exist", "model_not_found"), "MODEL_NOT_FOUND"],
  ["a missing model at Anthropic", 404, anthropic("not_found_error", "model: claude-x"), "MODEL_NOT_FOUND"],
  ["a missing model at Ollama", 404, { error: 'model "x" not found, try pulling it first' }, "MODEL_NOT_FOUND"],
  ["a missing model as a 400", 400, openai("The model `x` does not exist"), "MODEL_NOT_FOUND"],
  ["a missing page", 404, "404 page not found", "PROVIDER_PROTOCOL"],
  ["a missing page in JSON", 404, { detail: "Not Found" }, "PROVIDER_PROTOCOL"],
  ["a method that isn't allowed", 405, "", "PROVIDER_PROTOCOL"],
  ["a bad request", 400, openai("temperature has to be a number"), "INVALID_REQUEST"],
  [
    "an unprocessable request",
    422,
    { detail: [{ msg: "field required", input: "a private prompt" }] },
    "INVALID_REQUEST",
  ],
  ["a teapot", 418, "", "INVALID_REQUEST"],
  ["too long a prompt at OpenAI", 400, openai("too long", "context_length_exceeded"), "CONTEXT_TOO_LONG"],
  [
    "too long a prompt at Anthropic",
    400,
    anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "CONTEXT_TOO_LONG",
  ],
  [
    "too long a prompt at Google",
    400,
    google(
      400,
      "INVALID_ARGUMENT",
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    "CONTEXT_TOO_LONG",
  ],
  [
    "too long a prompt at vLLM",
    400,
    { message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", code: 400 },
    "CONTEXT_TOO_LONG",
  ],
  ["too large a request", 413, anthropic("request_too_large", "Request exceeds the maximum size"), "CONTEXT_TOO_LONG"],
  ["a rate limit", 429, anthropic("rate_limit_error", "slow down"), "PROVIDER_RATE_LIMITED"],
  ["a used up quota", 429, openai("You exceeded your current quota", "insufficient_quota"), "PROVIDER_RATE_LIMITED"],
  [
    "an empty account at Anthropic, which is a 400",
    400,
    anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "PROVIDER_RATE_LIMITED",
  ],
  ["a bill to pay", 402, "", "PROVIDER_RATE_LIMITED"],
  ["content that the policy forbids", 400, openai("flagged", "content_policy_violation"), "CONTENT_REFUSED"],
  ["a request timeout", 408, "", "PROVIDER_TIMEOUT"],
  ["a conflict", 409, "", "PROVIDER_UNAVAILABLE"],
  ["an overloaded Anthropic", 529, anthropic("overloaded_error", "Overloaded"), "PROVIDER_OVERLOADED"],
  ["an overloaded Google", 503, google(503, "UNAVAILABLE", "The model is overloaded."), "PROVIDER_OVERLOADED"],
  ["an internal error", 500, openai("The server had an error", null, "server_error"), "PROVIDER_UNAVAILABLE"],
  ["a bad gateway", 502, "<html>", "PROVIDER_UNAVAILABLE"],
  ["a gateway's timeout", 504, "<html>", "PROVIDER_TIMEOUT"],
  [
    "an error of the server in an answer that seemed well",
    400,
    openai("Sorry", "server_error"),
    "PROVIDER_UNAVAILABLE",
  ],
  ["a wrong path at llama.cpp", 404, openai("File Not Found", null, "not_found_error"), "PROVIDER_PROTOCOL"],
  ["a redirect", 307, "", "PROVIDER_PROTOCOL"],
];

for (const [name, status, body, code] of answers) {
  test(`${name} is ${code}`, () => {
    const error = map(answered(status, body));
    expect(error).toBeInstanceOf(ModelError);
    expect(error.code).toBe(code);
    expect(error.message).toStartWith("acme ");
    expect(error.message).toContain(`(HTTP ${status})`);
    expect(error.hint).not.toContain("PROVIDER");
    expect(Bun.inspect(error, { depth: 20 })).not.toMatch(/private prompt|the-key-itself|user:pw/);
  });
}

const others: ReadonlyArray<readonly [name: string, thrown: unknown, code: ModelErrorCode, streamed?: ModelErrorCode]> =
  [
    ["nothing that listens", unanswered("ECONNREFUSED"), "PROVIDER_UNAVAILABLE"],
    [
      "a host name without an address",
      Object.assign(new TypeError("getaddrinfo"), { code: "ENOTFOUND" }),
      "PROVIDER_UNAVAILABLE",
    ],
    [
      "an untrusted certificate",
      Object.assign(new TypeError("x"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      "PROVIDER_UNAVAILABLE",
    ],
    ["a connection that took too long", unanswered("ETIMEDOUT"), "PROVIDER_TIMEOUT"],
    ["an answer that breaks off", unanswered("ECONNRESET", 200), "PROVIDER_UNAVAILABLE", "STREAM_TRUNCATED"],
    ["JSON that is none", new JSONParseError({ text: "the-key-itself", cause: new Error("x") }), "PROVIDER_PROTOCOL"],
    [
      "a document of another shape",
      new TypeValidationError({ value: { a: "the-key-itself" }, cause: new Error("x") }),
      "PROVIDER_PROTOCOL",
    ],
    ["an answer without a body", new EmptyResponseBodyError({}), "PROVIDER_PROTOCOL"],
    [
      "a stream without an end marker",
      new InvalidResponseDataError({ data: undefined, message: "ended" }),
      "STREAM_TRUNCATED",
    ],
    ["a request that can't be put so", new UnsupportedFunctionalityError({ functionality: "x" }), "INVALID_REQUEST"],
    ["a missing key", new LoadAPIKeyError({ message: "the-key-itself" }), "PROVIDER_AUTH"],
    ["an overload in a stream", { type: "overloaded_error", message: "Overloaded" }, "PROVIDER_OVERLOADED"],
    [
      "a rate limit in a stream",
      { message: "slow", code: "rate_limit_exceeded", statusCode: 429 },
      "PROVIDER_RATE_LIMITED",
    ],
    [
      "an error of the server in a stream",
      { type: "api_error", message: "Internal server error" },
      "PROVIDER_UNAVAILABLE",
    ],
    ["an unknown error in a stream", { type: "who_knows", message: "hm" }, "EXECUTION_FAILED"],
    [
      "an error document of another shape in a stream",
      new TypeValidationError({ value: { error: "model requires more system memory" }, cause: 0 }),
      "EXECUTION_FAILED",
    ],
    [
      "an error document in place of an answer",
      new APICallError({
        message: "Invalid JSON response",
        url: "http://acme.test/",
        requestBodyValues: {},
        statusCode: 200,
        cause: new TypeValidationError({ value: { error: { message: "slow down", code: 429 } }, cause: 0 }),
      }),
      "PROVIDER_RATE_LIMITED",
    ],
    ["anything else", new Error("the-key-itself"), "EXECUTION_FAILED"],
    ["a thrown text", "the-key-itself", "EXECUTION_FAILED"],
  ];

for (const [name, thrown, code, streamed = code] of others) {
  test(`${name} is ${code}${streamed === code ? "" : `, and ${streamed} in a stream`}`, () => {
    expect(map(thrown).code).toBe(code);
    expect(map(thrown, true).code).toBe(streamed);
    expect(Bun.inspect(map(thrown), { depth: 20 })).not.toContain("the-key-itself");
  });
}

test("the message is a sentence with the provider's name, the status and its own words", () => {
  expect(map(answered(401, openai("Incorrect API key provided: sk-abcdefghijkl"))).message).toBe(
    "acme refused the server's API key (HTTP 401): Incorrect API key provided: [redacted]",
  );
  expect(map(answered(502, "<html><h1>oops</h1></html>", "Bad Gateway")).message).toBe(
    "acme can't answer at the moment (HTTP 502): Bad Gateway",
  );
});

test("the cause tells the log status, address and kind, without credentials", () => {
  const { cause } = map(answered(429, openai("slow down", "rate_limit_exceeded", "requests")));
  expect(cause).toBeInstanceOf(UpstreamFailure);
  expect(cause).toMatchObject({
    name: "AI_APICallError",
    message: "slow down",
    status: 429,
    url: "https://api.acme.test/v1/chat",
    kind: "requests rate_limit_exceeded",
  });
});

const late = new TransportError("time", "chunk_timeout", "its answer did not go on within 3 s", { hint: "Raise it." });
const cut = new TransportError("body", "econnreset", "the connection broke");
const garbled = new TransportError("format", "not_utf8", "it is not UTF-8");
const unknown = new TransportError("connection", "self_signed_cert_in_chain", "its TLS certificate is odd");

const transported: ReadonlyArray<readonly [error: TransportError, code: ModelErrorCode, streamed?: ModelErrorCode]> = [
  [late, "PROVIDER_TIMEOUT"],
  [cut, "PROVIDER_UNAVAILABLE", "STREAM_TRUNCATED"],
  [garbled, "PROVIDER_PROTOCOL"],
  [unknown, "PROVIDER_UNAVAILABLE"],
];

for (const [error, code, streamed = code] of transported) {
  test(`a failure of the transport (${error.code}) is ${code}, however it is wrapped, in its own words`, () => {
    const common = {
      message: "Failed to process successful response",
      url: "http://acme.test/",
      requestBodyValues: {},
    };
    for (const thrown of [error, new APICallError({ ...common, cause: error, statusCode: 200 })]) {
      expect(map(thrown).code).toBe(code);
      expect(map(thrown, true).code).toBe(streamed);
      expect(map(thrown).message).toEndWith(`: ${error.message}`);
    }
  });
}

test("the transport's hint stands in place of the general one, and a CA that is unknown has its own", () => {
  expect(map(late).hint).toBe("Raise it.");
  expect(map(cut).hint).toContain("Try again");
  expect(map(unknown).hint).toContain("providers.acme.ca_file");
});

test("an error's status says more than that its body broke off", () => {
  const common = { message: "Failed to process error response", url: "http://acme.test/", requestBodyValues: {} };
  const error = map(new APICallError({ ...common, cause: cut, statusCode: 429 }), true);
  expect(error.code).toBe("PROVIDER_RATE_LIMITED");
  expect(error.message).toBe("acme takes no more requests from this server for now (HTTP 429)");
});

test("the cause tells when to try again, and by what name the provider knows the request", () => {
  const headers = { "retry-after": "Wed, 25 Nov 2026 10:00:30 GMT", "request-id": "req_1" };
  const thrown = new APICallError({
    message: "slow down",
    url: "http://acme.test/",
    requestBodyValues: {},
    statusCode: 429,
    responseHeaders: headers,
  });
  const now = () => new Date("2026-11-25T10:00:00Z");
  const error = toModelError(thrown, { provider: "acme", redact, now });
  expect(error.cause).toMatchObject({ advice: { afterMs: 30_000 }, upstreamRequestId: "req_1" });
  expect(retryAdviceOf(error)).toEqual({ afterMs: 30_000 });
  expect(retryAdviceOf(new ModelError("CONTENT_REFUSED", "no"))).toEqual({});
});

test("an error of ours stays as it is", () => {
  const error = new ModelError("CONTENT_REFUSED", "no");
  expect(map(error)).toBe(error);
});
