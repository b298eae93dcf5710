import { providers, type World } from "./ground.ts";
import { audience } from "./secrets.ts";

/** Secrets in the file, and over each of them another one in the environment. */
export const inVariables: World = {
  name: "secrets in variables",
  widely: true,
  configuration: (ground, places) => `# A comment
server:
  require_auth: true
  use_tls: true
  cert_file: ${places.at(".config/vibectl/server/certs/server.crt")}
  key_file: ${places.at("tls.key")}
  max_request_bytes: 65536
jwt:
  secret_key: ${ground.secrets.jwt.file}
  previous_secret_key: ${ground.secrets.jwt.previousKey}
  audience: [${audience}]
tls: { key_passphrase_file: ${places.at("tls-passphrase")} }
${providers(ground, places).replace("  openai: {", `  openai: { key: ${ground.secrets.openai.file},`)}`,
  environment: ({ secrets: { jwt, anthropic, openai, google, local, team, passphrases, tokens } }) => ({
    VIBECTL_JWT_SECRET: jwt.variable,
    VIBECTL_JWT_PREVIOUS_SECRET: jwt.previousVariable,
    VIBECTL_JWT_TOKEN: tokens.inVariable,
    VIBECTL_ANTHROPIC_API_KEY: anthropic.own,
    ANTHROPIC_API_KEY: anthropic.variable,
    OPENAI_API_KEY: openai.variable,
    GEMINI_API_KEY: google.variable,
    VIBECTL_LOCAL_API_KEY: local.own,
    VIBECTL_SERVER_PROVIDERS_OTHER_KEY: local.key,
    VIBECTL_SERVER_PROVIDERS_TEAM_KEYS_THIRD_KEY: team.third,
    VIBECTL_CA_PASSPHRASE: passphrases.ca,
  }),
};

/** Secrets in files of their own. */
export const inFiles: World = {
  name: "secrets in files",
  widely: true,
  configuration: (ground, places) => `server: { require_auth: true }
jwt: { secret_key_file: ${places.at("jwt-secret")}, audience: [${audience}] }
${providers(ground, places)}`,
  environment: ({ secrets: { google, local } }, { at }) => ({
    VIBECTL_JWT_SECRET_FILE: at("jwt-secret"),
    VIBECTL_OPENAI_API_KEY_FILE: at("openai-key"),
    GEMINI_API_KEY: google.variable,
    VIBECTL_LOCAL_API_KEY: local.own,
    VIBECTL_CA_PASSPHRASE_FILE: at("ca-passphrase"),
  }),
};

/** The secret under its old name, and the one before in a file. */
export const underOldName: World = {
  name: "the secret under its old name",
  widely: true,
  configuration: (_ground, places) => `server: { require_auth: true }
jwt: { previous_secret_key_file: ${places.at("previous-secret")} }
providers: { echo: {} }
`,
  environment: ({ secrets: { jwt, stray } }) => ({
    VIBECTL_JWT_SECRET_KEY: jwt.oldVariable,
    VIBECTL_SERVER_JWT_SECRET: stray,
    VIBECTL_SERVER_API_KEY: stray,
  }),
};

/** A key pair instead of a secret. */
export const keyPair: World = {
  name: "a key pair",
  widely: true,
  configuration: ({ secrets: { anthropic } }, places) => `server: { require_auth: true }
jwt: { algorithm: ES256, private_key_file: ${places.at("signing.pem")} }
providers: { anthropic: { key: ${anthropic.file} } }
`,
  environment: ({ secrets: { openai } }) => ({ OPENAI_API_KEY: openai.variable }),
};

/** Passwords in addresses, of which nothing answers. */
export const inAddresses: World = {
  name: "passwords in addresses",
  widely: true,
  configuration: ({ secrets: { local, team } }) => `server: { require_auth: true }
jwt: { algorithm: ES256, jwks_url: "http://user:${local.password}@127.0.0.1:9/keys?token=${local.parameter}" }
providers:
  local: { type: openai-compatible, base_url: "http://user:${local.password}@127.0.0.1:9/v1?api_key=${local.parameter}" }
  ollama: {}
  anthropic: { proxy: "HTTP://user:${team.proxy}@127.0.0.1:9", keys: { a: { key: ${team.main} } } }
`,
  environment: ({ secrets: { local, team } }) => ({
    OLLAMA_HOST: `http://user:${local.password}@127.0.0.1:9`,
    VIBECTL_SERVER_PROVIDERS_OLLAMA_PROXY: `http://user:${team.proxy}@127.0.0.1:9`,
    HTTPS_PROXY: `http://user:${team.proxy}@127.0.0.1:9`,
  }),
};
