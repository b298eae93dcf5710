import type { MalformedFile } from "./malformed-file.ts";

/** Files with what YAML permits and programs read in different ways: keys twice, numbers, truths. */
export const duplicatesAndNumbers: readonly MalformedFile[] = [
  {
    name: "a key twice at the top",
    text: "server: {}\njwt: {}\nserver: {}\n",
    problems: ['FILE:3:1: the key "server" stands twice; the first is at FILE:1:1'],
  },
  {
    name: "a key twice in a section",
    text: "server:\n  port: 1\n  host: a\n  port: 2\n",
    problems: ['FILE:4:3: the key "port" stands twice; the first is at FILE:2:3'],
  },
  {
    name: "a key twice in braces",
    text: "server: { port: 1, port: 1 }\n",
    problems: ['FILE:1:20: the key "port" stands twice; the first is at FILE:1:11'],
  },
  {
    name: "a key three times",
    text: "server: { port: 1, port: 2, port: 3 }\n",
    problems: [
      'FILE:1:20: the key "port" stands twice; the first is at FILE:1:11',
      'FILE:1:29: the key "port" stands twice; the first is at FILE:1:20',
    ],
  },
  {
    name: "a key twice in limits",
    text: "server:\n  limits:\n    global:\n      max_input_length: 1\n      max_input_length: 2\n",
    problems: ['FILE:5:7: the key "max_input_length" stands twice; the first is at FILE:4:7'],
  },
  {
    name: "a subject twice",
    text: "server:\n  limits:\n    per_token:\n      a: {}\n      a: {}\n",
    problems: ['FILE:5:7: the key "a" stands twice; the first is at FILE:4:7'],
  },
  {
    name: "a provider twice",
    text: "providers:\n  ollama: {}\n  ollama: {}\n",
    problems: ['FILE:3:3: the key "ollama" stands twice; the first is at FILE:2:3'],
  },
  {
    name: "an alias twice",
    text: "model_aliases: { a: b, a: c }\n",
    problems: ['FILE:1:24: the key "a" stands twice; the first is at FILE:1:18'],
  },
  {
    name: "a key once plain and once in quotes",
    text: 'server: { port: 1, "port": 2 }\n',
    problems: ['FILE:1:20: the key "port" stands twice; the first is at FILE:1:11'],
  },
  {
    name: "a key once plain and once by its escapes",
    text: 'server: { port: 1, "p\\x6frt": 2 }\n',
    problems: ['FILE:1:20: the key "port" stands twice; the first is at FILE:1:11'],
  },
  {
    name: "a subject once as a number and once as text",
    text: 'server: { limits: { per_token: { 1: {}, "1": {} } } }\n',
    problems: ['FILE:1:41: the key "1" stands twice; the first is at FILE:1:34'],
  },
  {
    name: "a port that begins with a zero",
    text: "server: { port: 080 }\n",
    problems: ["FILE:1:17: 080 begins with a zero, which some programs take for octal; write 80"],
  },
  {
    name: "a port in octal",
    text: "server: { port: 0o17 }\n",
    problems: ["FILE:1:17: 0o17 is not a plain decimal number; write 15"],
  },
  {
    name: "a port in hexadecimal",
    text: "server: { port: 0x50 }\n",
    problems: ["FILE:1:17: 0x50 is not a plain decimal number; write 80"],
  },
  {
    name: "a port with an exponent",
    text: "server: { port: 1e3 }\n",
    problems: ["FILE:1:17: 1e3 is not a plain decimal number; write 1000"],
  },
  {
    name: "a port with a plus",
    text: "server: { port: +80 }\n",
    problems: ["FILE:1:17: +80 is not a plain decimal number; write 80"],
  },
  {
    name: "a port with an empty fraction",
    text: "server: { port: 80. }\n",
    problems: ["FILE:1:17: 80. is not a plain decimal number; write 80"],
  },
  {
    name: "infinity",
    text: "jwt: { expiration_days: .inf }\n",
    problems: ["FILE:1:25: .inf is not a plain decimal number"],
  },
  {
    name: "negative infinity",
    text: "jwt: { expiration_days: -.Inf }\n",
    problems: ["FILE:1:25: -.Inf is not a plain decimal number"],
  },
  {
    name: "not a number",
    text: "server: { shutdown_grace_seconds: .nan }\n",
    problems: ["FILE:1:35: .nan is not a plain decimal number"],
  },
  {
    name: "a number with underscores",
    text: "server: { max_request_bytes: 1_000_000 }\n",
    problems: [
      'FILE:1:11: server.max_request_bytes: expected a whole number from 1024 to 1073741824, found "1_000_000"',
    ],
  },
  {
    name: "a number with commas",
    text: "server: { max_request_bytes: '1,000,000' }\n",
    problems: [
      'FILE:1:11: server.max_request_bytes: expected a whole number from 1024 to 1073741824, found "1,000,000"',
    ],
  },
  {
    name: "a number with a unit",
    text: "server: { max_request_bytes: 16MiB }\n",
    problems: ['FILE:1:11: server.max_request_bytes: expected a whole number from 1024 to 1073741824, found "16MiB"'],
  },
  {
    name: "a time of day for a port",
    text: "server: { port: 13:45 }\n",
    problems: ['FILE:1:11: server.port: expected a whole number from 0 to 65535, found "13:45"'],
  },
  {
    name: "a date for a text's number",
    text: "jwt: { expiration_days: 2026-01-01 }\n",
    problems: ['FILE:1:8: jwt.expiration_days: expected a number above 0, up to 36500, found "2026-01-01"'],
  },
  {
    name: "a number without a digit before its point",
    text: "server: { shutdown_grace_seconds: .5 }\n",
    problems: ["FILE:1:35: .5 is not a plain decimal number; write 0.5"],
  },
  {
    name: "a very small number",
    text: "server: { shutdown_grace_seconds: 1e-9 }\n",
    problems: ["FILE:1:35: 1e-9 is not a plain decimal number"],
  },
  {
    name: "several strange numbers",
    text: "server:\n  port: 0777\n  shutdown_grace_seconds: 0x1\njwt: { expiration_days: 1e1 }\n",
    problems: [
      "FILE:2:9: 0777 begins with a zero, which some programs take for octal; write 777",
      "FILE:3:27: 0x1 is not a plain decimal number; write 1",
      "FILE:4:25: 1e1 is not a plain decimal number; write 10",
    ],
  },
  {
    name: "yes for true",
    text: "server: { use_tls: yes }\n",
    problems: [
      'FILE:1:11: server.use_tls: expected true or false, found "yes" (which is text in YAML 1.2; write true)',
    ],
  },
  {
    name: "no for false",
    text: "server: { use_tls: no }\n",
    problems: [
      'FILE:1:11: server.use_tls: expected true or false, found "no" (which is text in YAML 1.2; write false)',
    ],
  },
  {
    name: "on for true",
    text: "server: { require_auth: on }\n",
    problems: [
      'FILE:1:11: server.require_auth: expected true or false, found "on" (which is text in YAML 1.2; write true)',
    ],
  },
  {
    name: "Off for false",
    text: "server: { require_auth: Off }\n",
    problems: [
      'FILE:1:11: server.require_auth: expected true or false, found "Off" (which is text in YAML 1.2; write false)',
    ],
  },
  {
    name: "y for true",
    text: "server: { log_prompts: y }\n",
    problems: [
      'FILE:1:11: server.log_prompts: expected true or false, found "y" (which is text in YAML 1.2; write true)',
    ],
  },
  {
    name: "N for false",
    text: "tls: { allow_loose_permissions: N }\n",
    problems: [
      'FILE:1:8: tls.allow_loose_permissions: expected true or false, found "N" (which is text in YAML 1.2; write false)',
    ],
  },
  {
    name: "true in quotes",
    text: 'server: { use_tls: "true" }\n',
    problems: ['FILE:1:11: server.use_tls: expected true or false, found "true" (remove the quotes)'],
  },
  {
    name: "False in quotes",
    text: "server: { use_tls: 'False' }\n",
    problems: ['FILE:1:11: server.use_tls: expected true or false, found "False" (remove the quotes)'],
  },
  {
    name: "1 for true",
    text: "server: { use_tls: 1 }\n",
    problems: ["FILE:1:11: server.use_tls: expected true or false, found 1"],
  },
  {
    name: "a number in quotes that is not counted",
    text: "jwt: { leeway_seconds: '30' }\n",
    problems: ['FILE:1:8: jwt.leeway_seconds: expected a whole number from 0 to 300, found "30" (remove the quotes)'],
  },
  {
    name: "a fraction in quotes",
    text: 'jwt: { expiration_days: "0.5" }\n',
    problems: [
      'FILE:1:8: jwt.expiration_days: expected a number above 0, up to 36500, found "0.5" (remove the quotes)',
    ],
  },
  {
    name: "a number in quotes with a blank",
    text: "server: { port: ' 80' }\n",
    problems: ['FILE:1:11: server.port: expected a whole number from 0 to 65535, found " 80"'],
  },
];
