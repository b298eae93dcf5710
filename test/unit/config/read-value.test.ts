import { describe, expect, test } from "bun:test";
import { configurationKeys, keyAt } from "../../../src/config/keys.ts";
import { readValue } from "../../../src/config/read-value.ts";
import { formatPath, parsePath } from "../../../src/config/tree.ts";

function read(name: string, text: string) {
  const key = keyAt(parsePath(name) ?? []);
  if (!key) throw new Error(`There is no key ${name}`);
  return readValue(key, text);
}

describe("text is read as the value of a key:", () => {
  test.each<[name: string, text: string, value: unknown]>([
    ["server.port", "0", 0],
    ["server.port", " 443 ", 443],
    ["server.shutdown_grace_seconds", "0.5", 0.5],
    ["server.use_tls", "YES", true],
    ["server.use_tls", "0", false],
    ["server.host", "::1", "::1"],
    ["server.host", " a b ", "a b"],
    ["server.host", "true", "true"],
    ["server.host", "5", "5"],
    ["server.default_model", "null", null],
    ["server.cert_file", "null", null],
    ["server.log_level", "WARNING", "warning"],
    ["server.limits.global.max_input_length", "null", null],
    ["tls.min_version", "1.2", "1.2"],
    ["tls.hosts", "", []],
    ["tls.hosts", "a", ["a"]],
    ["tls.hosts", " a ,, b,", ["a", "b"]],
    ["tls.hosts", "[]", []],
    ["tls.hosts", "[a, 'b, c']", ["a", "b, c"]],
    ["tls.hosts", '["a","b"]', ["a", "b"]],
    ["jwt.audience", "https://a,https://b", ["https://a", "https://b"]],
    ["jwt.secret_key", " a=b ", "a=b"],
    ["jwt.issuer", "null", "null"],
    ["model_aliases", "{a: b/c:d}", { a: "b/c:d" }],
    ["model_aliases", '{"a": "b"}', { a: "b" }],
    ["model_aliases", "a: b", { a: "b" }],
    ["model_aliases", "{}", {}],
    ["server.limits.per_token", "{a.b: {max_input_length: 1}}", { "a.b": { max_input_length: 1 } }],
    ["providers.a.models", "x,y", ["x", "y"]],
    ["providers.a.keys", "{m: {key_file: /a, weight: 2}}", { m: { key_file: "/a", weight: 2 } }],
    ["providers.a.headers", '{"x-team": "platform"}', { "x-team": "platform" }],
    ["providers.a.timeouts.call_seconds", "0.5", 0.5],
    ["providers.a.proxy", "none", "none"],
    ["providers.a.proxy", "null", null],
    ["model_routes.fast", "a/b, c/d", ["a/b", "c/d"]],
    ["model_routes.fast", "[a/b, {model: c/d, weight: 2}]", ["a/b", { model: "c/d", weight: 2 }]],
    ["model_routes", "{fast: [a/b]}", { fast: ["a/b"] }],
    ["providers.a.type", "ollama", "ollama"],
    ["providers.a.structured_outputs", "off", false],
  ])("%s from %p", (name, text, value) => {
    expect(read(name, text)).toEqual({ ok: true, value });
  });
});

const limitNames = "max_requests_per_minute, max_concurrent_requests, max_input_length, request_timeout_seconds";

describe("text is refused, with what is allowed and what was found, for", () => {
  test.each<[name: string, text: string, reason: string]>([
    ["server.port", "", "expected a whole number from 0 to 65535, found an empty text"],
    ["server.port", "1_000", 'expected a whole number from 0 to 65535, found "1_000"'],
    ["server.port", "1 000", 'expected a whole number from 0 to 65535, found "1 000"'],
    ["server.port", "00", 'expected a whole number from 0 to 65535, found "00"'],
    ["server.port", ".5", 'expected a whole number from 0 to 65535, found ".5"'],
    ["server.port", "NaN", 'expected a whole number from 0 to 65535, found "NaN"'],
    ["server.port", "9".repeat(400), "expected a whole number from 0 to 65535, found a text of 400 characters"],
    ["server.use_tls", "toString", 'expected true or false, found "toString"'],
    ["server.host", "", "expected text, found an empty text"],
    ["tls.client_auth", "maybe", 'expected one of none, request, require, found "maybe"'],
    ["tls.hosts", "[a", 'expected a list of texts, found "[a"'],
    ["tls.hosts", "[*a]", 'expected a list of texts, found "[*a]"'],
    ["tls.hosts", "[{a: b}]", 'expected a list of texts, found "[{a: b}]"'],
    ["tls.hosts", "[a]]", 'expected a list of texts, found "[a]]"'],
    ["providers.a.models", "", "expected a list of one text or more, found an empty text"],
    ["model_aliases", "", "expected a map, found an empty text"],
    ["model_aliases", "{a: 1}", "a: expected text, found 1 (put it in quotes)"],
    ["server.limits.per_token", "{ci: 3}", `ci: expected a map of ${limitNames}, found 3`],
    ["model_routes", "{a: [{model: b, weight: -1}]}", "a.0.weight: expected a number from 0 to 1000, found -1"],
    ["model_routes", "{a: [{weight: 1}]}", "a.0.model: expected text, found nothing"],
    ["model_routes.a", "", "expected a list of one model or more, found an empty text"],
    ["providers.a.keys", "{m: {kye: a}}", "unknown key providers.a.keys.m.kye; did you mean key?"],
    [
      "providers.a.proxy",
      "proxy:3128",
      "expected an http or https address such as http://user:password@proxy:3128, or none, found a string",
    ],
    ["model_aliases", "{a: b, a: c}", "expected a map, found a text of 12 characters"],
    ["model_aliases", "{a: !x b}", "expected a map, found a text of 9 characters"],
    ["model_aliases", "[", "expected a map, found a text of 1 character"],
    ["model_aliases", "{007: a}", "expected a map, found a text of 8 characters"],
  ])("%s: %p", (name, text, reason) => {
    expect(read(name, text)).toEqual({ ok: false, reason });
  });

  test("aliases that would explode", () => {
    const lists = Array.from({ length: 9 }, (_, index) => `&b${index + 1} [${Array(9).fill(`*b${index}`)}]`);
    expect(read("tls.hosts", `[&b0 [x], ${lists}]`).ok).toBe(false);
  });

  test("brackets without end", () => {
    expect(read("tls.hosts", "[".repeat(100_000)).ok).toBe(false);
  });
});

test("a key's default is read again from its text", () => {
  for (const key of configurationKeys()) {
    if (key.default === undefined || key.default === null) continue;
    const text = typeof key.default === "object" ? JSON.stringify(key.default) : String(key.default);
    expect([formatPath(key.path), readValue(key, text)]).toEqual([
      formatPath(key.path),
      { ok: true, value: key.default },
    ]);
  }
});
