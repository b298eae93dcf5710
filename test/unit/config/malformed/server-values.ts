import type { MalformedFile } from "./malformed-file.ts";

/** Files with wrong values in the sections server and tls. */
export const serverValues: readonly MalformedFile[] = [
  {
    name: "a port above the highest",
    text: "server: { port: 65536 }\n",
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found 65536"],
  },
  {
    name: "a port below zero",
    text: "server: { port: -1 }\n",
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found -1"],
  },
  {
    name: "half a port",
    text: "server: { port: 80.5 }\n",
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found 80.5"],
  },
  {
    name: "a port of very many digits",
    text: `server: { port: ${"9".repeat(400)} }\n`,
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found Infinity"],
  },
  {
    name: "a port as a word",
    text: "server: { port: http }\n",
    problems: ['FILE:1:11: server.port: expected a whole number from 0 to 65535, found "http"'],
  },
  {
    name: "a port with a host before it",
    text: "server: { port: '127.0.0.1:80' }\n",
    problems: ['FILE:1:11: server.port: expected a whole number from 0 to 65535, found "127.0.0.1:80"'],
  },
  {
    name: "an empty port",
    text: "server: { port: '' }\n",
    problems: ["FILE:1:11: server.port: expected a whole number from 0 to 65535, found an empty text"],
  },
  {
    name: "an empty host",
    text: "server: { host: '' }\n",
    problems: ["FILE:1:11: server.host: expected text, found an empty text"],
  },
  {
    name: "a number for a host",
    text: "server: { host: 127 }\n",
    problems: ["FILE:1:11: server.host: expected text, found 127 (put it in quotes)"],
  },
  {
    name: "a truth for a model",
    text: "server: { default_model: true }\n",
    problems: ["FILE:1:11: server.default_model: expected text, found true (put it in quotes)"],
  },
  {
    name: "an empty model",
    text: "server: { default_model: '' }\n",
    problems: ["FILE:1:11: server.default_model: expected text, found an empty text"],
  },
  {
    name: "a number for a certificate's file",
    text: "server: { cert_file: 1, key_file: k }\n",
    problems: ["FILE:1:11: server.cert_file: expected a path, found 1 (put it in quotes)"],
  },
  {
    name: "a text for the authentication",
    text: "server: { require_auth: always }\n",
    problems: ['FILE:1:11: server.require_auth: expected true or false, found "always"'],
  },
  {
    name: "a version as a number",
    text: "server: { compatible_version: 0.11 }\n",
    problems: ["FILE:1:11: server.compatible_version: expected text, found 0.11 (put it in quotes)"],
  },
  {
    name: "a request of too few bytes",
    text: "server: { max_request_bytes: 1023 }\n",
    problems: ["FILE:1:11: server.max_request_bytes: expected a whole number from 1024 to 1073741824, found 1023"],
  },
  {
    name: "a request of too many bytes",
    text: "server: { max_request_bytes: 1073741825 }\n",
    problems: [
      "FILE:1:11: server.max_request_bytes: expected a whole number from 1024 to 1073741824, found 1073741825",
    ],
  },
  {
    name: "a grace below zero",
    text: "server: { shutdown_grace_seconds: -0.5 }\n",
    problems: ["FILE:1:11: server.shutdown_grace_seconds: expected a number from 0 to 3600, found -0.5"],
  },
  {
    name: "a grace of more than an hour",
    text: "server: { shutdown_grace_seconds: 3601 }\n",
    problems: ["FILE:1:11: server.shutdown_grace_seconds: expected a number from 0 to 3600, found 3601"],
  },
  {
    name: "a grace in words",
    text: "server: { shutdown_grace_seconds: 10s }\n",
    problems: ['FILE:1:11: server.shutdown_grace_seconds: expected a number from 0 to 3600, found "10s"'],
  },
  {
    name: "an empty folder",
    text: "server: { state_dir: '' }\n",
    problems: ["FILE:1:11: server.state_dir: expected a path, found an empty text"],
  },
  {
    name: "a level that there is none of",
    text: "server: { log_level: loud }\n",
    problems: ['FILE:1:11: server.log_level: expected one of debug, info, warning, error, found "loud"'],
  },
  {
    name: "a level as a number",
    text: "server: { log_level: 10 }\n",
    problems: ["FILE:1:11: server.log_level: expected one of debug, info, warning, error, found 10"],
  },
  {
    name: "a format that there is none of",
    text: "server: { log_format: xml }\n",
    problems: ['FILE:1:11: server.log_format: expected one of text, json, found "xml"'],
  },
  {
    name: "a text for the prompts",
    text: "server: { log_prompts: 'maybe' }\n",
    problems: ['FILE:1:11: server.log_prompts: expected true or false, found "maybe"'],
  },
  {
    name: "no requests in a minute",
    text: "server: { limits: { global: { max_requests_per_minute: 0 } } }\n",
    problems: ["FILE:1:31: server.limits.global.max_requests_per_minute: expected a whole number from 1 up, found 0"],
  },
  {
    name: "fewer than no requests",
    text: "server: { limits: { global: { max_concurrent_requests: -5 } } }\n",
    problems: ["FILE:1:31: server.limits.global.max_concurrent_requests: expected a whole number from 1 up, found -5"],
  },
  {
    name: "half a character",
    text: "server: { limits: { global: { max_input_length: 0.5 } } }\n",
    problems: ["FILE:1:31: server.limits.global.max_input_length: expected a whole number from 1 up, found 0.5"],
  },
  {
    name: "a timeout in words",
    text: "server: { limits: { global: { request_timeout_seconds: 1m } } }\n",
    problems: [
      'FILE:1:31: server.limits.global.request_timeout_seconds: expected a whole number from 1 up, found "1m"',
    ],
  },
  {
    name: "no limit in a word",
    text: "server: { limits: { global: { max_input_length: unlimited } } }\n",
    problems: [
      'FILE:1:31: server.limits.global.max_input_length: expected a whole number from 1 up, found "unlimited"',
    ],
  },
  {
    name: "a subject's limit of zero",
    text: "server: { limits: { per_token: { a.b: { max_input_length: 0 } } } }\n",
    problems: ['FILE:1:41: server.limits.per_token."a.b".max_input_length: expected a whole number from 1 up, found 0'],
  },
  {
    name: "a version of TLS that is too old",
    text: "tls: { min_version: 1.1 }\n",
    problems: ['FILE:1:8: tls.min_version: expected one of 1.2, 1.3, found "1.1"'],
  },
  {
    name: "a version of TLS with its name",
    text: "tls: { min_version: TLSv1.3 }\n",
    problems: ['FILE:1:8: tls.min_version: expected one of 1.2, 1.3, found "TLSv1.3"'],
  },
  {
    name: "a whole version of TLS",
    text: "tls: { min_version: 1 }\n",
    problems: ['FILE:1:8: tls.min_version: expected one of 1.2, 1.3, found "1"'],
  },
  {
    name: "a text for loose permissions",
    text: "tls: { allow_loose_permissions: sometimes }\n",
    problems: ['FILE:1:8: tls.allow_loose_permissions: expected true or false, found "sometimes"'],
  },
  {
    name: "an empty CA file",
    text: "tls: { client_ca_file: '' }\n",
    problems: ["FILE:1:8: tls.client_ca_file: expected a path, found an empty text"],
  },
  {
    name: "a truth for the clients' certificates",
    text: "tls: { client_auth: true }\n",
    problems: ["FILE:1:8: tls.client_auth: expected one of none, request, require, found true"],
  },
  {
    name: "a mode that there is none of",
    text: "tls: { client_auth: optional }\n",
    problems: ['FILE:1:8: tls.client_auth: expected one of none, request, require, found "optional"'],
  },
  {
    name: "a number for a bundle",
    text: "tls: { ca_bundle_file: 0 }\n",
    problems: ["FILE:1:8: tls.ca_bundle_file: expected a path, found 0 (put it in quotes)"],
  },
  {
    name: "an empty revocation list",
    text: "tls: { client_crl_file: '' }\n",
    problems: ["FILE:1:8: tls.client_crl_file: expected a path, found an empty text"],
  },
  {
    name: "a number for a passphrase's file",
    text: "tls: { key_passphrase_file: 1234 }\n",
    problems: ["FILE:1:8: tls.key_passphrase_file: expected a path, found a number (put it in quotes)"],
  },
];
