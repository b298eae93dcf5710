import { lstat } from "node:fs/promises";
import { isHmac, type KeyAlgorithm } from "../../auth/algorithms.ts";
import { describeUrl, fetchKeys, parseKeysUrl } from "../../auth/key-fetch.ts";
import { parseKeySet } from "../../auth/key-set.ts";
import type { Secret } from "../../auth/secret.ts";
import { formatTime } from "../../time.ts";
import { loadTokenRules } from "../tokens.ts";
import type { LoadedContext } from "./context.ts";
import { counted } from "./counted.ts";
import { type Finding, failed, failureOf, ok, okUnless, skipped, warning } from "./finding.ts";
import { canMake, placesHint } from "./nearest-folder.ts";
import { unlessAbsent } from "./unless-absent.ts";

/** Milliseconds until an issuer has to have answered. */
const timeoutMs = 5000;

function describePrevious({ previous }: Secret): string[] {
  if (!previous) return [];
  const end = previous.until ? `until ${formatTime(previous.until)}` : "as long as it is configured";
  return [`Tokens of the secret before it, from ${previous.source}, are accepted ${end}`];
}

async function remoteKeys(url: string, algorithm: KeyAlgorithm, { online }: LoadedContext): Promise<Finding> {
  // Not by way of the server's own loading, which keeps what it has fetched in a file.
  const parsed = parseKeysUrl(url, "jwt.jwks_url");
  const name = describeUrl(parsed);
  if (!online) return skipped(`the keys at ${name} are fetched with --online only`);
  const text = await fetchKeys(parsed, { timeoutMs, signal: new AbortController().signal });
  const { keys } = await parseKeySet(text, "The JWK Set of jwt.jwks_url", algorithm);
  return ok(`${counted(keys.length, "key")} for ${algorithm} at ${name}`);
}

async function localKeys(context: LoadedContext): Promise<Finding> {
  const { loaded, paths, now } = context;
  const { jwt, server } = loaded.configuration;
  if (
    isHmac(jwt.algorithm) &&
    !jwt.secret_key &&
    !jwt.secret_key_file &&
    !(await unlessAbsent(lstat(paths.jwtSecret)))
  ) {
    if (server.require_auth && !(await canMake(paths.jwtSecret))) {
      return failed(`there is no secret, and none can be made in ${paths.home}`, { hint: placesHint });
    }
    return ok(`no secret yet: one is made at the first start that needs it, in ${paths.jwtSecret}`);
  }
  const rules = await loadTokenRules({ loaded, paths, now, mayGenerate: false, onProblem: () => undefined });
  rules.close();
  const { secret, algorithm, source, signing } = rules;
  if (secret) {
    const summary = `${source}, of ${secret.bytes.length} bytes, for ${algorithm}`;
    return okUnless(rules.warnings, summary, { details: describePrevious(secret) });
  }
  const use = signing ? "signs and checks tokens" : "checks tokens; another issuer signs them";
  return okUnless(rules.warnings, `${source}, for ${algorithm}: ${use}`);
}

/**
 * Checks what signs and checks tokens. Nothing is made, and nothing is kept; a wrong secret that no call needs is a warning.
 */
export async function checkTokenKeys(context: LoadedContext): Promise<Finding[]> {
  const { server, jwt } = context.loaded.configuration;
  try {
    const remote =
      isHmac(jwt.algorithm) || !jwt.jwks_url ? undefined : remoteKeys(jwt.jwks_url, jwt.algorithm, context);
    return [await (remote ?? localKeys(context))];
  } catch (error) {
    const { outcome, summary, details, hint } = failureOf(error);
    if (server.require_auth) return [{ outcome, summary, details, hint }];
    return [warning(summary, { details: [...details, "No call needs it while authentication is off"], hint })];
  }
}
