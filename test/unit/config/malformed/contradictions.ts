import type { MalformedFile } from "./malformed-file.ts";

/** Files whose values are right each by itself, and don't go together. */
export const contradictions: readonly MalformedFile[] = [
  {
    name: "a certificate without its key",
    text: "server:\n  cert_file: a\n",
    problems: [
      "FILE:2:3: server.cert_file is set, but server.key_file is not: set both, or neither for a certificate that this server makes itself",
    ],
  },
  {
    name: "a key without its certificate",
    text: "server: { key_file: a }\n",
    problems: [
      "FILE:1:11: server.key_file is set, but server.cert_file is not: set both, or neither for a certificate that this server makes itself",
    ],
  },
  {
    name: "a certificate without its key beside a wrong port",
    text: "server: { cert_file: a, port: abc }\n",
    problems: [
      "FILE:1:11: server.cert_file is set, but server.key_file is not: set both, or neither for a certificate that this server makes itself",
      'FILE:1:25: server.port: expected a whole number from 0 to 65535, found "abc"',
    ],
  },
  {
    name: "clients that are required without a CA",
    text: "tls: { client_auth: require }\n",
    problems: [
      "FILE:1:8: tls.client_auth is require, but tls.client_ca_file is not set: name the file with the CAs that issue the clients' certificates (--client-ca)",
    ],
  },
  {
    name: "clients that are asked without a CA",
    text: "tls: { client_auth: request }\n",
    problems: [
      "FILE:1:8: tls.client_auth is request, but tls.client_ca_file is not set: name the file with the CAs that issue the clients' certificates (--client-ca)",
    ],
  },
  {
    name: "revocation lists without a CA",
    text: "tls: { client_crl_file: a }\n",
    problems: [
      "FILE:1:8: tls.client_crl_file is set, but tls.client_ca_file is not set: name the file with the CAs that issue the clients' certificates (--client-ca)",
    ],
  },
  {
    name: "a private key with HS256",
    text: "jwt: { private_key_file: a }\n",
    problems: [
      "FILE:1:8: jwt.private_key_file has no meaning with jwt.algorithm HS256: set that to RS256, PS256, ES256 or EdDSA",
    ],
  },
  {
    name: "a public key with HS512",
    text: "jwt: { algorithm: HS512, public_key_file: a }\n",
    problems: [
      "FILE:1:26: jwt.public_key_file has no meaning with jwt.algorithm HS512: set that to RS256, PS256, ES256 or EdDSA",
    ],
  },
  {
    name: "an issuer's keys with HS384",
    text: "jwt: { algorithm: HS384, jwks_url: 'https://a/jwks' }\n",
    problems: [
      "FILE:1:26: jwt.jwks_url has no meaning with jwt.algorithm HS384: set that to RS256, PS256, ES256 or EdDSA",
    ],
  },
  {
    name: "RS256 without a key",
    text: "jwt: { algorithm: RS256 }\n",
    problems: [
      "FILE:1:8: jwt.algorithm RS256 needs a key: set jwt.private_key_file to issue tokens, jwt.public_key_file or jwt.jwks_url to check those of another issuer",
    ],
  },
  {
    name: "PS256 without a key",
    text: "jwt: { algorithm: PS256 }\n",
    problems: [
      "FILE:1:8: jwt.algorithm PS256 needs a key: set jwt.private_key_file to issue tokens, jwt.public_key_file or jwt.jwks_url to check those of another issuer",
    ],
  },
  {
    name: "ES256 without a key",
    text: "jwt: { algorithm: ES256 }\n",
    problems: [
      "FILE:1:8: jwt.algorithm ES256 needs a key: set jwt.private_key_file to issue tokens, jwt.public_key_file or jwt.jwks_url to check those of another issuer",
    ],
  },
  {
    name: "EdDSA without a key",
    text: "jwt: { algorithm: EdDSA, secret_key: abc }\n",
    problems: [
      "FILE:1:8: jwt.algorithm EdDSA needs a key: set jwt.private_key_file to issue tokens, jwt.public_key_file or jwt.jwks_url to check those of another issuer",
    ],
  },
  {
    name: "a secret that is shorter than its algorithm needs, told in bytes",
    text: `server: { require_auth: true }\njwt: { secret_key: "${"é".repeat(15)}a" }\n`,
    problems: [
      "FILE:2:8: jwt.secret_key has 31 bytes, but jwt.algorithm HS256 needs at least 32 (RFC 7518, section 3.2): make one with vibectl-server generate-secret",
    ],
  },
  {
    name: "a secret that is too short for a longer hash",
    text: `server: { require_auth: true }\njwt: { algorithm: HS512, secret_key: "${"a".repeat(63)}" }\n`,
    problems: [
      "FILE:2:26: jwt.secret_key has 63 bytes, but jwt.algorithm HS512 needs at least 64 (RFC 7518, section 3.2): make one with vibectl-server generate-secret",
    ],
  },
  {
    name: "an issuer's keys and a private one",
    text: "jwt: { algorithm: RS256, jwks_url: 'https://a/jwks', private_key_file: a }\n",
    problems: ["FILE:1:26: jwt.jwks_url and jwt.private_key_file are both set: keep one of them"],
  },
  {
    name: "an issuer's keys and a public one",
    text: "jwt: { algorithm: RS256, jwks_url: 'https://a/jwks', public_key_file: a }\n",
    problems: ["FILE:1:26: jwt.jwks_url and jwt.public_key_file are both set: keep one of them"],
  },
  {
    name: "an issuer's keys over plain http",
    text: "jwt: { algorithm: RS256, jwks_url: 'http://example.com/jwks' }\n",
    problems: [
      "FILE:1:26: jwt.jwks_url is an http address of another machine, where anybody on the way could put in a key of theirs: use https",
    ],
  },
  {
    name: "an issuer's keys over plain http of a name that only begins well",
    text: "jwt: { algorithm: RS256, jwks_url: 'http://localhost.example.com/jwks' }\n",
    problems: [
      "FILE:1:26: jwt.jwks_url is an http address of another machine, where anybody on the way could put in a key of theirs: use https",
    ],
  },
  {
    name: "a provider without a type",
    text: "providers: { fast: {} }\n",
    problems: [
      "FILE:1:14: providers.fast has no type, and its name is none of …: add type: openai-compatible and base_url, or mend its name",
    ],
  },
  {
    name: "a provider that holds nothing and whose name is no type",
    text: "providers: { fast: }\n",
    problems: [
      "FILE:1:14: providers.fast has no type, and its name is none of …: add type: openai-compatible and base_url, or mend its name",
    ],
  },
  {
    name: "a compatible provider without an address",
    text: "providers: { openai-compatible: {} }\n",
    problems: [
      "FILE:1:14: providers.openai-compatible has no base_url: set it to the address of its API, such as http://127.0.0.1:8080/v1",
    ],
  },
  {
    name: "a compatible provider without an address, by its type",
    text: "providers: { a: { type: openai-compatible, key: k } }\n",
    problems: [
      "FILE:1:14: providers.a has no base_url: set it to the address of its API, such as http://127.0.0.1:8080/v1",
    ],
  },
  {
    name: "a delay of a real provider",
    text: "providers: { openai: { delay_ms: 1 } }\n",
    problems: [
      "FILE:1:24: providers.openai.delay_ms has no meaning for a provider of type openai: remove it, or mend the type",
    ],
  },
  {
    name: "all that only echo knows in another provider",
    text: "providers: { ollama: { delay_ms: 1, chunk_delay_ms: 2, failure: X, fail_after_chunks: 3 } }\n",
    problems: [
      "FILE:1:24: providers.ollama.delay_ms has no meaning for a provider of type ollama: remove it, or mend the type",
      "FILE:1:37: providers.ollama.chunk_delay_ms has no meaning for a provider of type ollama: remove it, or mend the type",
      "FILE:1:56: providers.ollama.failure has no meaning for a provider of type ollama: remove it, or mend the type",
      "FILE:1:68: providers.ollama.fail_after_chunks has no meaning for a provider of type ollama: remove it, or mend the type",
    ],
  },
  {
    name: "a key of echo",
    text: "providers: { echo: { key: k } }\n",
    problems: ["FILE:1:22: providers.echo.key has no meaning for a provider of type echo: remove it, or mend the type"],
  },
  {
    name: "all that echo does not know",
    text: "providers: { echo: { key_file: a, base_url: 'http://a', models: [a], structured_outputs: true } }\n",
    problems: [
      "FILE:1:22: providers.echo.key_file has no meaning for a provider of type echo: remove it, or mend the type",
      "FILE:1:35: providers.echo.base_url has no meaning for a provider of type echo: remove it, or mend the type",
      "FILE:1:57: providers.echo.models has no meaning for a provider of type echo: remove it, or mend the type",
      "FILE:1:70: providers.echo.structured_outputs has no meaning for a provider of type echo: remove it, or mend the type",
    ],
  },
  {
    name: "structured outputs of a vendor",
    text: "providers: { openai: { structured_outputs: true } }\n",
    problems: [
      "FILE:1:24: providers.openai.structured_outputs has no meaning for a provider of type openai: remove it, or mend the type",
    ],
  },
  {
    name: "an alias of itself",
    text: "model_aliases: { a: a }\n",
    problems: ["FILE:1:18: model_aliases.a leads back to itself: let one name a model"],
  },
  {
    name: "two aliases of each other",
    text: "model_aliases:\n  a: b\n  b: a\n",
    problems: [
      "FILE:2:3: model_aliases.a leads back to itself: let one name a model",
      "FILE:3:3: model_aliases.b leads back to itself: let one name a model",
    ],
  },
  {
    name: "three aliases in a circle, and one that leads there",
    text: "model_aliases: { z: a, a: b, b: c, c: a }\n",
    problems: [
      "FILE:1:24: model_aliases.a leads back to itself: let one name a model",
      "FILE:1:30: model_aliases.b leads back to itself: let one name a model",
      "FILE:1:36: model_aliases.c leads back to itself: let one name a model",
    ],
  },
  {
    name: "several contradictions at once",
    text: "server: { cert_file: a }\ntls: { client_auth: require }\njwt: { algorithm: ES256 }\nproviders: { fast: {}, echo: { key: k } }\nmodel_aliases: { a: a }\n",
    problems: [
      "FILE:1:11: server.cert_file is set, but server.key_file is not: set both, or neither for a certificate that this server makes itself",
      "FILE:2:8: tls.client_auth is require, but tls.client_ca_file is not set: name the file with the CAs that issue the clients' certificates (--client-ca)",
      "FILE:3:8: jwt.algorithm ES256 needs a key: set jwt.private_key_file to issue tokens, jwt.public_key_file or jwt.jwks_url to check those of another issuer",
      "FILE:4:14: providers.fast has no type, and its name is none of …: add type: openai-compatible and base_url, or mend its name",
      "FILE:4:32: providers.echo.key has no meaning for a provider of type echo: remove it, or mend the type",
      "FILE:5:18: model_aliases.a leads back to itself: let one name a model",
    ],
  },
  {
    name: "a contradiction beside a wrong list",
    text: "tls: { hosts: [1] }\nserver: { key_file: a }\n",
    problems: [
      "FILE:1:16: tls.hosts.0: expected text, found 1 (put it in quotes)",
      "FILE:2:11: server.key_file is set, but server.cert_file is not: set both, or neither for a certificate that this server makes itself",
    ],
  },
  {
    name: "both spellings of TLS",
    text: "tls: { enabled: true }\nserver: { use_tls: false }\n",
    problems: [
      "FILE:1:8: tls.enabled is true, but server.use_tls at FILE:2:11 is false: keep server.use_tls and remove tls.enabled",
    ],
  },
  {
    name: "both spellings of the certificate",
    text: "tls: { cert_file: a, key_file: k }\nserver: { cert_file: b, key_file: k }\n",
    problems: [
      'FILE:1:8: tls.cert_file is "a", but server.cert_file at FILE:2:11 is "b": keep server.cert_file and remove tls.cert_file',
    ],
  },
  {
    name: "both spellings of the key",
    text: "tls: { key_file: a }\nserver: { cert_file: c, key_file: b }\n",
    problems: [
      'FILE:1:8: tls.key_file is "a", but server.key_file at FILE:2:25 is "b": keep server.key_file and remove tls.key_file',
    ],
  },
  {
    name: "both spellings of authentication",
    text: "jwt: { enabled: false }\nserver: { require_auth: true }\n",
    problems: [
      "FILE:1:8: jwt.enabled is false, but server.require_auth at FILE:2:11 is true: keep server.require_auth and remove jwt.enabled",
    ],
  },
  {
    name: "both spellings, one a truth and one a text",
    text: "jwt: { enabled: yes }\nserver: { require_auth: true }\n",
    problems: [
      "FILE:1:8: jwt.enabled is a string, but server.require_auth at FILE:2:11 is true: keep server.require_auth and remove jwt.enabled",
    ],
  },
  {
    name: "all spellings twice",
    text: "server: { use_tls: true, cert_file: a, key_file: b, require_auth: true }\ntls: { enabled: false, cert_file: c, key_file: d }\njwt: { enabled: false }\n",
    problems: [
      "FILE:2:8: tls.enabled is false, but server.use_tls at FILE:1:11 is true: keep server.use_tls and remove tls.enabled",
      'FILE:2:24: tls.cert_file is "c", but server.cert_file at FILE:1:26 is "a": keep server.cert_file and remove tls.cert_file',
      'FILE:2:38: tls.key_file is "d", but server.key_file at FILE:1:40 is "b": keep server.key_file and remove tls.key_file',
      "FILE:3:8: jwt.enabled is false, but server.require_auth at FILE:1:53 is true: keep server.require_auth and remove jwt.enabled",
    ],
  },
  {
    name: "an old spelling with a wrong value",
    text: "tls: { enabled: maybe }\n",
    problems: ['FILE:1:8 (tls.enabled): server.use_tls: expected true or false, found "maybe"'],
  },
  {
    name: "an old spelling beside a wrong section",
    text: "tls: { enabled: true }\nserver: 5\n",
    problems: ["FILE:2:1: server: expected a map of …, found 5"],
  },
];
