import { z } from "zod";

/** Where a value can be set beside the file. */
interface FieldMeta {
  description: string;
  /** The environment variable that sets it. */
  env?: string;
}

/** Describes a field once, for validation and for everything that is printed about it. */
function field<T extends z.ZodType>(type: T, meta: FieldMeta): T {
  return type.meta({ ...meta }) as T;
}

/** The Python server writes levels in capitals. */
const lowerCase = (value: unknown) => (typeof value === "string" ? value.toLowerCase() : value);

const text = z.string().min(1);
const optionalText = text.nullish();
const count = z.int().min(1).nullish();

const limits = z.strictObject({
  max_requests_per_minute: field(count, { description: "Requests in any minute" }),
  max_concurrent_requests: field(count, { description: "Requests at the same time" }),
  max_input_length: field(count, { description: "Characters of all fragments of a request together" }),
  request_timeout_seconds: field(count, { description: "Seconds until a request is given up" }),
});

const server = z.strictObject({
  host: field(text.default("127.0.0.1"), { description: "Address or host name to listen on" }),
  port: field(z.int().min(0).max(65535).default(50051), { description: "TCP port to listen on; 0 takes a free one" }),
  default_model: field(optionalText, { description: "Model that runs when a request names none: an id or an alias" }),
  require_auth: field(z.boolean().default(false), { description: "Whether every call needs a token" }),
  use_tls: field(z.boolean().default(false), { description: "Whether to serve TLS", env: "VIBECTL_TLS_ENABLED" }),
  cert_file: field(optionalText, {
    description: "PEM file with the certificate chain, leaf first; made and kept in certs/ when null",
    env: "VIBECTL_TLS_CERT_FILE",
  }),
  key_file: field(optionalText, {
    description: "PEM file with the certificate's private key",
    env: "VIBECTL_TLS_KEY_FILE",
  }),
  compatible_version: field(text.default("0.11.6"), {
    description: "vibectl release whose protocol is spoken; clients warn when it is not their own",
  }),
  max_request_bytes: field(
    z
      .int()
      .min(1024)
      .max(1 << 30)
      .default(17 * 1024 * 1024),
    {
      description: "Largest request message in bytes",
    },
  ),
  shutdown_grace_seconds: field(z.number().min(0).max(3600).default(10), {
    description: "Seconds that running calls may take to finish after SIGTERM",
  }),
  log_level: field(z.preprocess(lowerCase, z.enum(["debug", "info", "warning", "error"])).default("info"), {
    description: "Least severe log records to write",
  }),
  log_format: field(z.enum(["text", "json"]).default("text"), { description: "Form of the log on stderr" }),
  limits: z
    .strictObject({
      global: limits.prefault({}),
      per_token: z
        .record(
          z.string(),
          z.preprocess((value) => value ?? {}, limits),
        )
        .default({}),
    })
    .prefault({}),
});

/** YAML takes 1.3 for a number. */
const versionText = (value: unknown) => (typeof value === "number" ? String(value) : value);

const tls = z.strictObject({
  min_version: field(z.preprocess(versionText, z.enum(["1.2", "1.3"])).default("1.3"), {
    description: "Oldest version of TLS that is spoken",
    env: "VIBECTL_TLS_MIN_VERSION",
  }),
  hosts: field(z.array(text).default([]), {
    description: "Names and addresses that clients dial: the certificate has to cover them",
  }),
  ca_bundle_file: field(optionalText, {
    description: "PEM file with the roots that clients trust: the certificate's chain has to lead to one",
    env: "VIBECTL_TLS_CA_BUNDLE_FILE",
  }),
  key_passphrase_file: field(optionalText, {
    description: "File that holds the passphrase of an encrypted server.key_file",
    env: "VIBECTL_TLS_KEY_PASSPHRASE_FILE",
  }),
  allow_loose_permissions: field(z.boolean().default(false), {
    description: "Whether a private key that other users can read is used, with a warning",
    env: "VIBECTL_TLS_ALLOW_LOOSE_PERMISSIONS",
  }),
  client_ca_file: field(optionalText, {
    description: "PEM file with the CAs whose clients are known by their certificates",
    env: "VIBECTL_TLS_CLIENT_CA_FILE",
  }),
  client_auth: field(z.enum(["none", "request", "require"]).nullish(), {
    description: "Whether clients are asked for a certificate; require when there is a client_ca_file",
    env: "VIBECTL_TLS_CLIENT_AUTH",
  }),
  client_crl_file: field(optionalText, {
    description: "File with the revocation lists of these CAs, PEM or DER",
    env: "VIBECTL_TLS_CLIENT_CRL_FILE",
  }),
});

