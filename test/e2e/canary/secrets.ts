import { generateKeyPairSync } from "node:crypto";
import { type HostileContext, seal } from "../../unit/auth/hostile/forge.ts";
import type { Canaries } from "./canaries.ts";

/** A secret of each kind, for each place that it can be in. */
export type Secrets = ReturnType<typeof makeSecrets>;

/** A private key that signs tokens, in PEM. */
function signingKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** What the servers of the tests ask of tokens. */
export const audience = "vibectl-clients";

/** What hostile tokens are made for: a server that has this secret. */
export function hostileContext(secret: string): HostileContext {
  return { secret, issuer: "vibectl-server", audience, now: new Date(), leewaySeconds: 30 };
}

function makeTokens(canaries: Canaries, secret: string, foreign: string) {
  const context = hostileContext(secret);
  const past = Math.floor(Date.now() / 1000) - 3600;
  const claims = { exp: past + 7200, sub: "alice" };
  return {
    valid: canaries.token("a valid token", seal(context, { ...claims, jti: crypto.randomUUID() })),
    expired: canaries.token("an expired token", seal(context, { iat: past - 60, exp: past, jti: crypto.randomUUID() })),
    forged: canaries.token("a forged token", seal({ ...context, secret: foreign }, claims)),
    inVariable: canaries.token("VIBECTL_JWT_TOKEN", seal(context, { ...claims, jti: crypto.randomUUID() })),
    revoked: canaries.token("a revoked token", seal(context, { sub: "mallory", jti: crypto.randomUUID() })),
  };
}

/** Makes all secrets. */
export function makeSecrets(canaries: Canaries) {
  const of = (place: string, prefix?: string) => canaries.make(place, "configured", prefix);
  const other = (place: string) => canaries.make(place, "secret");
  const jwt = {
    variable: of("VIBECTL_JWT_SECRET"),
    oldVariable: of("VIBECTL_JWT_SECRET_KEY"),
    file: of("jwt.secret_key"),
    keyFile: other("the file of jwt.secret_key_file"),
    previousVariable: of("VIBECTL_JWT_PREVIOUS_SECRET"),
    previousKey: of("jwt.previous_secret_key"),
    previousFile: other("the file of jwt.previous_secret_key_file"),
    replaced: other("a secret's file of before, ….previous"),
    foreign: other("the secret of another server"),
    privateKey: canaries.pem("the file of jwt.private_key_file", signingKey()),
  };
  return {
    jwt,
    anthropic: {
      file: of("providers.anthropic.key", "sk-ant-api03-"),
      keyFile: canaries.make("the file of providers.anthropic.key_file", "secret", "sk-ant-api03-"),
      variable: of("ANTHROPIC_API_KEY", "sk-ant-api03-"),
      own: of("VIBECTL_ANTHROPIC_API_KEY", "sk-ant-api03-"),
    },
    openai: {
      file: of("providers.openai.key", "sk-proj-"),
      keyFile: canaries.make("the file of VIBECTL_OPENAI_API_KEY_FILE", "secret", "sk-proj-"),
      variable: of("OPENAI_API_KEY", "sk-proj-"),
    },
    google: { variable: of("GEMINI_API_KEY", "AIza") },
    local: {
      own: of("VIBECTL_LOCAL_API_KEY"),
      key: of("VIBECTL_SERVER_PROVIDERS_OTHER_KEY"),
      password: of("the password in a base_url"),
      parameter: of("a parameter of a base_url"),
    },
    team: {
      main: of("providers.team.keys.main.key", "sk-proj-"),
      spareFile: canaries.make("the file of providers.team.keys.spare.key_file", "secret", "sk-proj-"),
      third: of("VIBECTL_SERVER_PROVIDERS_TEAM_KEYS_THIRD_KEY"),
      header: of("a header of a provider"),
      proxy: of("the password of a proxy"),
    },
    passphrases: {
      tls: other("the passphrase of the TLS key"),
      ca: other("VIBECTL_CA_PASSPHRASE"),
      wrong: other("a wrong passphrase"),
    },
    stray: of("a variable that sets nothing"),
    piped: canaries.make("a secret that is piped into config set", "secret", "sk-ant-api03-"),
    tokens: makeTokens(canaries, jwt.variable, jwt.foreign),
  };
}
