import { z } from "zod";
import { field, optionalPath, optionalText, text } from "./field.ts";

const count = () => z.int().min(1).nullish();

/** Each time anew: what is said of a key is said of its type, and these are keys in two places. */
const limits = () =>
  z.strictObject({
    max_requests_per_minute: field(count(), { description: "Requests in any minute" }),
    max_concurrent_requests: field(count(), { description: "Requests at the same time" }),
    max_input_length: field(count(), {
      description: "Length of all fragments of a request together",
      unit: "characters",
    }),
    request_timeout_seconds: field(count(), { description: "Time until a request is given up", unit: "seconds" }),
  });

/** One set of limits. */
export type LimitSettings = z.infer<ReturnType<typeof limits>>;

/** The section `server`. */
export const server = z.strictObject({
  host: field(text().default("127.0.0.1"), {
    description: "Address or host name to listen on",
    flag: "--host",
    restart: true,
  }),
  port: field(z.int().min(0).max(65535).default(50051), {
    description: "TCP port to listen on; 0 takes a free one",
    flag: "--port",
    restart: true,
  }),
  default_model: field(optionalText(), {
    description: "Model that runs when a request names none: an id or an alias",
    fallback: "the first provider's best known model",
    flag: "--model",
  }),
  require_auth: field(z.boolean().default(false), {
    description: "Whether every call needs a token",
    flag: "--require-auth",
  }),
  use_tls: field(z.boolean().default(false), {
    description: "Whether to serve TLS",
    variables: ["VIBECTL_TLS_ENABLED"],
    flag: "--tls",
    restart: true,
  }),
  cert_file: field(optionalPath(), {
    description: "PEM file with the certificate chain, leaf first",
    fallback: "made and kept in certs/",
    variables: ["VIBECTL_TLS_CERT_FILE"],
    flag: "--cert-file",
    path: true,
  }),
  key_file: field(optionalPath(), {
    description: "PEM file with the certificate's private key",
    fallback: "made and kept in certs/",
    variables: ["VIBECTL_TLS_KEY_FILE"],
    flag: "--key-file",
    path: true,
  }),
  compatible_version: field(text().default("0.11.6"), {
    description: "vibectl release whose protocol is spoken; clients warn when it is not their own",
    restart: true,
  }),
  max_request_bytes: field(
    z
      .int()
      .min(1024)
      .max(1 << 30)
      .default(17 * 1024 * 1024),
    { description: "Largest request message", unit: "bytes", restart: true },
  ),
  max_workers: field(z.int().min(1).max(100_000).default(1000), {
    description: "Calls that run at the same time; the others wait in order",
    flag: "--max-workers",
  }),
  max_queued: field(z.int().min(0).max(100_000).default(1000), {
    description: "Calls that wait at most; more are refused with RESOURCE_EXHAUSTED",
  }),
  shutdown_grace_seconds: field(z.number().min(0).max(3600).default(10), {
    description: "Time that running calls may take to finish after SIGTERM",
    unit: "seconds",
  }),
  state_dir: field(optionalPath(), {
    description: "Folder for what the server has to remember: issued tokens and revocations",
    fallback: "~/.config/vibectl/server/state",
    path: true,
    restart: true,
  }),
  log_level: field(z.enum(["debug", "info", "warning", "error"]).default("info"), {
    description: "Least severe log records to write",
    flag: "--log-level",
  }),
  log_format: field(z.enum(["text", "json"]).default("text"), {
    description: "Form of the log on stderr",
    flag: "--log-format",
    restart: true,
  }),
  log_prompts: field(z.boolean().default(false), {
    description: "Whether prompts and answers are written to the log",
    flag: "--log-prompts",
  }),
  limits: z
    .strictObject({
      global: limits().prefault({}),
      per_token: field(z.record(text(), limits()).default({}), {
        description: "Limits of single subjects, which replace the global ones key by key",
      }),
    })
    .prefault({}),
});
