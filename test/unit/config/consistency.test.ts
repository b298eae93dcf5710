import { describe, expect, test } from "bun:test";
import { leastSecretBytes } from "../../../src/auth/algorithms.ts";
import { findContradictions } from "../../../src/config/consistency.ts";
import { leastSecretBytes as configuredBytes } from "../../../src/config/schema/jwt.ts";
import { providerTypes, typeOfProvider } from "../../../src/config/schema/provider.ts";
import { configurationFiles } from "./configuration-files.ts";

const { examine, problemsOf } = configurationFiles();

describe("keys go together:", () => {
  test.each([
    "server: { cert_file: a, key_file: b }",
    "tls: { client_ca_file: a }",
    "tls: { client_ca_file: a, client_auth: require, client_crl_file: b }",
    "tls: { client_auth: none, client_crl_file: b }",
    "tls: { client_auth: none }",
    "jwt: { algorithm: RS256, private_key_file: a }",
    "jwt: { algorithm: RS256, private_key_file: a, public_key_file: b }",
    "jwt: { algorithm: ES256, public_key_file: a }",
    "jwt: { algorithm: EdDSA, jwks_url: 'https://a.example/jwks' }",
    "jwt: { algorithm: PS256, jwks_url: 'http://127.0.0.1:1/jwks' }",
    "jwt: { algorithm: PS256, jwks_url: 'http://[::1]/jwks' }",
    "jwt: { algorithm: PS256, jwks_url: 'http://localhost/jwks' }",
    "jwt: { secret_key: a, secret_key_file: b }",
    "providers: { echo: { delay_ms: 1, chunk_delay_ms: 1, failure: X, fail_after_chunks: 0 } }",
    "providers: { a: { type: openai-compatible, base_url: 'http://a', structured_outputs: true, key: k } }",
    "providers: { a: { type: anthropic } }",
    "providers: { openai: { keys: { a: { key: k, key_file: f }, b: { key: k, weight: 0 } }, key_choice: weighted } }",
    "providers: { openai: { keys: { a: { key: k, weight: 0 } }, key_choice: least_busy } }",
    "providers: { openai: { key: k, key_choice: weighted } }",
    "providers: { openai: { key: k, proxy: 'http://user:p%40ss@[::1]:3128', timeouts: { call_seconds: 1, first_byte_seconds: 5 } } }",
    "providers: { openai: { key: k, proxy: none, headers: { user-agent: a b, anthropic-beta: c, api-key: d } } }",
    "model_aliases: { a: b, b: c, d: c }",
    "model_aliases: { a: b }\nmodel_routes: { c: [a, d, { model: e, weight: 0 }, { model: f, weight: 1 }] }",
    "model_routes: { a: [openai/b], toString: [valueOf] }",
    "model_fallbacks: { a: [b, c], d: [b], '*': [a, b] }\nmodel_routes: { d: [a, b] }",
    "retries: { base_delay_ms: 500, max_delay_ms: 100 }",
    "model_aliases: { a: A }",
    "model_aliases: { toString: valueOf }",
  ])("%s", async (text) => {
    const { loaded, problems } = await examine({ text });
    expect(problems).toEqual([]);
    expect(loaded && findContradictions(loaded.configuration)).toEqual([]);
  });
});

test("a provider's type is what its entry says, or its name", () => {
  for (const type of providerTypes) {
    expect(typeOfProvider(type, {})).toBe(type);
    expect(typeOfProvider("mine", { type })).toBe(type);
  }
  expect(typeOfProvider("openai", { type: "ollama" })).toBe("ollama");
  expect(typeOfProvider("mine", {})).toBeUndefined();
});

describe("what contradicts a key that is wrong by itself is no news, as with", () => {
  test.each([
    ["the key of a pair of files", "server: { cert_file: a, key_file: 5 }"],
    ["the name of the key of a pair of files", "server: { cert_file: a, key_fil: k }"],
    ["an algorithm", "jwt: { algorithm: XY256, private_key_file: a }"],
    ["the name of a private key", "jwt: { algorithm: RS256, privat_key_file: a }"],
    ["a provider's type", "providers: { a: { type: b, delay_ms: 1 } }"],
    ["the name of a provider's type", "providers: { a: { typ: openai } }"],
    ["an address", "providers: { a: { type: openai-compatible, base_url: 5 } }"],
    ["a whole section", "jwt: [RS256]"],
    ["a CA", "tls: { client_auth: require, client_ca_file: [] }"],
  ])("%s", async (_name, text) => {
    expect(await problemsOf({ text })).toHaveLength(1);
  });
});

test("a secret is measured as where tokens are signed, and where no call needs a token it is not", async () => {
  expect(configuredBytes).toEqual({ ...leastSecretBytes });
  const { problems } = await examine({ text: "jwt: { secret_key: short }" });
  expect(problems).toEqual([]);
  for (const [algorithm, least] of Object.entries(leastSecretBytes)) {
    const text = `server: { require_auth: true }\njwt: { algorithm: ${algorithm}, secret_key: ${"a".repeat(least)} }`;
    expect(await problemsOf({ text })).toEqual([]);
  }
});
