import type { Secrets } from "./secrets.ts";

/** Configuration files that have secrets where none belong, or can't be read for one. */
export interface WrongFile {
  name: string;
  text(secrets: Secrets): string;
}

/** A value of YAML that breaks the file, made of a secret. */
const breaking: ReadonlyArray<readonly [name: string, value: (secret: string) => string]> = [
  ["an alias", (secret) => `*${secret}`],
  ["a tag", (secret) => `!${secret} x`],
  ["a verbatim tag", (secret) => `!<${secret}> x`],
  ["an anchor that is named twice", (secret) => `&${secret} &${secret} x`],
  ["an open quotation mark", (secret) => `"${secret}`],
  ["a second quotation mark", (secret) => `'${secret}' ${secret}`],
  ["a wrong escape", (secret) => `"${secret}\\q"`],
  ["an open brace", (secret) => `{${secret}`],
  ["a reserved character", (secret) => `@${secret}`],
  ["a percent sign", (secret) => `%${secret}`],
  ["a bar", (secret) => `|${secret}`],
  ["a map on the same line", (secret) => `${secret}: ${secret}`],
  ["a list on the same line", (secret) => `- ${secret}`],
  ["a tab", (secret) => `x\n\tkey: ${secret}`],
  ["a second document", (secret) => `x\n---\n${secret}: ${secret}`],
  ["a directive", (secret) => `x\n...\n%YAML ${secret}\n---\nx: 1`],
  ["a key that stands twice", (secret) => `x\n  ${secret}: 1\n  ${secret}: 2`],
];

const brokenFiles = breaking.map(
  ([name, value]): WrongFile => ({
    name,
    text: ({ jwt, anthropic }) =>
      `jwt:\n  secret_key: ${value(jwt.file)}\nproviders:\n  anthropic:\n    key: ${value(anthropic.file)}\n`,
  }),
);

/** Sections that are a secret themselves, because a line end or a blank is missing. */
const noSection: WrongFile = {
  name: "a secret in place of a section",
  text: ({ jwt, anthropic, passphrases }) => `server: "secret_key:${jwt.file}"
jwt: secret_key:${jwt.file}
tls: ${passphrases.tls}
providers: { anthropic: "key:${anthropic.file}", openai: [${anthropic.file}] }
model_aliases: ${anthropic.file}
model_routes: ${anthropic.file}
retries: ${anthropic.file}
`,
};

/** A file with secrets as the values of other keys than theirs. */
export const wrongPlaces: WrongFile = {
  name: "secrets as the values of other keys",
  text: ({ jwt, anthropic, openai, google, local, team, passphrases, tokens }) => `server:
  host: [${jwt.file}]
  port: ${jwt.file}
  jwt_secret: ${jwt.file}
  secret_key: ${jwt.file}
  token: ${tokens.valid}
  log_level: ${anthropic.file}
  log_format: ${tokens.valid}
  require_auth: ${jwt.file}
  default_model: { key: ${anthropic.file} }
  cert_file: { passphrase: ${passphrases.tls} }
  max_request_bytes: ${jwt.file}
  limits: { global: { max_requests_per_minute: ${anthropic.file} }, per_token: ${jwt.file} }
secret_key: ${jwt.file}
api_key: ${anthropic.file}
jwt:
  secret: ${jwt.file}
  algorithm: ${jwt.file}
  enabled: ${jwt.file}
  audience: { a: ${jwt.file} }
  expiration_days: ${jwt.file}
  jwks_url: "ftp://user:${local.password}@127.0.0.1/keys"
tls:
  enabled: ${jwt.file}
  min_version: ${passphrases.tls}
  client_auth: ${passphrases.tls}
  passphrase: ${passphrases.tls}
  hosts: { a: ${passphrases.tls} }
providers:
  anthropic: ${anthropic.file}
  openai: { type: ${openai.file}, key: [${openai.file}], base_url: "postgres://user:${local.password}@127.0.0.1/v1" }
  google: { api_key: ${google.variable}, key: { is: ${google.variable} }, models: ${google.variable}, delay_ms: ${google.variable} }
  echo: { failure: [${anthropic.file}], structured_outputs: ${anthropic.file} }
  team:
    type: openai-compatible
    keys: { main: ${team.main}, spare: { api_key: ${team.main} }, third: { key: [${team.main}], weight: ${team.main} } }
    key_choice: ${team.main}
    headers: { authorization: ${team.header}, x-team: [${team.header}], "x team": ${team.header}, x-other: "${team.header}\\n" }
    proxy: "socks5://user:${team.proxy}@127.0.0.1"
    ca_file: [${team.header}]
    timeouts: ${team.header}
    max_connections: ${team.main}
  walled: { type: openai-compatible, keys: [${team.main}], headers: "x-team: ${team.header}", proxy: { password: ${team.proxy} } }
model_aliases: { a: [${anthropic.file}] }
model_routes: { a: [${team.main}, ${team.main}], b: [{ model: a, weight: ${team.main} }], c: ${team.main} }
model_fallbacks: { "*": [[${team.main}]], a: ${team.main} }
retries: { max_retries: ${team.main}, max_delay_ms: "${team.proxy}" }
acme: { account_key: ${jwt.file} }
`,
};

const names: WrongFile = {
  name: "secrets as the names of keys",
  text: ({ jwt, anthropic, openai, team, passphrases }) => `server: { ${jwt.file}: true }
jwt: { ${jwt.file}: true }
tls: { ${passphrases.tls}: }
providers: { anthropic: { ${anthropic.file}: true }, ${openai.file}: { models: [] } }
model_routes: { ${team.main}: [${team.main}], a: [{ ${team.main}: true }] }
${jwt.file}: true
`,
};

const bareNames: WrongFile = {
  name: "secrets that stand alone in a map",
  text: ({ team }) => `providers:
  openai: { keys: { ${team.main} }, headers: { ${team.header} } }
  google: { keys: { main:${team.main} }, headers: { x-team:${team.header} } }
`,
};

/** Every such file. */
export const wrongFiles: readonly WrongFile[] = [wrongPlaces, noSection, names, bareNames, ...brokenFiles];
