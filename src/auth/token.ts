import { errors, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { ConfigurationError, UnauthenticatedError } from "../errors.ts";
import type { HmacAlgorithm } from "./secret.ts";

/** How tokens are signed and checked. */
export interface TokenSettings {
  secret: Uint8Array;
  algorithm: HmacAlgorithm;
  /** The `iss` claim (RFC 7519, section 4.1.1). */
  issuer: string;
}

/** What a token says of its bearer. */
export interface TokenClaims {
  /** The `sub` claim (RFC 7519, section 4.1.2). */
  subject: string;
  /** The `jti` claim (RFC 7519, section 4.1.7). */
  id: string | undefined;
  expiresAt: Date;
}

/** A token and what it says. */
export interface IssuedToken extends TokenClaims {
  token: string;
}

/** Seconds that clocks of this server and an issuer may differ. */
const clockTolerance = 30;

/** Most tokens that are remembered as good. */
const rememberedTokens = 10_000;

/** Largest token that is looked at, in characters. */
const longestToken = 8192;

/**
 * Issues a token.
 *
 * @param subject - Who will bear it: 1 to 256 printable characters.
 * @param lifetimeSeconds - Seconds until it expires.
 * @param settings - How it is signed.
 * @param now - The time of issue.
 * @throws ConfigurationError when the subject can't be one.
 */
export async function issueToken(
  subject: string,
  lifetimeSeconds: number,
  settings: TokenSettings,
  now = new Date(),
): Promise<IssuedToken> {
  if (!/^[\p{L}\p{N}\p{P}\p{S} ]{1,256}$/u.test(subject) || subject.trim() !== subject) {
    throw new ConfigurationError(`${JSON.stringify(subject)} can't be a token's subject`, {
      hint: "Use 1 to 256 printable characters, such as a user or host name.",
    });
  }
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expiresAt = issuedAt + Math.max(1, Math.floor(lifetimeSeconds));
  const id = crypto.randomUUID();
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: settings.algorithm, typ: "JWT" })
    .setSubject(subject)
    .setIssuer(settings.issuer)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(id)
    .sign(settings.secret);
  return { token, subject, id, expiresAt: new Date(expiresAt * 1000) };
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim "${error.claim}" is not accepted`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is not this server's";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token's algorithm is not the one that this server uses";
  if (error instanceof errors.JOSEError) return `the token is malformed (${error.code})`;
  return "the token can't be checked";
}

async function check(token: string, key: CryptoKey, settings: TokenSettings, now: Date): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [settings.algorithm],
      issuer: settings.issuer,
      requiredClaims: ["sub", "exp"],
      clockTolerance,
      currentDate: now,
    });
    const { sub, jti, exp } = payload;
    if (typeof sub !== "string" || sub === "") throw new UnauthenticatedError('the token\'s claim "sub" is no name');
    return { subject: sub, id: typeof jti === "string" ? jti : undefined, expiresAt: new Date((exp ?? 0) * 1000) };
  } catch (error) {
    if (error instanceof UnauthenticatedError) throw error;
    throw new UnauthenticatedError(explain(error), { cause: error });
  }
}

/**
 * Makes the function that checks tokens. A token whose signature was found good is remembered by its hash until it
 * expires: checking costs 60 µs, remembering 1.
 *
 * @param settings - How they were signed.
 * @param clock - Tells the time.
 * @returns A function that gives a token's claims, or throws UnauthenticatedError with the reason for the log.
 */
export function createTokenVerifier(
  settings: TokenSettings,
  clock: () => Date = () => new Date(),
): (token: string) => Promise<TokenClaims> {
  const hash = settings.algorithm.replace("HS", "SHA-");
  const secret = Uint8Array.from(settings.secret);
  const imported = crypto.subtle.importKey("raw", secret, { name: "HMAC", hash }, false, ["verify"]);
  const accepted = new LRUCache<string, TokenClaims>({ max: rememberedTokens });
  return async (token) => {
    if (token.length > longestToken) {
      throw new UnauthenticatedError(`the token has ${token.length} characters; ${longestToken} are allowed`);
    }
    const now = clock();
    const digest = new Bun.CryptoHasher("sha256").update(token).digest("base64");
    const known = accepted.get(digest);
    if (known && now.getTime() < known.expiresAt.getTime() + clockTolerance * 1000) return known;
    const claims = await check(token, await imported, settings, now);
    accepted.set(digest, claims);
    return claims;
  };
}
