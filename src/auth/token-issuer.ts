import { SignJWT } from "jose";
import { ConfigurationError } from "../errors.ts";
import { checkClaimNames, withClaim } from "./claim-path.ts";
import { type ClaimNames, lastSecond, type Scope, type TokenClaims, type TokenLimits } from "./claims.ts";
import { isLimit, limitsClaim, objectionToModels } from "./grants.ts";
import type { JsonObject } from "./json-text.ts";
import type { SigningKey } from "./keys.ts";
import { defaultScopes, orderScopes } from "./scopes.ts";
import { shown } from "./shown-text.ts";
import { objectionToSubject } from "./subject.ts";
import { longestToken } from "./token-text.ts";

/** How tokens are signed. */
export interface SigningSettings {
  key: SigningKey;
  /** The `iss` claim (RFC 7519, section 4.1.1). */
  issuer: string;
  /** The `aud` claim (RFC 7519, section 4.1.3); none when it is empty. */
  audience: readonly string[];
  claimNames: ClaimNames;
}

/** What a token is to say. */
export interface TokenRequest {
  /** Who will bear it: 1 to 256 characters that can be seen. */
  subject: string;
  /** Seconds until it expires. */
  lifetimeSeconds: number;
  /** `info` and `execute` when left out. */
  scopes?: readonly Scope[] | undefined;
  /** Patterns of models; every model when left out. */
  models?: readonly string[] | undefined;
  limits?: TokenLimits | undefined;
  /** Earliest time of issue that it may name; used where it is later than now. */
  issuedNotBefore?: Date | undefined;
}

/** A token and what it says. */
export interface IssuedToken extends TokenClaims {
  token: string;
}

function checkRequest({ subject, lifetimeSeconds, scopes, models, limits = {} }: TokenRequest): void {
  const objection = objectionToSubject(subject);
  if (objection !== undefined) {
    throw new ConfigurationError(`${shown(subject)} can't be a token's subject: it ${objection}`, {
      hint: "Use 1 to 256 printable characters, such as a user or host name.",
    });
  }
  if (!Number.isFinite(lifetimeSeconds) || lifetimeSeconds <= 0) {
    throw new ConfigurationError(`A token can't be valid for ${lifetimeSeconds} seconds`, {
      hint: "Give it a positive lifetime.",
    });
  }
  if (scopes?.length === 0) {
    throw new ConfigurationError("A token without a scope is good for nothing", {
      hint: "Give it execute, info or admin.",
    });
  }
  const problem = models && objectionToModels(models);
  if (problem !== undefined) {
    throw new ConfigurationError(`The token ${problem}`, { hint: "Use fewer or shorter patterns, such as openai/*." });
  }
  const wrong = Object.values(limits).find((limit) => limit !== undefined && !isLimit(limit));
  if (wrong !== undefined) {
    throw new ConfigurationError(`${wrong} can't be a limit of a token`, { hint: "Use positive whole numbers." });
  }
}

function times({ lifetimeSeconds, issuedNotBefore }: TokenRequest, now: Date): { iat: number; exp: number } {
  const earliest = issuedNotBefore ? Math.ceil(issuedNotBefore.getTime() / 1000) : 0;
  const iat = Math.max(Math.floor(now.getTime() / 1000), earliest);
  const exp = iat + Math.max(1, Math.floor(lifetimeSeconds));
  if (exp > lastSecond) {
    throw new ConfigurationError(
      `A token can't be valid for ${lifetimeSeconds} seconds: it would outlast the year 9999`,
      {
        hint: "Give it a shorter lifetime.",
      },
    );
  }
  return { iat, exp };
}

/** Adds a claim that says what the bearer may do. */
function withGrant(payload: JsonObject, what: string, name: string | undefined, value: unknown): JsonObject {
  if (value === undefined) return payload;
  if (name !== undefined) return withClaim(payload, name, value);
  throw new ConfigurationError(`A token can't hold ${what}: no claim is mapped to it`, {
    hint: "Map a claim to it in the configuration, or leave it out.",
  });
}

/**
 * Issues a token (RFC 7519).
 *
 * @param request - What it is to say.
 * @param settings - How it is signed.
 * @param now - The time of issue.
 * @throws ConfigurationError when a token can't say that, or could be of no use.
 */
export async function issueToken(
  request: TokenRequest,
  settings: SigningSettings,
  now: Date = new Date(),
): Promise<IssuedToken> {
  checkRequest(request);
  const { key, issuer, audience, claimNames } = settings;
  checkClaimNames(claimNames);
  const { subject, models, limits = {} } = request;
  const { iat, exp } = times(request, now);
  const id = crypto.randomUUID();
  const scopes = request.scopes && orderScopes(request.scopes);
  let payload = withClaim({ iss: issuer, iat, exp, jti: id }, claimNames.subject, subject);
  if (audience.length > 0) payload = { ...payload, aud: audience.length === 1 ? audience[0] : audience };
  payload = withGrant(payload, "scopes", claimNames.scope, scopes?.join(" "));
  payload = withGrant(payload, "models", claimNames.models, models);
  payload = withGrant(payload, "limits", claimNames.limits, limitsClaim(limits));
  const header = { alg: key.algorithm, typ: "JWT", ...(key.kid === undefined ? {} : { kid: key.kid }) };
  const token = await new SignJWT({ ...payload }).setProtectedHeader(header).sign(key.key);
  if (token.length > longestToken) {
    throw new ConfigurationError(`The token would have ${token.length} characters; servers take ${longestToken}`, {
      hint: "Use fewer or shorter patterns of models.",
    });
  }
  return {
    token,
    subject,
    id,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    scopes: scopes ?? defaultScopes,
    models,
    limits,
  };
}
