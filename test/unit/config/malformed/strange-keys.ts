import type { MalformedFile } from "./malformed-file.ts";

/** Files with keys that are no text or not what they seem, and with characters that nobody sees. */
export const strangeKeys: readonly MalformedFile[] = [
  { name: "a list for a key", text: "? [a, b]\n: c\n", problems: ["FILE:1:3: a key has to be text"] },
  { name: "a map for a key", text: "server:\n  ? { a: b }\n  : c\n", problems: ["FILE:2:5: a key has to be text"] },
  { name: "a map in braces for a key", text: "{ { a: b }: c }\n", problems: ["FILE:1:3: a key has to be text"] },
  {
    name: "no key at all",
    text: "server: { : 1 }\n",
    problems: ["FILE:1:10: a key is missing: put its name, in quotes if it is null, before the colon"],
  },
  {
    name: "null for a key",
    text: "model_aliases: { null: a }\n",
    problems: ["FILE:1:18: a key is missing: put its name, in quotes if it is null, before the colon"],
  },
  {
    name: "a tilde for a key",
    text: "server: { limits: { per_token: { ~: {} } } }\n",
    problems: ["FILE:1:34: a key is missing: put its name, in quotes if it is null, before the colon"],
  },
  {
    name: "an alias for a key",
    text: "jwt: { issuer: &a port }\nserver: { *a : 1 }\n",
    problems: ["FILE:2:11: a key has to be text"],
  },
  {
    name: "a subject that is read as another number",
    text: "server: { limits: { per_token: { 007: {} } } }\n",
    problems: ["FILE:1:34: the key 007 is read as 7: put it in quotes"],
  },
  {
    name: "a subject with an exponent",
    text: "server: { limits: { per_token: { 1e3: {} } } }\n",
    problems: ["FILE:1:34: the key 1e3 is read as 1000: put it in quotes"],
  },
  {
    name: "an alias whose last zero is lost",
    text: "model_aliases: { 1.10: openai/gpt-4o }\n",
    problems: ["FILE:1:18: the key 1.10 is read as 1.1: put it in quotes"],
  },
  {
    name: "a key in hexadecimal",
    text: "model_aliases: { 0x10: openai/gpt-4o }\n",
    problems: ["FILE:1:18: the key 0x10 is read as 16: put it in quotes"],
  },
  {
    name: "a key over two lines",
    text: 'model_aliases: { "a\\nb": c }\n',
    problems: ["FILE:1:18: the key has a control character in it"],
  },
  {
    name: "a key with a terminal's escape sequence",
    text: 'server: { "\\e[31mport": 1 }\n',
    problems: ["FILE:1:11: the key has a control character in it"],
  },
  {
    name: "a value with a NUL",
    text: 'server: { cert_file: "a\\0b", key_file: k }\n',
    problems: ["FILE:1:22: the text has a control character or half a character in it"],
  },
  {
    name: "a value with a terminal's escape sequence",
    text: 'server: { host: "\\x1b[2J" }\n',
    problems: ["FILE:1:17: the text has a control character or half a character in it"],
  },
  {
    name: "half a surrogate pair",
    text: 'server: { host: "\\ud800" }\n',
    problems: ["FILE:1:17: the text has a control character or half a character in it"],
  },
  {
    name: "half a surrogate pair in a key",
    text: 'model_aliases: { "\\udfff": a }\n',
    problems: ["FILE:1:18: the key has a control character in it"],
  },
  {
    name: "a bell in a list",
    text: 'tls: { hosts: [a, "b\\a"] }\n',
    problems: ["FILE:1:19: the text has a control character or half a character in it"],
  },
];
