import type { TokenClaims } from "../auth/claims.ts";
import { RevocationList } from "../auth/revocation-list.ts";
import { createTokenVerifier } from "../auth/token-verifier.ts";
import type { LoadedConfiguration } from "../config/load.ts";
import type { Paths } from "../config/paths.ts";
import { UnauthenticatedError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { type CertificateChoice, chooseCertificate } from "./certificate-source.ts";
import { type LoadedModels, loadModels } from "./models.ts";
import { loadTls, type ServedTls } from "./tls.ts";
import { loadTokenRules, stateDirectory, type TokenRules } from "./tokens.ts";

/** What parts are built with. */
export interface PartsContext {
  paths: Paths;
  logger: Logger;
  /** Which certificate is served, where TLS is. */
  certificate: CertificateChoice;
}

/** How tokens are checked at each call. */
export interface TokenCheck {
  rules: TokenRules;
  revocations: RevocationList;
  /** @throws UnauthenticatedError with the reason, for the log. */
  verify(token: string): Promise<TokenClaims>;
}

/** What a server is made of, of one configuration. */
export interface Parts {
  loaded: LoadedConfiguration;
  models: LoadedModels;
  /** Undefined where calls need no token. */
  tokens: TokenCheck | undefined;
  tls: ServedTls | undefined;
}

/** What goes on where tokens were checked before. */
export interface TokensBefore {
  revocations: RevocationList | undefined;
  rules: TokenRules | undefined;
}

/**
 * Loads what checks tokens.
 *
 * @param before - What is known of the same server's; nothing at its start.
 * @returns Undefined where calls need no token.
 * @throws ConfigurationError or FileError when a secret, a key or the list can't be used.
 */
export async function loadTokens(
  loaded: LoadedConfiguration,
  { paths, logger }: PartsContext,
  before: TokensBefore,
): Promise<TokenCheck | undefined> {
  if (!loaded.configuration.server.require_auth) return undefined;
  const rules = await loadTokenRules({
    loaded,
    paths,
    now: new Date(),
    before: before.rules,
    mayGenerate: before.revocations === undefined,
    onProblem: (err) =>
      logger.error({ err }, "the keys of the tokens' issuer can't be had: those of before stay in use"),
  });
  const revocations =
    before.revocations ??
    RevocationList.open(stateDirectory(loaded.configuration, paths), {
      onProblem: (err) => logger.error({ err }, "revocations can't be read: those that are known stay in force"),
    });
  const check = createTokenVerifier({ ...rules.claims, keys: rules.keys }, () => new Date());
  // Whoever else issues tokens has another clock than the one by which their subjects are revoked here.
  const slackSeconds = rules.signing ? 0 : rules.claims.leewaySeconds;
  const verify = async (token: string) => {
    const claims = await check(token);
    const objection = revocations.objectionTo(claims, slackSeconds);
    if (objection !== undefined) throw new UnauthenticatedError(objection);
    return claims;
  };
  return { rules, revocations, verify };
}

/**
 * Loads what TLS is served with.
 *
 * @throws CertificateError, FileError or ConfigurationError when it can't be used.
 */
export async function loadServedTls(
  { configuration }: LoadedConfiguration,
  { paths, logger, certificate: choice }: PartsContext,
): Promise<ServedTls | undefined> {
  const { server, tls } = configuration;
  return server.use_tls ? await loadTls(chooseCertificate({ server, tls, paths, choice }), tls, logger) : undefined;
}

/**
 * Builds every part that a configuration asks for.
 *
 * @throws VibectlError of the part that can't be built.
 */
export async function buildParts(loaded: LoadedConfiguration, context: PartsContext): Promise<Parts> {
  const tls = await loadServedTls(loaded, context);
  const tokens = await loadTokens(loaded, context, { revocations: undefined, rules: undefined });
  return { loaded, tls, tokens, models: await loadModels(loaded, context.logger) };
}
