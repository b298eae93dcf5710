import { join } from "node:path";
import { type Algorithm, isHmac, type KeyAlgorithm } from "../auth/algorithms.ts";
import type { ClaimNames } from "../auth/claims.ts";
import { describeUrl } from "../auth/key-fetch.ts";
import { loadKeyFiles } from "../auth/key-files.ts";
import { type SigningKey, secretKeys, type VerificationKeys } from "../auth/keys.ts";
import type { NamedFile } from "../auth/named-file.ts";
import { previousFileOf } from "../auth/previous-secret.ts";
import type { ClaimRules } from "../auth/read-claims.ts";
import { RemoteKeys } from "../auth/remote-keys.ts";
import { resolveSecret, type Secret, type SecretValue } from "../auth/secret.ts";
import type { SigningSettings } from "../auth/token-issuer.ts";
import type { LoadedConfiguration } from "../config/load.ts";
import { settingName } from "../config/override.ts";
import type { Paths } from "../config/paths.ts";
import type { Configuration } from "../config/schema.ts";
import { ConfigurationError, FileError } from "../errors.ts";
import { writeFileAtomically } from "../safe-file.ts";

/** What keys are loaded from. */
export interface TokenOptions {
  loaded: Pick<LoadedConfiguration, "configuration" | "originOf">;
  paths: Paths;
  now: Date;
  /** The rules in force: an issuer's keys go on where they come from the same place. */
  before?: TokenRules | undefined;
  /** Whether a secret is made where there is none; of a server that runs, the file may just be gone. */
  mayGenerate: boolean;
  /** Told of what goes wrong with an issuer's keys while they are used. */
  onProblem(error: unknown): void;
}

/** How tokens are signed and checked on this machine. */
export interface TokenRules {
  algorithm: Algorithm;
  keys: VerificationKeys;
  /** Undefined where another issuer's tokens are only checked. */
  signing: SigningSettings | undefined;
  /** Undefined unless the algorithm shares a secret. */
  secret: Secret | undefined;
  claims: ClaimRules;
  /** Where the key that checks tokens comes from, for a person. */
  source: string;
  warnings: readonly string[];
  /** The keys of an issuer that publishes them, and where; undefined where they are in files. */
  published: { url: string; keys: RemoteKeys } | undefined;
  /** Ends what goes on in the background; not where the same published keys go on in other rules. */
  close(): void;
}

/** The folder for what the server remembers. */
export function stateDirectory({ server }: Pick<Configuration, "server">, paths: Paths): string {
  return server.state_dir ?? paths.state;
}

/** The files whose change can mean other keys. */
export function tokenFiles({ jwt }: Pick<Configuration, "jwt">, paths: Paths): string[] {
  const { secret_key: given, previous_secret_key_file: previous, private_key_file, public_key_file } = jwt;
  if (!isHmac(jwt.algorithm)) return [private_key_file, public_key_file].flatMap((file) => file ?? []);
  const file = given ? undefined : (jwt.secret_key_file ?? paths.jwtSecret);
  return [...(file ? [file, previousFileOf(file)] : []), ...(previous ? [previous] : [])];
}

type OriginOf = LoadedConfiguration["originOf"];

function namedFile(jwt: Configuration["jwt"], name: KeyFile, originOf: OriginOf): NamedFile | undefined {
  const file = jwt[name];
  return file ? { file, source: settingName(["jwt", name], originOf) } : undefined;
}

type KeyFile = "secret_key_file" | "previous_secret_key_file" | "private_key_file" | "public_key_file";

function givenSecret(
  jwt: Configuration["jwt"],
  name: "secret_key" | "previous_secret_key",
  originOf: OriginOf,
): SecretValue | undefined {
  const text = jwt[name];
  return text ? { text, source: settingName(["jwt", name], originOf) } : undefined;
}

interface Keys extends Pick<TokenRules, "keys" | "secret" | "source" | "warnings" | "published"> {
  signingKey: SigningKey | undefined;
}

