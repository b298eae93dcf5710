import { type CryptoKey, compactVerify, errors } from "jose";
import { LRUCache } from "lru-cache";
import { UnauthenticatedError } from "../errors.ts";
import type { Algorithm } from "./algorithms.ts";
import { checkClaimNames } from "./claim-path.ts";
import type { TokenClaims } from "./claims.ts";
import type { CandidateKey, VerificationKeys } from "./keys.ts";
import { type ClaimRules, readClaims } from "./read-claims.ts";
import { checkHeader, checkSignatureLength, describeKeyOf } from "./token-header.ts";
import { longestToken, readTokenText } from "./token-text.ts";

/** How tokens are checked. */
export interface VerifierSettings extends ClaimRules {
  keys: VerificationKeys;
}

/** Most tokens that are remembered as good. */
const rememberedTokens = 10_000;

interface Accepted {
  claims: TokenClaims;
  /** Until when the key that signed it is used. */
  until: Date | undefined;
}

async function isSignedBy(token: string, key: CryptoKey, algorithm: Algorithm): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] });
    return true;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return false;
    throw new UnauthenticatedError("the token's signature can't be checked", { cause: error });
  }
}

/** Tries every key, also after one that fits: how long it takes must not tell which it was. */
async function signerOf(
  token: string,
  candidates: readonly CandidateKey[],
  algorithm: Algorithm,
): Promise<CandidateKey | undefined> {
  const fits = await Promise.all(candidates.map(({ key }) => isSignedBy(token, key, algorithm)));
  return candidates.find((_, index) => fits[index]);
}

async function check(token: string, { keys, ...rules }: VerifierSettings, now: Date): Promise<Accepted> {
  const { header, payload, signature } = readTokenText(token);
  const kid = checkHeader(header, keys.algorithm);
  checkSignatureLength(signature, keys.algorithm);
  const candidates = await keys.candidatesFor(kid, now);
  if (candidates.length === 0) {
    throw new UnauthenticatedError(`no key is known that can have signed the token${describeKeyOf(header)}`);
  }
  const signer = await signerOf(token, candidates, keys.algorithm);
  if (!signer) {
    throw new UnauthenticatedError(`the token's signature is not by a key of this server${describeKeyOf(header)}`);
  }
  if (signer.until && now.getTime() >= signer.until.getTime()) {
    const end = signer.until.toISOString();
    throw new UnauthenticatedError(`the token is signed with a key that is not accepted any more since ${end}`);
  }
  return { claims: readClaims(payload, rules, now), until: signer.until };
}

/**
 * Makes the function that checks tokens. A token that was found good is remembered by its hash until it expires, or the key
 * that signed it is used no longer.
 *
 * @param settings - How they were signed, and what they have to say.
 * @param clock - Tells the time.
 * @returns A function that gives a token's claims, or throws UnauthenticatedError with the reason for the log.
 * @throws ConfigurationError when claims are mapped to names that can't be.
 */
export function createTokenVerifier(
  settings: VerifierSettings,
  clock: () => Date = () => new Date(),
): (token: string) => Promise<TokenClaims> {
  checkClaimNames(settings.claimNames);
  const { keys, leewaySeconds } = settings;
  const accepted = new LRUCache<string, Accepted>({ max: rememberedTokens });
  let revision = keys.revision(clock());

  const isStillGood = ({ claims, until }: Accepted, now: number) =>
    now < claims.expiresAt.getTime() + leewaySeconds * 1000 && (!until || now < until.getTime());

  return async (token) => {
    const now = clock();
    const current = keys.revision(now);
    if (current !== revision) accepted.clear();
    revision = current;
    // What is too long is refused before it is hashed.
    if (token.length > longestToken) readTokenText(token);
    const digest = new Bun.CryptoHasher("sha256").update(token).digest("base64");
    const known = accepted.get(digest);
    if (known && isStillGood(known, now.getTime())) return known.claims;
    const checked = await check(token, settings, now);
    // Keys that changed meanwhile may no longer hold the one that signed it.
    if (keys.revision(now) === current) accepted.set(digest, checked);
    return checked.claims;
  };
}
