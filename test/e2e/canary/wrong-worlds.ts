import type { World } from "./ground.ts";
import type { Secrets } from "./secrets.ts";
import { inAddresses, inFiles, inVariables, keyPair, underOldName } from "./worlds.ts";
import { wrongFiles } from "./wrong-files.ts";

const conflict: World = {
  name: "variables that differ",
  widely: true,
  configuration: inVariables.configuration,
  environment: (ground, places) => ({
    ...inVariables.environment(ground, places),
    VIBECTL_JWT_SECRET_KEY: ground.secrets.jwt.oldVariable,
    VIBECTL_SERVER_PROVIDERS_ANTHROPIC_KEY: ground.secrets.anthropic.variable,
  }),
};

const wrongVariables: World = {
  name: "secrets in variables of other keys",
  widely: true,
  configuration: () => "providers: { echo: {} }\n",
  environment: ({ secrets: { jwt, anthropic, team, passphrases, tokens, stray } }) => ({
    VIBECTL_SERVER_SERVER_PORT: jwt.file,
    VIBECTL_SERVER_SERVER_LOG_LEVEL: anthropic.file,
    VIBECTL_SERVER_SERVER_REQUIRE_AUTH: tokens.valid,
    VIBECTL_SERVER_PROVIDERS_LOCAL_TYPE: anthropic.file,
    VIBECTL_SERVER_PROVIDERS_LOCAL_MODELS: `[${anthropic.file}`,
    VIBECTL_SERVER_PROVIDERS_LOCAL_BASE_URL: anthropic.file,
    VIBECTL_SERVER_PROVIDERS_LOCAL_KEYS: `{ ${team.main} }`,
    VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS_MAIN_WEIGHT: `[${team.main}`,
    VIBECTL_SERVER_PROVIDERS_LOCAL_HEADERS: `x-team: ${team.header}: ${team.header}`,
    VIBECTL_SERVER_PROVIDERS_LOCAL_PROXY: `socks5://user:${team.proxy}@127.0.0.1`,
    VIBECTL_SERVER_PROVIDERS_LOCAL_TIMEOUTS_CALL_SECONDS: team.main,
    VIBECTL_SERVER_MODEL_ROUTES: `{ fast: [${team.main}, [${team.main}]] }`,
    VIBECTL_SERVER_JWT_SECRET: stray,
    VIBECTL_TLS_ENABLED: passphrases.tls,
    VIBECTL_TLS_CLIENT_AUTH: passphrases.tls,
    VIBECTL_JWT_ALGORITHM: jwt.file,
    VIBECTL_JWT_EXPIRATION_DAYS: jwt.file,
    VIBECTL_JWT_JWKS_URL: jwt.file,
  }),
};

/** A world in which a secret stands where the name of its file belongs. */
function misnamed(
  name: string,
  configuration: (secrets: Secrets) => string,
  environment: (secrets: Secrets) => Record<string, string>,
): World {
  return {
    name,
    widely: false,
    configuration: ({ secrets }) => `server: { require_auth: true }\n${configuration(secrets)}`,
    environment: ({ secrets }) => environment(secrets),
  };
}

const none = () => ({});

/** A provider with a secret where none belongs. */
const openai = (entry: string) => `providers: { openai: { ${entry} } }\n`;

const misnamedWorlds: readonly World[] = [
  misnamed(
    "a key as the name of its file",
    ({ anthropic }) => `providers: { anthropic: { key_file: ${anthropic.keyFile} } }\n`,
    none,
  ),
  misnamed(
    "a key as the name of its file, in a variable",
    () => "",
    ({ openai }) => ({ VIBECTL_OPENAI_API_KEY_FILE: openai.keyFile }),
  ),
  misnamed("the secret as the name of its file", ({ jwt }) => `jwt: { secret_key_file: ${jwt.keyFile} }\n`, none),
  misnamed(
    "the secret as the name of its file, in a variable",
    () => "",
    ({ jwt, passphrases }) => ({
      VIBECTL_JWT_SECRET_FILE: jwt.keyFile,
      VIBECTL_CA_PASSPHRASE_FILE: passphrases.ca,
    }),
  ),
  misnamed(
    "the secret of before as the name of its file",
    ({ jwt }) => `jwt: { previous_secret_key_file: ${jwt.previousFile} }\n`,
    none,
  ),
  misnamed(
    "a private key as the name of its file",
    ({ jwt }) => `jwt: { algorithm: ES256, private_key_file: ${JSON.stringify(jwt.privateKey)} }\n`,
    none,
  ),
  misnamed(
    "a private key as the name of a public key's file",
    ({ jwt }) => `jwt: { algorithm: ES256, public_key_file: ${JSON.stringify(jwt.privateKey)} }\n`,
    none,
  ),
  misnamed(
    "a private key as the secret",
    ({ jwt }) => `jwt: { secret_key: ${JSON.stringify(jwt.privateKey)} }\n`,
    none,
  ),
  misnamed(
    "a private key as the TLS files",
    ({ jwt }) => `tls: { client_ca_file: ${JSON.stringify(jwt.privateKey)} }\n`,
    ({ jwt }) => ({
      VIBECTL_TLS_ENABLED: "true",
      VIBECTL_TLS_CERT_FILE: jwt.privateKey,
      VIBECTL_TLS_KEY_FILE: jwt.privateKey,
    }),
  ),
  misnamed(
    "a passphrase as the name of its file",
    ({ passphrases }) => `tls: { key_passphrase_file: ${passphrases.tls} }\n`,
    () => ({ VIBECTL_TLS_ENABLED: "true" }),
  ),
  misnamed(
    "one of several keys as the name of its file",
    ({ team }) => openai(`keys: { main: { key_file: ${team.main} } }`),
    none,
  ),
  misnamed("one of several keys of two words", ({ team }) => openai(`keys: { main: { key: ${team.main} x } }`), none),
  misnamed(
    "a header as the name of the file of CAs",
    ({ team }) => openai(`key: ${team.main}, ca_file: ${team.header}`),
    none,
  ),
  misnamed(
    "the file of a key as that of CAs",
    ({ team }) => openai(`key: ${team.main}, ca_file: ~/team-key, headers: { x-team: ${team.header} }`),
    none,
  ),
  misnamed("a secret that is too short", ({ jwt }) => `jwt: { secret_key: ${jwt.file.slice(0, 24)} }\n`, none),
  misnamed("a key of two words", ({ anthropic }) => `providers: { anthropic: { key: ${anthropic.file} x } }\n`, none),
  misnamed("a token as the secret's file", ({ tokens }) => `jwt: { secret_key_file: ${tokens.valid} }\n`, none),
];

const wrongFileWorlds = wrongFiles.map(
  ({ name, text }): World => ({
    name,
    widely: false,
    configuration: ({ secrets }) => text(secrets),
    environment: none,
  }),
);

/** Every world but the first, which good runs are made in. */
export const otherWorlds: readonly World[] = [
  inFiles,
  underOldName,
  keyPair,
  inAddresses,
  conflict,
  wrongVariables,
  ...misnamedWorlds,
  ...wrongFileWorlds,
];
