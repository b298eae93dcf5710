import type { Algorithm } from "../../auth/algorithms.ts";
import type { TokenClaims } from "../../auth/claims.ts";
import { describeUrl } from "../../auth/key-fetch.ts";
import type { Secret } from "../../auth/secret.ts";
import type { SigningSettings } from "../../auth/token-issuer.ts";
import { TokenStore } from "../../auth/token-store.ts";
import { createTokenVerifier } from "../../auth/token-verifier.ts";
import { type LoadedConfiguration, loadConfiguration } from "../../config/load.ts";
import { type Environment, type Paths, resolvePaths } from "../../config/paths.ts";
import type { Configuration } from "../../config/schema.ts";
import { ConfigurationError, messageOf } from "../../errors.ts";
import { loadTokenRules, stateDirectory } from "../../server/tokens.ts";
import type { ConfigFlag } from "../config/config-file.ts";
import type { Output } from "../output.ts";

/** Where issued tokens and revocations are kept. */
export interface TokenState {
  /** The folder of them. */
  stateDirectory: string;
  /** Opens the store; makes it where there is none. */
  openStore(): TokenStore;
  /** Opens the store to look at it; undefined where there is none. */
  readStore(): Promise<TokenStore | undefined>;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** What the commands about tokens work with. */
export interface TokenTools extends TokenState {
  algorithm: Algorithm;
  /** Undefined where this server only checks tokens, which somebody else issues. */
  signing: SigningSettings | undefined;
  /** Why there is nothing to sign with, as a sentence without its full stop. */
  whyNoSigning: string | undefined;
  /** The secret that signs tokens; undefined where a key pair does. */
  secret: Secret | undefined;
  /**
   * Checks a token as the server does, except whether it was revoked.
   *
   * @throws UnauthenticatedError with the reason.
   */
  verify(token: string): Promise<TokenClaims>;
  /** Days until a new token expires, unless it is said otherwise. */
  expirationDays: number;
  /** Where clients find the server, as the configuration has it. */
  serverUrl: { host: string; port: number; tls: boolean };
  /** Ends what goes on in the background. */
  close(): void;
}

/** What a command works with beside its flags. */
export interface CommandContext<Tools extends TokenState = TokenTools> {
  tools: Tools;
  output: Output;
  now: Date;
}

interface Loaded {
  paths: Paths;
  loaded: LoadedConfiguration;
}

async function load({ config }: ConfigFlag, environment: Environment, { lenient = false } = {}): Promise<Loaded> {
  const paths = resolvePaths(environment);
  return { paths, loaded: await loadConfiguration({ environment, paths, file: config, lenient }) };
}

function stateOf({ paths, loaded: { configuration, warnings } }: Loaded): TokenState {
  const directory = stateDirectory(configuration, paths);
  return {
    stateDirectory: directory,
    openStore: () => TokenStore.open(directory),
    readStore: () => TokenStore.openToRead(directory),
    warnings,
  };
}

/** Where the state folder is can't be guessed: a revocation that is kept in another one would end nothing. */
function withoutState(error: ConfigurationError): ConfigurationError {
  const hint =
    "Where tokens and revocations are kept can't be known. Mend it; or name a file that holds server.state_dir alone: " +
    "--config FILE.";
  return new ConfigurationError(error.message, { hint, cause: error });
}

/**
 * Finds the store. Keys are not looked at, and unknown ones of the configuration are only warned of, so that a token can be
 * revoked when these can't be used.
 *
 * @throws ConfigurationError or FileError when the configuration can't be used.
 */
export async function loadTokenState(flags: ConfigFlag, environment: Environment = process.env): Promise<TokenState> {
  try {
    return stateOf(await load(flags, environment, { lenient: true }));
  } catch (error) {
    throw error instanceof ConfigurationError ? withoutState(error) : error;
  }
}

function whyNoSigning({ jwks_url: url, public_key_file: file }: Configuration["jwt"]): string {
  const place = url
    ? `whose keys are at ${describeUrl(new URL(url))} (jwt.jwks_url)`
    : `whose public key is in ${file} (jwt.public_key_file)`;
  return `Tokens are issued by somebody else, ${place}; this server only checks them`;
}

/**
 * Loads what signs and checks tokens; makes a secret when there is none.
 *
 * @throws ConfigurationError or FileError when the configuration or a key can't be used.
 */
export async function loadTokenTools(flags: ConfigFlag, environment: Environment = process.env): Promise<TokenTools> {
  const found = await load(flags, environment);
  const problems: string[] = [];
  const { algorithm, keys, signing, secret, claims, warnings, close } = await loadTokenRules({
    ...found,
    mayGenerate: true,
    now: new Date(),
    onProblem: (error) => void problems.push(messageOf(error)),
  });
  const { jwt, server } = found.loaded.configuration;
  const state = stateOf(found);
  return {
    ...state,
    algorithm,
    signing,
    whyNoSigning: signing ? undefined : whyNoSigning(jwt),
    secret,
    verify: createTokenVerifier({ keys, ...claims }),
    expirationDays: jwt.expiration_days,
    serverUrl: { host: server.host, port: server.port, tls: server.use_tls },
    warnings: [...state.warnings, ...warnings, ...problems],
    close,
  };
}

/** Does something with what signs and checks tokens, and lets go of it. */
export async function withTokenTools(flags: ConfigFlag, action: (tools: TokenTools) => Promise<void>): Promise<void> {
  const tools = await loadTokenTools(flags);
  try {
    await action(tools);
  } finally {
    tools.close();
  }
}
