import type { MalformedFile } from "./malformed-file.ts";

/** Files with a list, a map or a single value where another is meant. */
export const wrongShapes: readonly MalformedFile[] = [
  {
    name: "a list for the whole",
    text: "- server\n- jwt\n",
    problems: ["FILE:1:1: the file holds a list, not a map: start it with a section, such as server:"],
  },
  {
    name: "a list in brackets for the whole",
    text: "[]\n",
    problems: ["FILE:1:1: the file holds a list, not a map: start it with a section, such as server:"],
  },
  {
    name: "a text for the whole",
    text: "server\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "a number for the whole",
    text: "50051\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "a truth for the whole",
    text: "true\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "a block text for the whole",
    text: "|\n  server: {}\n",
    problems: ["FILE:1:1: the file holds a single value, not a map: start it with a section, such as server:"],
  },
  {
    name: "a list for a section",
    text: "server: [port]\n",
    problems: ["FILE:1:1: server: expected a map of …, found a list"],
  },
  {
    name: "a list of maps for a section",
    text: "server:\n  - port: 1\n  - host: a\n",
    problems: ["FILE:1:1: server: expected a map of …, found a list"],
  },
  { name: "a number for a section", text: "tls: 1\n", problems: ["FILE:1:1: tls: expected a map of …, found 1"] },
  { name: "a truth for a section", text: "jwt: true\n", problems: ["FILE:1:1: jwt: expected a map of …, found true"] },
  {
    name: "an empty text for a section",
    text: "jwt: ''\n",
    problems: ["FILE:1:1: jwt: expected a map of …, found an empty text"],
  },
  { name: "a truth for TLS", text: "tls: false\n", problems: ["FILE:1:1: tls: expected a map of …, found false"] },
  {
    name: "a text for limits",
    text: "server: { limits: none }\n",
    problems: ["FILE:1:11: server.limits: expected a map of …, found a text of 4 characters"],
  },
  {
    name: "a number for global limits",
    text: "server: { limits: { global: 10 } }\n",
    problems: ["FILE:1:21: server.limits.global: expected a map of …, found 10"],
  },
  {
    name: "a list for a subject's limits",
    text: "server: { limits: { per_token: [ci-bot] } }\n",
    problems: ["FILE:1:21: server.limits.per_token: expected a map, found a list"],
  },
  {
    name: "a number for a subject's limits",
    text: "server: { limits: { per_token: { ci-bot: 20 } } }\n",
    problems: ["FILE:1:34: server.limits.per_token.ci-bot: expected a map of …, found 20"],
  },
  {
    name: "a list of providers",
    text: "providers:\n  - anthropic\n",
    problems: ['FILE:1:1: providers: expected a map of names of lower-case letters, digits, "-" and "_", found a list'],
  },
  {
    name: "a text of providers",
    text: "providers: anthropic\n",
    problems: [
      'FILE:1:1: providers: expected a map of names of lower-case letters, digits, "-" and "_", found a string',
    ],
  },
  {
    name: "a truth for a provider",
    text: "providers: { anthropic: true }\n",
    problems: ["FILE:1:14: providers.anthropic: expected a map of …, found true"],
  },
  {
    name: "a list for a provider",
    text: "providers: { anthropic: [] }\n",
    problems: ["FILE:1:14: providers.anthropic: expected a map of …, found an empty list"],
  },
  {
    name: "a list of aliases",
    text: "model_aliases: [a]\n",
    problems: ["FILE:1:1: model_aliases: expected a map, found a list"],
  },
  {
    name: "a map for an alias",
    text: "model_aliases: { a: { model: b } }\n",
    problems: ["FILE:1:18: model_aliases.a: expected text, found a map"],
  },
  {
    name: "a list for an alias",
    text: "model_aliases: { a: [b] }\n",
    problems: ["FILE:1:18: model_aliases.a: expected text, found a list"],
  },
  {
    name: "a number for an alias",
    text: "model_aliases: { a: 5 }\n",
    problems: ["FILE:1:18: model_aliases.a: expected text, found 5 (put it in quotes)"],
  },
  {
    name: "nothing for an alias",
    text: "model_aliases: { a: }\n",
    problems: ["FILE:1:18: model_aliases.a: expected text, found null"],
  },
  {
    name: "an empty text for an alias",
    text: "model_aliases: { a: '' }\n",
    problems: ["FILE:1:18: model_aliases.a: expected text, found an empty text"],
  },
  {
    name: "an alias without a name",
    text: "model_aliases: { '': a }\n",
    problems: ['FILE:1:18: model_aliases."": a name is missing'],
  },
  {
    name: "a map for a port",
    text: "server: { port: { number: 1 } }\n",
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found a map"],
  },
  {
    name: "a list for a port",
    text: "server: { port: [1] }\n",
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found a list"],
  },
  {
    name: "a list for a host",
    text: "server: { host: [127.0.0.1] }\n",
    problems: ["FILE:1:11: server.host: expected text, found a list"],
  },
  {
    name: "a map for a list",
    text: "tls: { hosts: { a: b } }\n",
    problems: ["FILE:1:8: tls.hosts: expected a list of texts, found a map"],
  },
  {
    name: "a text for a list",
    text: "tls: { hosts: localhost }\n",
    problems: ['FILE:1:8: tls.hosts: expected a list of texts, found "localhost"'],
  },
  {
    name: "numbers in a list of texts",
    text: "tls: { hosts: [a, 1, true, b, 2.5] }\n",
    problems: [
      "FILE:1:19: tls.hosts.1: expected text, found 1 (put it in quotes)",
      "FILE:1:22: tls.hosts.2: expected text, found true (put it in quotes)",
      "FILE:1:31: tls.hosts.4: expected text, found 2.5 (put it in quotes)",
    ],
  },
  {
    name: "nothing in a list",
    text: "tls: { hosts: [a, , null] }\n",
    problems: ["FILE:1:19: Unexpected , in flow sequence"],
  },
  {
    name: "a null in a list",
    text: "tls:\n  hosts:\n    - a\n    -\n",
    problems: ["FILE:4:6: tls.hosts.1: expected text, found null"],
  },
  {
    name: "a list in a list",
    text: "tls: { hosts: [[a]] }\n",
    problems: ["FILE:1:16: tls.hosts.0: expected text, found a list"],
  },
  {
    name: "an empty text in a list",
    text: "jwt: { audience: [''] }\n",
    problems: ["FILE:1:19: jwt.audience.0: expected text, found an empty text"],
  },
  {
    name: "a map for the audience",
    text: "jwt: { audience: { a: b } }\n",
    problems: ["FILE:1:8: jwt.audience: expected a list of texts, found a map"],
  },
  {
    name: "an empty list of models",
    text: "providers: { openai: { models: [] } }\n",
    problems: ["FILE:1:24: providers.openai.models: expected a list of one text or more, found an empty list"],
  },
  {
    name: "a text for a list of models",
    text: "providers: { openai: { models: gpt-4o } }\n",
    problems: ["FILE:1:24: providers.openai.models: expected a list of one text or more, found a string"],
  },
  {
    name: "nested too far",
    text: "server: { server: { port: 1 } }\n",
    problems: ["FILE:1:11: unknown key server.server; known here: …"],
  },
  {
    name: "the whole in a section",
    text: "vibectl: { server: { port: 1 } }\n",
    problems: ["FILE:1:1: unknown key vibectl; known here: …"],
  },
  {
    name: "what is nested thirty times",
    text: `${"{ a: ".repeat(34)}1${" }".repeat(34)}\n`,
    problems: ["FILE:1:158: what stands here is nested too deep"],
  },
  {
    name: "limits directly under the server",
    text: "server: { limits: { max_input_length: 1 } }\n",
    problems: ["FILE:1:21: unknown key server.limits.max_input_length; known here: …"],
  },
  {
    name: "limits at the top",
    text: "limits: { global: {} }\n",
    problems: ["FILE:1:1: unknown key limits; known here: …"],
  },
  {
    name: "a map for a file",
    text: "server: { cert_file: { path: a }, key_file: k }\n",
    problems: ["FILE:1:11: server.cert_file: expected a path, found a map"],
  },
  {
    name: "everything of a wrong kind",
    text: "server: []\ntls: []\njwt: []\nproviders: []\nmodel_aliases: []\n",
    problems: [
      "FILE:1:1: server: expected a map of …, found an empty list",
      "FILE:2:1: tls: expected a map of …, found an empty list",
      "FILE:3:1: jwt: expected a map of …, found an empty list",
      'FILE:4:1: providers: expected a map of names of lower-case letters, digits, "-" and "_", found an empty list',
      "FILE:5:1: model_aliases: expected a map, found an empty list",
    ],
  },
];
