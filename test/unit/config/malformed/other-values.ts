import type { MalformedFile } from "./malformed-file.ts";

/** Files with wrong values in the sections jwt and providers. */
export const otherValues: readonly MalformedFile[] = [
  {
    name: "a number for a secret",
    text: "jwt: { secret_key: 1234567890 }\n",
    problems: ["FILE:1:8: jwt.secret_key: expected text, found a number (put it in quotes)"],
  },
  {
    name: "an empty secret",
    text: "jwt: { secret_key: '' }\n",
    problems: ["FILE:1:8: jwt.secret_key: expected text, found an empty text"],
  },
  {
    name: "a list for a secret",
    text: "jwt: { secret_key: [a] }\n",
    problems: ["FILE:1:8: jwt.secret_key: expected text, found a list"],
  },
  {
    name: "a number for the secret of before",
    text: "jwt: { previous_secret_key: 1 }\n",
    problems: ["FILE:1:8: jwt.previous_secret_key: expected text, found a number (put it in quotes)"],
  },
  {
    name: "a truth for a secret's file",
    text: "jwt: { secret_key_file: true, previous_secret_key_file: false }\n",
    problems: [
      "FILE:1:8: jwt.secret_key_file: expected a path, found true (put it in quotes)",
      "FILE:1:31: jwt.previous_secret_key_file: expected a path, found false (put it in quotes)",
    ],
  },
  {
    name: "the algorithm none",
    text: "jwt: { algorithm: none }\n",
    problems: [
      'FILE:1:8: jwt.algorithm: expected one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA, found "none"',
    ],
  },
  {
    name: "an algorithm in small letters",
    text: "jwt: { algorithm: hs256 }\n",
    problems: [
      'FILE:1:8: jwt.algorithm: expected one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA, found "hs256"',
    ],
  },
  {
    name: "an algorithm that is not offered",
    text: "jwt: { algorithm: ES512 }\n",
    problems: [
      'FILE:1:8: jwt.algorithm: expected one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA, found "ES512"',
    ],
  },
  {
    name: "an empty private key",
    text: "jwt: { private_key_file: '', public_key_file: '' }\n",
    problems: [
      "FILE:1:8: jwt.private_key_file: expected a path, found an empty text",
      "FILE:1:30: jwt.public_key_file: expected a path, found an empty text",
    ],
  },
  {
    name: "an address that is none",
    text: "jwt: { algorithm: RS256, jwks_url: example }\n",
    problems: ["FILE:1:26: jwt.jwks_url: expected an https address, or an http one of this machine, found a string"],
  },
  {
    name: "an address of another kind",
    text: "jwt: { algorithm: RS256, jwks_url: 'file:///etc/jwks.json' }\n",
    problems: ["FILE:1:26: jwt.jwks_url: expected an https address, or an http one of this machine, found a string"],
  },
  {
    name: "an empty issuer",
    text: "jwt: { issuer: '' }\n",
    problems: ["FILE:1:8: jwt.issuer: expected text, found an empty text"],
  },
  {
    name: "a number for the issuer",
    text: "jwt: { issuer: 5 }\n",
    problems: ["FILE:1:8: jwt.issuer: expected text, found a number (put it in quotes)"],
  },
  {
    name: "no days",
    text: "jwt: { expiration_days: 0 }\n",
    problems: ["FILE:1:8: jwt.expiration_days: expected a number above 0, up to 36500, found 0"],
  },
  {
    name: "days before today",
    text: "jwt: { expiration_days: -1 }\n",
    problems: ["FILE:1:8: jwt.expiration_days: expected a number above 0, up to 36500, found -1"],
  },
  {
    name: "more than a hundred years",
    text: "jwt: { expiration_days: 36501 }\n",
    problems: ["FILE:1:8: jwt.expiration_days: expected a number above 0, up to 36500, found 36501"],
  },
  {
    name: "days in words",
    text: "jwt: { expiration_days: 30d }\n",
    problems: ['FILE:1:8: jwt.expiration_days: expected a number above 0, up to 36500, found "30d"'],
  },
  {
    name: "a leeway below zero",
    text: "jwt: { leeway_seconds: -1 }\n",
    problems: ["FILE:1:8: jwt.leeway_seconds: expected a whole number from 0 to 300, found -1"],
  },
  {
    name: "a leeway of six minutes",
    text: "jwt: { leeway_seconds: 360 }\n",
    problems: ["FILE:1:8: jwt.leeway_seconds: expected a whole number from 0 to 300, found 360"],
  },
  {
    name: "half a second of leeway",
    text: "jwt: { leeway_seconds: 0.5 }\n",
    problems: ["FILE:1:8: jwt.leeway_seconds: expected a whole number from 0 to 300, found 0.5"],
  },
  {
    name: "empty claims",
    text: "jwt: { subject_claim: '', scope_claim: '', models_claim: '', limits_claim: '' }\n",
    problems: [
      "FILE:1:8: jwt.subject_claim: expected text, found an empty text",
      "FILE:1:27: jwt.scope_claim: expected text, found an empty text",
      "FILE:1:44: jwt.models_claim: expected text, found an empty text",
      "FILE:1:62: jwt.limits_claim: expected text, found an empty text",
    ],
  },
  {
    name: "a list for a claim",
    text: "jwt: { subject_claim: [sub] }\n",
    problems: ["FILE:1:8: jwt.subject_claim: expected text, found a list"],
  },
  {
    name: "a provider with capitals",
    text: "providers: { OpenAI: {} }\n",
    problems: ['FILE:1:14: providers.OpenAI: expected a map of names of lower-case letters, digits, "-" and "_"'],
  },
  {
    name: "a provider with a dot",
    text: "providers: { open.ai: { type: openai } }\n",
    problems: ['FILE:1:14: providers."open.ai": expected a map of names of lower-case letters, digits, "-" and "_"'],
  },
  {
    name: "a provider with a blank",
    text: "providers: { 'open ai': { type: openai } }\n",
    problems: ['FILE:1:14: providers.open ai: expected a map of names of lower-case letters, digits, "-" and "_"'],
  },
  {
    name: "a provider without a name",
    text: "providers: { '': { type: openai } }\n",
    problems: ['FILE:1:14: providers."": a name is missing'],
  },
  {
    name: "a provider that begins with a dash",
    text: "providers: { -a: { type: openai } }\n",
    problems: ['FILE:1:14: providers.-a: expected a map of names of lower-case letters, digits, "-" and "_"'],
  },
  {
    name: "a type that there is none of",
    text: "providers: { a: { type: cohere } }\n",
    problems: ['FILE:1:19: providers.a.type: expected one of …, found "cohere"'],
  },
  {
    name: "a type in capitals",
    text: "providers: { a: { type: OpenAI } }\n",
    problems: ['FILE:1:19: providers.a.type: expected one of …, found "OpenAI"'],
  },
  {
    name: "an empty key",
    text: "providers: { openai: { key: '' } }\n",
    problems: ["FILE:1:24: providers.openai.key: expected text, found an empty text"],
  },
  {
    name: "a number for a key",
    text: "providers: { openai: { key: 12345 } }\n",
    problems: ["FILE:1:24: providers.openai.key: expected text, found a number (put it in quotes)"],
  },
  {
    name: "a truth for a key's file",
    text: "providers: { openai: { key_file: true } }\n",
    problems: ["FILE:1:24: providers.openai.key_file: expected a path, found true (put it in quotes)"],
  },
  {
    name: "an address without its kind",
    text: "providers: { local: { type: openai-compatible, base_url: localhost:8080 } }\n",
    problems: ["FILE:1:48: providers.local.base_url: expected an http or https address, found a string"],
  },
  {
    name: "an address of a socket",
    text: "providers: { local: { type: openai-compatible, base_url: 'unix:///run/a' } }\n",
    problems: ["FILE:1:48: providers.local.base_url: expected an http or https address, found a string"],
  },
  {
    name: "a text for structured outputs",
    text: "providers: { local: { type: openai-compatible, base_url: 'http://a', structured_outputs: json } }\n",
    problems: ['FILE:1:70: providers.local.structured_outputs: expected true or false, found "json"'],
  },
  {
    name: "a delay below zero",
    text: "providers: { echo: { delay_ms: -1 } }\n",
    problems: ["FILE:1:22: providers.echo.delay_ms: expected a whole number from 0 to 600000, found -1"],
  },
  {
    name: "a delay of more than ten minutes",
    text: "providers: { echo: { chunk_delay_ms: 600001 } }\n",
    problems: ["FILE:1:22: providers.echo.chunk_delay_ms: expected a whole number from 0 to 600000, found 600001"],
  },
  {
    name: "an empty failure",
    text: "providers: { echo: { failure: '' } }\n",
    problems: ["FILE:1:22: providers.echo.failure: expected text, found an empty text"],
  },
  {
    name: "half a chunk",
    text: "providers: { echo: { fail_after_chunks: 1.5 } }\n",
    problems: ["FILE:1:22: providers.echo.fail_after_chunks: expected a whole number from 0 up, found 1.5"],
  },
  {
    name: "many wrong values at once",
    text: "server:\n  port: abc\n  use_tls: 3\n  log_level: loud\njwt:\n  algorithm: none\n  expiration_days: 0\nproviders:\n  a: { type: b }\nmodel_aliases:\n  c: 1\n",
    problems: [
      'FILE:2:3: server.port: expected a whole number from 0 to 65535, found "abc"',
      "FILE:3:3: server.use_tls: expected true or false, found 3",
      'FILE:4:3: server.log_level: expected one of debug, info, warning, error, found "loud"',
      'FILE:6:3: jwt.algorithm: expected one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA, found "none"',
      "FILE:7:3: jwt.expiration_days: expected a number above 0, up to 36500, found 0",
      'FILE:9:8: providers.a.type: expected one of …, found "b"',
      "FILE:11:3: model_aliases.c: expected text, found 1 (put it in quotes)",
    ],
  },
];
