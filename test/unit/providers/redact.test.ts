import { expect, test } from "bun:test";
import { createRedactor } from "../../../src/providers/redact.ts";

const redact = createRedactor(["correct horse/battery+staple"]);

test("the provider's own key is taken out as it is, in a URL and in JSON", () => {
  expect(redact("key correct horse/battery+staple!")).toBe("key [redacted]!");
  expect(redact("/v1?k=correct%20horse%2Fbattery%2Bstaple")).not.toContain("horse");
  const quoted = createRedactor(['with "quotes" in it']);
  expect(quoted(JSON.stringify({ sent: 'with "quotes" in it' }))).toBe('{"sent":"[redacted]"}');
});

test("a very short key is taken out where it stands alone, and the words around it stay", () => {
  expect(createRedactor(["abc"])("abc is no key, the alphabet begins with abcd")).toBe(
    "[redacted] is no key, the alphabet begins with abcd",
  );
});

test("without a secret nothing but what looks like one is taken out", () => {
  expect(createRedactor([undefined, ""])("a plain sentence, with max_tokens: 4096.")).toBe(
    "a plain sentence, with max_tokens: 4096.",
  );
});

const revealing: readonly string[] = [
  "Incorrect API key provided: sk-proj-abc123DEF456ghi789.",
  "Incorrect API key provided: sk-12345**********************6789.",
  "x-api-key: hunter2hunter2",
  '{"api_key": "hunter2hunter2"}',
  "Authorization: Bearer hunter2hunter2",
  "the token was Bearer hunter2hunter2",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2hunter2_-x",
  "https://user:hunter2hunter2@example.com/v1",
  "https://hunter2hunter2@example.com/v1",
  "https://example.com/v1?key=hunter2hunter2&model=gpt-4o",
  "AIzaSyD-hunter2hunter2hunter2",
  "AKIAIOSFODNN7EXAMPLE",
  "gsk_hunter2hunter2hunter2",
  "ghp_hunter2hunter2hunter2",
  "organization org-AbCd1234EfGh5678",
  "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8",
];
const secret = /hunter2hunter2|abc123|6789|FODNN7|AbCd1234|a1b2c3/;

for (const text of revealing) {
  test(`nothing secret is left of ${JSON.stringify(text)}`, () => {
    expect(redact(text)).not.toMatch(secret);
    expect(redact(text)).toContain("[redacted]");
  });
}

const others: readonly string[] = [
  "Overloaded (request id: 20261125100000123456789abcDEF12)",
  "The server had an error. Include the request ID req_0a1b2c3d4e5f in your message.",
  'Sorry, {"request_id":"0a1b2c3d-4e5f"}',
  "x-request-id: 0a1b2c3d4e5f",
  "request id is 0a1b2c3d4e5f",
  "Trace-ID=0a1b2c3d4e5f",
  "answer msg_0a1b2c3d4e5f is gone",
  "completion chatcmpl-0a1b2c3d4e5f failed",
  "see 0a1b2c3d-4e5f-4a1b-8c2d-0a1b2c3d4e5f",
];

for (const text of others) {
  test(`the name of a request, which may be another's, is taken out of ${JSON.stringify(text)}`, () => {
    expect(redact(text)).not.toMatch(/0a1b2c3d|20261125/);
    expect(redact(text)).toContain("[redacted]");
  });
}

const harmless: readonly string[] = [
  "The model `deepseek-ai/DeepSeek-R1-Distill-Llama-70B` does not exist.",
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 130021 tokens.",
  "messages.0.content: text content blocks must be non-empty",
  "The request ID was not given, and msg_type is text.",
  "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29500.",
];

for (const text of harmless) {
  test(`everything is left of ${JSON.stringify(text)}`, () => {
    expect(redact(text)).toBe(text);
  });
}

test("what is left is one line of at most 500 characters", () => {
  expect(redact("one\r\n\ttwo\u0000\u001b[31m three")).toBe("one two [31m three");
  const long = redact("word ".repeat(100_000));
  expect(long).toHaveLength(500);
  expect(long).toEndWith("…");
});

test("a key is not left in half where a long text is cut", () => {
  const key = "0123456789-0123456789-0123456789";
  for (let before = 3960; before < 4010; before++) {
    const padding = "[redacted]".length;
    const text = `${"sk-aaaaaaaaaaaaaaaaaaaaaa ".repeat(Math.ceil(before / 26)).slice(0, before - padding)} ${key}`;
    expect(createRedactor([key])(text)).not.toContain("0123456789");
  }
});