const jwt = z.strictObject({
  secret_key: field(optionalText, { description: "Secret that signs tokens" }),
  secret_key_file: field(optionalText, { description: "File that holds the secret" }),
  algorithm: field(z.enum(["HS256", "HS384", "HS512"]).default("HS256"), {
    description: "Algorithm of the tokens' signatures (RFC 7518, section 3.2)",
    env: "VIBECTL_JWT_ALGORITHM",
  }),
  issuer: field(text.default("vibectl-server"), {
    description: "Issuer written into tokens and required of them",
    env: "VIBECTL_JWT_ISSUER",
  }),
  expiration_days: field(z.number().positive().max(36500).default(30), {
    description: "Days until a new token expires",
    env: "VIBECTL_JWT_EXPIRATION_DAYS",
  }),
});

/** Types of provider, each of which has a file in `src/providers/`. */
export const providerTypes = ["anthropic", "openai", "google", "ollama", "openai-compatible", "echo"] as const;

/** A type of provider. */
export type ProviderType = (typeof providerTypes)[number];

const milliseconds = z.int().min(0).max(600_000).optional();

const provider = z.strictObject({
  type: field(z.enum(providerTypes).optional(), { description: "What it speaks; its own name says it when left out" }),
  key: field(optionalText, { description: "API key" }),
  key_file: field(optionalText, { description: "File that holds the API key" }),
  base_url: field(z.url({ protocol: /^https?$/ }).nullish(), { description: "Address of its API" }),
  models: field(z.array(text).min(1).optional(), { description: "Models to offer; all that are known when left out" }),
  structured_outputs: field(z.boolean().optional(), {
    description: "Whether an openai-compatible endpoint takes a JSON Schema itself",
  }),
  delay_ms: field(milliseconds, { description: "echo: milliseconds before the first word" }),
  chunk_delay_ms: field(milliseconds, { description: "echo: milliseconds between words" }),
  failure: field(text.optional(), { description: "echo: error code that every call ends with" }),
  fail_after_chunks: field(z.int().min(0).optional(), { description: "echo: words to send before the failure" }),
});

/** The whole configuration: the one source of its types, defaults and rules. */
export const configurationSchema = z.strictObject({
  server: server.prefault({}),
  tls: tls.prefault({}),
  jwt: jwt.prefault({}),
  providers: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), provider.nullish()).default({}),
  model_aliases: field(z.record(text, text).default({}), { description: "Other names for models" }),
});

/** A configuration with every default filled in. */
export type Configuration = z.infer<typeof configurationSchema>;

/** One entry of `providers`. */
export type ProviderEntry = z.infer<typeof provider>;

/** One set of limits. */
export type LimitSettings = z.infer<typeof limits>;

/** A variable of the environment and the key it sets. */
export interface EnvironmentBinding {
  variable: string;
  path: string;
  /** What its text is turned into. */
  kind: "boolean" | "number" | "text";
}

/**
 * The schema inside defaults and optionality.
 *
 * @param type - Any schema of this file.
 */
export function innermost(type: z.ZodType): z.ZodType {
  let inner = type;
  while ("innerType" in inner.def) inner = inner.def.innerType as z.ZodType;
  return inner;
}

function kindOf(type: z.ZodType): EnvironmentBinding["kind"] {
  const inner = innermost(type);
  return inner.type === "boolean" || inner.type === "number" ? inner.type : "text";
}

/** The environment variables that set a key, as the schema names them. */
export function environmentBindings(): EnvironmentBinding[] {
  return Object.entries({ server, tls, jwt }).flatMap(([section, object]) =>
    Object.entries(object.shape).flatMap(([key, type]) => {
      const variable = (type.meta() as Partial<FieldMeta> | undefined)?.env;
      return variable === undefined ? [] : [{ variable, path: `${section}.${key}`, kind: kindOf(type) }];
    }),
  );
}
