/** Variables that are refused, or that contradict others. */
export interface MalformedVariables {
  name: string;
  environment: Readonly<Record<string, string>>;
  /** The configuration file, if there is one. */
  text?: string;
  /** All that is said of them. */
  problems: readonly string[];
}

const port = "server.port: expected a whole number from 0 to 65535, found";
const truth = "expected true or false, found";
const days = "jwt.expiration_days: expected a number above 0, up to 36500, found";
const list = "expected a list of texts, found";

/** A single variable that is refused. */
function refused(name: string, variable: string, text: string, problem: string): MalformedVariables {
  return { name, environment: { [variable]: text }, problems: [`${variable}: ${problem}`] };
}

/** Two variables of one key that differ. */
function differing(
  name: string,
  variable: string,
  other: string,
  texts: readonly [string, string],
): MalformedVariables {
  const text = `${variable} and ${other} are both set, and they differ: unset ${other}`;
  return { name, environment: { [variable]: texts[0], [other]: texts[1] }, problems: [`${other}: ${text}`] };
}

/** The table. */
export const malformedVariables: readonly MalformedVariables[] = [
  refused("a port as a word", "VIBECTL_SERVER_SERVER_PORT", "http", `${port} "http"`),
  refused("a port that begins with a zero", "VIBECTL_SERVER_SERVER_PORT", "080", `${port} "080"`),
  refused("a port in hexadecimal", "VIBECTL_SERVER_SERVER_PORT", "0x50", `${port} "0x50"`),
  refused("a port with an exponent", "VIBECTL_SERVER_SERVER_PORT", "1e3", `${port} "1e3"`),
  refused("a port above the highest", "VIBECTL_SERVER_SERVER_PORT", "65536", `${port} "65536"`),
  refused("a port below zero", "VIBECTL_SERVER_SERVER_PORT", "-1", `${port} "-1"`),
  refused("half a port", "VIBECTL_SERVER_SERVER_PORT", "80.5", `${port} "80.5"`),
  refused("a port of blanks", "VIBECTL_SERVER_SERVER_PORT", "  ", `${port} an empty text`),
  refused("a port with a plus", "VIBECTL_SERVER_SERVER_PORT", "+80", `${port} "+80"`),
  refused("a port that is infinite", "VIBECTL_SERVER_SERVER_PORT", "Infinity", `${port} "Infinity"`),
  refused("a port in digits of another script", "VIBECTL_SERVER_SERVER_PORT", "٨٠", `${port} "٨٠"`),
  refused("a port that is null", "VIBECTL_SERVER_SERVER_PORT", "null", `${port} "null"`),
  refused("a port with an escape sequence", "VIBECTL_SERVER_SERVER_PORT", "\u001b[31m", `${port} "\\u001b[31m"`),
  refused("a port that reads backwards", "VIBECTL_SERVER_SERVER_PORT", "\u202e80", `${port} "\\u202e80"`),
  refused("a host of blanks", "VIBECTL_SERVER_SERVER_HOST", " ", "server.host: expected text, found an empty text"),
  refused("TLS by a word that says neither", "VIBECTL_TLS_ENABLED", "maybe", `server.use_tls: ${truth} "maybe"`),
  refused("TLS by a number that says neither", "VIBECTL_TLS_ENABLED", "2", `server.use_tls: ${truth} "2"`),
  refused(
    "TLS by a name of JavaScript",
    "VIBECTL_TLS_ENABLED",
    "constructor",
    `server.use_tls: ${truth} "constructor"`,
  ),
  refused("TLS by a letter", "VIBECTL_TLS_ENABLED", "y", `server.use_tls: ${truth} "y"`),
  refused("TLS in quotes", "VIBECTL_TLS_ENABLED", '"true"', `server.use_tls: ${truth} "\\"true\\""`),
  refused(
    "authentication that is null",
    "VIBECTL_SERVER_SERVER_REQUIRE_AUTH",
    "null",
    `server.require_auth: ${truth} "null"`,
  ),
  refused(
    "a certificate of blanks",
    "VIBECTL_TLS_CERT_FILE",
    " ",
    "server.cert_file: expected a path, found an empty text",
  ),
  refused(
    "a version of TLS",
    "VIBECTL_TLS_MIN_VERSION",
    "1.1",
    'tls.min_version: expected one of 1.2, 1.3, found "1.1"',
  ),
  refused(
    "a mode for clients",
    "VIBECTL_TLS_CLIENT_AUTH",
    "optional",
    'tls.client_auth: expected one of none, request, require, found "optional"',
  ),
  refused(
    "loose permissions",
    "VIBECTL_TLS_ALLOW_LOOSE_PERMISSIONS",
    "0o1",
    `tls.allow_loose_permissions: ${truth} "0o1"`,
  ),
  refused("hosts without their bracket", "VIBECTL_SERVER_TLS_HOSTS", "[a, b", `tls.hosts: ${list} "[a, b"`),
  refused("hosts that are numbers", "VIBECTL_SERVER_TLS_HOSTS", "[1, 2]", `tls.hosts: ${list} "[1, 2]"`),
  refused("hosts in a list of lists", "VIBECTL_SERVER_TLS_HOSTS", "[[a]]", `tls.hosts: ${list} "[[a]]"`),
  refused("hosts with a tag", "VIBECTL_SERVER_TLS_HOSTS", "[!x a]", `tls.hosts: ${list} "[!x a]"`),
  refused("an audience of nothing", "VIBECTL_JWT_AUDIENCE", "['']", `jwt.audience: ${list} a string`),
  refused(
    "a level",
    "VIBECTL_SERVER_SERVER_LOG_LEVEL",
    "loud",
    'server.log_level: expected one of debug, info, warning, error, found "loud"',
  ),
  refused(
    "a format",
    "VIBECTL_SERVER_SERVER_LOG_FORMAT",
    "xml",
    'server.log_format: expected one of text, json, found "xml"',
  ),
  refused(
    "an algorithm",
    "VIBECTL_JWT_ALGORITHM",
    "none",
    'jwt.algorithm: expected one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA, found "none"',
  ),
  refused("days as a word", "VIBECTL_JWT_EXPIRATION_DAYS", "soon", `${days} "soon"`),
  refused("no days", "VIBECTL_JWT_EXPIRATION_DAYS", "0", `${days} "0"`),
  refused("days with a unit", "VIBECTL_JWT_EXPIRATION_DAYS", "30d", `${days} "30d"`),
  refused("days with a comma", "VIBECTL_JWT_EXPIRATION_DAYS", "0,5", `${days} "0,5"`),
  refused("a secret of blanks", "VIBECTL_JWT_SECRET", "   ", "jwt.secret_key: expected text, found an empty text"),
  refused("an issuer of blanks", "VIBECTL_JWT_ISSUER", "\t", "jwt.issuer: expected text, found an empty text"),
  refused(
    "an address that is none",
    "VIBECTL_JWT_JWKS_URL",
    "example",
    "jwt.jwks_url: expected an https address, or an http one of this machine, found a string",
  ),
  refused(
    "a leeway",
    "VIBECTL_SERVER_JWT_LEEWAY_SECONDS",
    "301",
    'jwt.leeway_seconds: expected a whole number from 0 to 300, found "301"',
  ),
  refused(
    "a limit of zero",
    "VIBECTL_SERVER_SERVER_LIMITS_GLOBAL_MAX_INPUT_LENGTH",
    "0",
    'server.limits.global.max_input_length: expected a whole number from 1 up, found "0"',
  ),
  refused(
    "subjects that are no map",
    "VIBECTL_SERVER_SERVER_LIMITS_PER_TOKEN",
    "ci",
    "server.limits.per_token: expected a map, found a text of 2 characters",
  ),
  refused(
    "subjects with a strange number",
    "VIBECTL_SERVER_SERVER_LIMITS_PER_TOKEN",
    "{ci: {max_input_length: 010}}",
    "server.limits.per_token: expected a map, found a text of 29 characters",
  ),
  refused(
    "a subject twice",
    "VIBECTL_SERVER_SERVER_LIMITS_PER_TOKEN",
    "{a: {}, a: {}}",
    "server.limits.per_token: expected a map, found a text of 14 characters",
  ),
  refused(
    "providers that are no map",
    "VIBECTL_SERVER_PROVIDERS",
    "openai",
    'providers: expected a map of names of lower-case letters, digits, "-" and "_", found a string',
  ),
  refused(
    "aliases that are a list",
    "VIBECTL_SERVER_MODEL_ALIASES",
    "[a]",
    "model_aliases: expected a map, found a text of 3 characters",
  ),
  refused(
    "aliases with a name that is kept",
    "VIBECTL_SERVER_MODEL_ALIASES",
    "{__proto__: a}",
    "model_aliases: expected a map, found a text of 14 characters",
  ),
  refused("a key of blanks", "VIBECTL_OPENAI_API_KEY", " ", "providers.openai.key: expected text, found an empty text"),
  refused(
    "a key's file of blanks",
    "VIBECTL_OPENAI_API_KEY_FILE",
    " ",
    "providers.openai.key_file: expected a path, found an empty text",
  ),
  refused(
    "a provider's address",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_BASE_URL",
    "a:b",
    "providers.openai.base_url: expected an http or https address, found a string",
  ),
  refused(
    "a provider's type",
    "VIBECTL_SERVER_PROVIDERS_A_TYPE",
    "b",
    'providers.a.type: expected one of anthropic, openai, google, ollama, openai-compatible, echo, found "b"',
  ),
  refused(
    "a provider's delay",
    "VIBECTL_SERVER_PROVIDERS_ECHO_DELAY_MS",
    "1s",
    'providers.echo.delay_ms: expected a whole number from 0 to 600000, found "1s"',
  ),
  differing("TLS on and off", "VIBECTL_TLS_ENABLED", "VIBECTL_SERVER_SERVER_USE_TLS", ["true", "false"]),
  differing("two certificates", "VIBECTL_TLS_CERT_FILE", "VIBECTL_SERVER_SERVER_CERT_FILE", ["a", "b"]),
  differing("two secrets", "VIBECTL_JWT_SECRET", "VIBECTL_JWT_SECRET_KEY", ["s3cr3t-1", "s3cr3t-2"]),
  differing("two secrets by the general name", "VIBECTL_JWT_SECRET", "VIBECTL_SERVER_JWT_SECRET_KEY", [
    "s3cr3t-1",
    "s3cr3t-2",
  ]),
  differing("two keys of a vendor", "VIBECTL_OPENAI_API_KEY", "VIBECTL_SERVER_PROVIDERS_OPENAI_KEY", [
    "s3cr3t-1",
    "s3cr3t-2",
  ]),
  {
    name: "a part of a provider that there is not",
    environment: { VIBECTL_SERVER_PROVIDERS_FAST_KEY: "s3cr3t" },
    problems: [
      "VIBECTL_SERVER_PROVIDERS_FAST_KEY: providers.fast has no type, and its name is none of anthropic, openai, google, ollama, openai-compatible, echo: add type: openai-compatible and base_url, or mend its name",
    ],
  },
  {
    name: "below what the file has of a wrong kind",
    environment: { VIBECTL_SERVER_SERVER_LIMITS_GLOBAL_MAX_INPUT_LENGTH: "5" },
    text: "server: { limits: 5 }",
    problems: ["FILE:1:11: server.limits: expected a map of global, per_token, found 5"],
  },
  {
    name: "a certificate without its key",
    environment: { VIBECTL_TLS_CERT_FILE: "a" },
    problems: [
      "VIBECTL_TLS_CERT_FILE: server.cert_file is set, but server.key_file is not: set both, or neither for a certificate that this server makes itself",
    ],
  },
  {
    name: "several, and something in the file",
    environment: { VIBECTL_TLS_ENABLED: "maybe", VIBECTL_JWT_ALGORITHM: "none" },
    text: "server: { port: a }",
    problems: [
      `FILE:1:11: ${port} "a"`,
      `VIBECTL_TLS_ENABLED: server.use_tls: ${truth} "maybe"`,
      'VIBECTL_JWT_ALGORITHM: jwt.algorithm: expected one of HS256, HS384, HS512, RS256, PS256, ES256, EdDSA, found "none"',
    ],
  },
];
