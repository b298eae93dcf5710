import type { MalformedFile } from "./malformed-file.ts";

const names = 'expected a map of one key or more, under names of lower-case letters, digits, "-" and "_"';
const headers = "expected a map of header names (RFC 9110, section 5.6.2)";
const value = "expected one line of visible ASCII characters, found";
const proxy = "expected an http or https address such as http://user:password@proxy:3128, or none, found a string";

const proxies = ["socks5://proxy:1080", "proxy:3128", "http://", "http://proxy/path", "http://proxy?a=b", "http:proxy"];
const others = ["http://u:%zz@proxy", "http://pro xy", "http://proxy:99999", "NONE", ""];

/** Files whose providers have wrong keys, proxies, headers and timeouts. */
export const providerAccess: readonly MalformedFile[] = [
  {
    name: "keys that are no map, or an empty one",
    text: "providers:\n  a: { type: openai, keys: [k] }\n  b: { type: openai, keys: k }\n  c: { type: openai, keys: {} }\n",
    problems: [
      `FILE:2:22: providers.a.keys: ${names}, found a list`,
      `FILE:3:22: providers.b.keys: ${names}, found a string`,
      `FILE:4:22: providers.c.keys: ${names}, found an empty map`,
    ],
  },
  {
    name: "a key that is a text, and one under a name in capitals",
    text: "providers: { openai: { keys: { main: k, Spare: { key: k } } } }\n",
    problems: [
      "FILE:1:32: providers.openai.keys.main: expected a map of key, key_file, weight, found a string",
      `FILE:1:41: providers.openai.keys.Spare: ${names}`,
    ],
  },
  {
    name: "keys with wrong values and a wrong key",
    text: "providers:\n  openai:\n    keys:\n      a: { key: 5, weight: -1 }\n      b: { key_file: [], weight: heavy }\n      c: { key: k, wieght: 3 }\n",
    problems: [
      "FILE:4:12: providers.openai.keys.a.key: expected text, found a number (put it in quotes)",
      "FILE:4:20: providers.openai.keys.a.weight: expected a number from 0 to 1000, found -1",
      "FILE:5:12: providers.openai.keys.b.key_file: expected a path, found an empty list",
      'FILE:5:26: providers.openai.keys.b.weight: expected a number from 0 to 1000, found "heavy"',
      "FILE:6:20: unknown key providers.openai.keys.c.wieght; did you mean weight?",
    ],
  },
  {
    name: "a choice of keys by lot",
    text: "providers: { openai: { key_choice: random } }\n",
    problems: [
      'FILE:1:24: providers.openai.key_choice: expected one of round_robin, weighted, least_busy, found "random"',
    ],
  },
  ...proxies.concat(others.slice(0, -1)).map((text) => ({
    name: `a proxy that is ${text}`,
    text: `providers: { openai: { proxy: "${text}" } }\n`,
    problems: [`FILE:1:24: providers.openai.proxy: ${proxy}`],
  })),
  {
    name: "a proxy that is an empty text, and one that is switched off",
    text: 'providers:\n  a: { type: openai, proxy: "" }\n  b: { type: openai, proxy: false }\n',
    problems: [
      `FILE:2:22: providers.a.proxy: ${proxy.replace("a string", "an empty text")}`,
      `FILE:3:22: providers.b.proxy: ${proxy.replace("a string", "false (put it in quotes)")}`,
    ],
  },
  {
    name: "a private CA in place of its file",
    text: 'providers: { openai: { ca_file: "-----BEGIN CERTIFICATE-----\\nx" } }\n',
    problems: ["FILE:1:24: providers.openai.ca_file: expected a path, found a string"],
  },
  {
    name: "headers that are no map",
    text: "providers:\n  a: { type: openai, headers: [x-team] }\n  b: { type: openai, headers: 'x-team: a' }\n",
    problems: [
      `FILE:2:22: providers.a.headers: ${headers}, found a list`,
      `FILE:3:22: providers.b.headers: ${headers}, found a string`,
    ],
  },
  {
    name: "headers with names and values that no header has",
    text: `providers:
  openai:
    headers:
      x team: a
      "x:team": a
      é: a
      a: é
      b: ""
      c: "x\\ny"
      d: " x"
      e: 5
      f:
`,
    problems: [
      `FILE:4:7: providers.openai.headers.x team: ${headers}`,
      `FILE:5:7: providers.openai.headers.x:team: ${headers}`,
      `FILE:6:7: providers.openai.headers.é: ${headers}`,
      `FILE:7:7: providers.openai.headers.a: ${value} a string`,
      `FILE:8:7: providers.openai.headers.b: ${value} an empty text`,
      `FILE:9:7: providers.openai.headers.c: ${value} a string`,
      `FILE:10:7: providers.openai.headers.d: ${value} a string`,
      `FILE:11:7: providers.openai.headers.e: ${value} a number (put it in quotes)`,
      `FILE:12:7: providers.openai.headers.<a text of 1 character>: ${value} null`,
    ],
  },
  {
    name: "a header whose colon has no space after it",
    text: "providers: { openai: { headers: { x-team:platform } } }\n",
    problems: ["FILE:1:35: providers.openai.headers.<a text of 15 characters>: a space is missing after the colon"],
  },
  {
    name: "connections that are too few, too many and half a one",
    text: "providers:\n  a: { type: openai, max_connections: 0 }\n  b: { type: openai, max_connections: 100001 }\n  c: { type: openai, max_connections: 1.5 }\n",
    problems: [
      "FILE:2:22: providers.a.max_connections: expected a whole number from 1 to 100000, found 0",
      "FILE:3:22: providers.b.max_connections: expected a whole number from 1 to 100000, found 100001",
      "FILE:4:22: providers.c.max_connections: expected a whole number from 1 to 100000, found 1.5",
    ],
  },
  {
    name: "timeouts out of range, of a wrong kind and of another name",
    text: "providers:\n  openai:\n    timeouts:\n      connect_seconds: 0\n      first_byte_seconds: 3601\n      between_chunks_seconds: 5s\n      call_seconds: [1]\n      connect_ms: 5\n",
    problems: [
      "FILE:4:7: providers.openai.timeouts.connect_seconds: expected a number from 0.05 to 3600, found 0",
      "FILE:5:7: providers.openai.timeouts.first_byte_seconds: expected a number from 0.05 to 3600, found 3601",
      'FILE:6:7: providers.openai.timeouts.between_chunks_seconds: expected a number from 0.05 to 3600, found "5s"',
      "FILE:7:7: providers.openai.timeouts.call_seconds: expected a number from 0.05 to 3600, found a list",
      "FILE:8:7: unknown key providers.openai.timeouts.connect_ms; …",
    ],
  },
  {
    name: "one number for all timeouts",
    text: "providers: { openai: { timeouts: 30 } }\n",
    problems: [
      "FILE:1:24: providers.openai.timeouts: expected a map of connect_seconds, first_byte_seconds, between_chunks_seconds, call_seconds, found a number",
    ],
  },
];
