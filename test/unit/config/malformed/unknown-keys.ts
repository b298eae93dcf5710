import type { MalformedFile } from "./malformed-file.ts";

/** Files with keys that there are none of. */
export const unknownKeys: readonly MalformedFile[] = [
  {
    name: "a key with two letters swapped",
    text: "server: { prot: 1 }\n",
    problems: ["FILE:1:11: unknown key server.prot; did you mean port?"],
  },
  {
    name: "a key with a letter missing",
    text: "server: { hst: a }\n",
    problems: ["FILE:1:11: unknown key server.hst; did you mean host?"],
  },
  {
    name: "a key with a dash for its underscore",
    text: "server: { default-model: a }\n",
    problems: ["FILE:1:11: unknown key server.default-model; did you mean default_model?"],
  },
  { name: "a key in capitals", text: "SERVER: {}\n", problems: ["FILE:1:1: unknown key SERVER; did you mean server?"] },
  {
    name: "a key in camel case",
    text: "server: { useTls: true }\n",
    problems: ["FILE:1:11: unknown key server.useTls; did you mean use_tls?"],
  },
  {
    name: "a section with two letters swapped",
    text: "sevrer: {}\n",
    problems: ["FILE:1:1: unknown key sevrer; did you mean server?"],
  },
  {
    name: "a section in the singular",
    text: "provider: {}\n",
    problems: ["FILE:1:1: unknown key provider; did you mean providers?"],
  },
  {
    name: "a section of Kubernetes",
    text: "apiVersion: v1\nkind: ConfigMap\n",
    problems: ["FILE:1:1: unknown key apiVersion; known here: …", "FILE:2:1: unknown key kind; known here: …"],
  },
  {
    name: "a key that is near to none",
    text: "server: { colour: red }\n",
    problems: ["FILE:1:11: unknown key server.colour; known here: …"],
  },
  {
    name: "a section that is near to none",
    text: "database: { url: a }\n",
    problems: ["FILE:1:1: unknown key database; known here: …"],
  },
  {
    name: "a key in TLS that is near to none",
    text: "tls: { colour: red }\n",
    problems: ["FILE:1:8: unknown key tls.colour; known here: …"],
  },
  {
    name: "a key in tokens that is near to one",
    text: "jwt: { isuer: a }\n",
    problems: ["FILE:1:8: unknown key jwt.isuer; did you mean issuer?"],
  },
  {
    name: "a key in tokens that is near to none",
    text: "jwt: { colour: red }\n",
    problems: ["FILE:1:8: unknown key jwt.colour; known here: …"],
  },
  {
    name: "a key in limits",
    text: "server: { limits: { globl: {} } }\n",
    problems: ["FILE:1:21: unknown key server.limits.globl; did you mean global?"],
  },
  {
    name: "a key in global limits",
    text: "server: { limits: { global: { max_rpm: 1 } } }\n",
    problems: ["FILE:1:31: unknown key server.limits.global.max_rpm; known here: …"],
  },
  {
    name: "a key in a subject's limits",
    text: "server: { limits: { per_token: { a: { max_input_lenght: 1 } } } }\n",
    problems: ["FILE:1:39: unknown key server.limits.per_token.a.max_input_lenght; did you mean max_input_length?"],
  },
  {
    name: "a key in a provider",
    text: "providers: { openai: { api_key_file: a } }\n",
    problems: ["FILE:1:24: unknown key providers.openai.api_key_file; did you mean key_file?"],
  },
  {
    name: "a key in a provider that is near to one",
    text: "providers: { openai: { modles: [a] } }\n",
    problems: ["FILE:1:24: unknown key providers.openai.modles; did you mean models?"],
  },
  {
    name: "an unknown key without a value",
    text: "server:\n  prot:\n",
    problems: ["FILE:2:3: unknown key server.prot; did you mean port?"],
  },
  {
    name: "an unknown section without a value",
    text: "sever:\n",
    problems: ["FILE:1:1: unknown key sever; did you mean server?"],
  },
  {
    name: "a name in a token's place that holds nothing",
    text: "jwt: { abcdef }\n",
    problems: ["FILE:1:8: unknown key jwt.<a text of 6 characters>; known here: …"],
  },
  {
    name: "a name in a provider that holds nothing",
    text: "providers: { openai: { abcdef } }\n",
    problems: ["FILE:1:24: unknown key providers.openai.<a text of 6 characters>; known here: …"],
  },
  {
    name: "a path for a key",
    text: "server.port: 1\n",
    problems: ['FILE:1:1: unknown key "server.port"; write server: and below it port:'],
  },
  {
    name: "a path for a key in a section",
    text: "server: { limits.global: {} }\n",
    problems: ['FILE:1:11: unknown key server."limits.global"; write limits: and below it global:'],
  },
  {
    name: "a path that leads nowhere",
    text: "server.prot: 1\n",
    problems: ['FILE:1:1: unknown key "server.prot"; known here: …'],
  },
  {
    name: "a key with a dot and a quote",
    text: "server: { 'a.\"b': 1 }\n",
    problems: ['FILE:1:11: unknown key server."a.\\"b"; known here: …'],
  },
  {
    name: "a key that is a blank",
    text: "server: { ' ': 1 }\n",
    problems: ['FILE:1:11: unknown key server." "; known here: …'],
  },
  {
    name: "a key that is empty",
    text: "server: { '': 1 }\n",
    problems: ['FILE:1:11: unknown key server.""; known here: …'],
  },
  {
    name: "a key with a blank at its end",
    text: "server: { 'port ': 1 }\n",
    problems: ['FILE:1:11: unknown key server."port "; did you mean port?'],
  },
  {
    name: "a key with a space that is not broken",
    text: "server: { \u00a0port: 1 }\n",
    problems: ['FILE:1:11: unknown key server."\\u00a0port"; did you mean port, in plain letters?'],
  },
  {
    name: "a key with a space of no width",
    text: "server: { p\u200bort: 1 }\n",
    problems: ['FILE:1:11: unknown key server."p\\u200bort"; did you mean port, in plain letters?'],
  },
  {
    name: "a key that reads backwards",
    text: "server: { \u202eport: 1 }\n",
    problems: ['FILE:1:11: unknown key server."\\u202eport"; did you mean port, in plain letters?'],
  },
  {
    name: "__proto__ at the top",
    text: "__proto__: { port: 1 }\n",
    problems: ["FILE:1:1: the key __proto__ is one that can't be used"],
  },
  {
    name: "__proto__ in a section",
    text: "server: { __proto__: { port: 1 } }\n",
    problems: ["FILE:1:11: the key __proto__ is one that can't be used"],
  },
  {
    name: "__proto__ among providers",
    text: "providers: { __proto__: { type: echo } }\n",
    problems: ["FILE:1:14: the key __proto__ is one that can't be used"],
  },
  {
    name: "__proto__ among aliases",
    text: "model_aliases: { __proto__: a }\n",
    problems: ["FILE:1:18: the key __proto__ is one that can't be used"],
  },
  {
    name: "__proto__ among subjects",
    text: "server: { limits: { per_token: { __proto__: { max_input_length: 1 } } } }\n",
    problems: ["FILE:1:34: the key __proto__ is one that can't be used"],
  },
  {
    name: "__proto__ in a subject's limits",
    text: "server: { limits: { per_token: { a: { __proto__: {} } } } }\n",
    problems: ["FILE:1:39: the key __proto__ is one that can't be used"],
  },
  {
    name: "constructor at the top",
    text: "constructor: { prototype: {} }\n",
    problems: ["FILE:1:1: unknown key constructor; known here: …"],
  },
  {
    name: "constructor in a section",
    text: "jwt: { constructor: 1 }\n",
    problems: ["FILE:1:8: unknown key jwt.constructor; known here: …"],
  },
  {
    name: "constructor among providers",
    text: "providers: { constructor: {} }\n",
    problems: [
      "FILE:1:14: providers.constructor has no type, and its name is none of …: add type: openai-compatible and base_url, or mend its name",
    ],
  },
  {
    name: "toString in a section",
    text: "server: { toString: 1, hasOwnProperty: 2 }\n",
    problems: [
      "FILE:1:11: unknown key server.toString; known here: …",
      "FILE:1:24: unknown key server.hasOwnProperty; known here: …",
    ],
  },
  { name: "an emoji", text: "server: { 🚀: 1 }\n", problems: ["FILE:1:11: unknown key server.🚀; known here: …"] },
  {
    name: "a key in Cyrillic letters",
    text: "sеrver: {}\n",
    problems: ["FILE:1:1: unknown key sеrver; did you mean server, in plain letters?"],
  },
  {
    name: "a key in wide letters",
    text: "server: { ｐｏｒｔ: 1 }\n",
    problems: ["FILE:1:11: unknown key server.ｐｏｒｔ; known here: …"],
  },
  {
    name: "a number for a key's name",
    text: "server: { 1: 2 }\n",
    problems: ["FILE:1:11: unknown key server.1; known here: …"],
  },
  { name: "a truth for a key", text: "true: {}\n", problems: ["FILE:1:1: unknown key true; known here: …"] },
  {
    name: "a very long key",
    text: `server: { ${"k".repeat(500)}: 1 }\n`,
    problems: ["FILE:1:11: unknown key server.<a text of 500 characters>; known here: …"],
  },
  {
    name: "a key that could be a secret",
    text: "server: { sk-abcdefgh: 1 }\n",
    problems: ["FILE:1:11: unknown key server.<a text of 11 characters>; known here: …"],
  },
  {
    name: "several unknown keys at every level",
    text: "sever: {}\nserver:\n  prot: 1\n  limits:\n    gobal: {}\njwt:\n  isuer: a\nproviders:\n  echo: { typ: a }\n",
    problems: [
      "FILE:1:1: unknown key sever; did you mean server?",
      "FILE:3:3: unknown key server.prot; did you mean port?",
      "FILE:5:5: unknown key server.limits.gobal; did you mean global?",
      "FILE:7:3: unknown key jwt.isuer; did you mean issuer?",
      "FILE:9:11: unknown key providers.echo.typ; did you mean type?",
    ],
  },
  {
    name: "an unknown key beside a contradiction",
    text: "server: { cert_file: a, colour: red }\n",
    problems: [
      "FILE:1:11: server.cert_file is set, but server.key_file is not: set both, or neither for a certificate that this server makes itself",
      "FILE:1:25: unknown key server.colour; known here: …",
    ],
  },
];