async function fromSecret(options: TokenOptions): Promise<Keys> {
  const { configuration, originOf } = options.loaded;
  const { jwt } = configuration;
  const { algorithm } = jwt;
  if (!isHmac(algorithm)) throw new TypeError(`${algorithm} has no secret`);
  const secret = await resolveSecret({
    key: givenSecret(jwt, "secret_key", originOf),
    keyFile: namedFile(jwt, "secret_key_file", originOf),
    previousKey: givenSecret(jwt, "previous_secret_key", originOf),
    previousKeyFile: namedFile(jwt, "previous_secret_key_file", originOf),
    algorithm,
    generatedFile: options.paths.jwtSecret,
    now: options.now,
    save: async (file, text) => {
      if (options.mayGenerate) return await writeFileAtomically(file, text, { mode: 0o600, clobber: false });
      throw new FileError(`The secret in ${file} is gone`, { hint: "Put it back: no token is valid without it." });
    },
  });
  const { signing, verification } = await secretKeys(secret, algorithm);
  return {
    keys: verification,
    signingKey: signing,
    secret,
    source: `secret from ${secret.source}`,
    warnings: secret.warnings,
    published: undefined,
  };
}

async function openPublished(url: string, algorithm: KeyAlgorithm, options: TokenOptions): Promise<RemoteKeys> {
  const { loaded, paths, now, before, onProblem } = options;
  const known = before?.published;
  // While the issuer is away, keys that were loaded anew could be none.
  if (known?.url === url && before?.algorithm === algorithm) return known.keys;
  return await RemoteKeys.open(
    {
      url,
      source: settingName(["jwt", "jwks_url"], loaded.originOf),
      algorithm,
      cacheFile: join(stateDirectory(loaded.configuration, paths), "jwks.json"),
      onProblem,
    },
    now,
  );
}

async function fromUrl(url: string, algorithm: KeyAlgorithm, options: TokenOptions): Promise<Keys> {
  const keys = await openPublished(url, algorithm, options);
  await keys.refresh(options.now);
  return {
    keys,
    signingKey: undefined,
    secret: undefined,
    source: `keys from ${describeUrl(new URL(url))}`,
    warnings: [],
    published: { url, keys },
  };
}

async function fromFiles(algorithm: KeyAlgorithm, { loaded }: TokenOptions): Promise<Keys> {
  const { jwt, tls } = loaded.configuration;
  const privateKeyFile = namedFile(jwt, "private_key_file", loaded.originOf);
  const publicKeyFile = namedFile(jwt, "public_key_file", loaded.originOf);
  const { signing, verification, warnings } = await loadKeyFiles({
    algorithm,
    privateKeyFile,
    publicKeyFile,
    allowLoosePermissions: tls.allow_loose_permissions,
  });
  if (!verification) throw new ConfigurationError(`jwt.algorithm is ${algorithm}, and there is no key for it`);
  return {
    keys: verification,
    signingKey: signing,
    secret: undefined,
    source: `key from ${(publicKeyFile ?? privateKeyFile)?.file}`,
    warnings,
    published: undefined,
  };
}

async function loadKeys(options: TokenOptions): Promise<Keys> {
  const { algorithm, jwks_url: url } = options.loaded.configuration.jwt;
  if (isHmac(algorithm)) return await fromSecret(options);
  return url ? await fromUrl(url, algorithm, options) : await fromFiles(algorithm, options);
}

/** `none` stands for a claim that is not looked at. */
function claimNames({ subject_claim, scope_claim, models_claim, limits_claim }: Configuration["jwt"]): ClaimNames {
  const optional = (name: string) => (name === "none" ? undefined : name);
  return {
    subject: subject_claim,
    scope: optional(scope_claim),
    models: optional(models_claim),
    limits: optional(limits_claim),
  };
}

/**
 * Finds what signs and checks tokens, and makes a secret when there is none.
 *
 * @throws ConfigurationError or FileError when a secret or key can't be used, read or written.
 */
export async function loadTokenRules(options: TokenOptions): Promise<TokenRules> {
  const { jwt } = options.loaded.configuration;
  const { signingKey, ...keys } = await loadKeys(options);
  const { issuer, audience } = jwt;
  const names = claimNames(jwt);
  return {
    ...keys,
    algorithm: jwt.algorithm,
    signing: signingKey && { key: signingKey, issuer, audience, claimNames: names },
    close: () => keys.published?.keys.close(),
    claims: { issuer, audience, leewaySeconds: jwt.leeway_seconds, claimNames: names },
  };
}
