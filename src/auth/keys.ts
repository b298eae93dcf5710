import type { CryptoKey } from "jose";
import type { Algorithm, HmacAlgorithm } from "./algorithms.ts";
import type { Secret } from "./secret.ts";

/** What signs tokens. */
export interface SigningKey {
  algorithm: Algorithm;
  key: CryptoKey;
  /** Written into the header of tokens (RFC 7515, section 4.1.4). */
  kid: string | undefined;
}

/** A key that may have signed a token. */
export interface CandidateKey {
  key: CryptoKey;
  /** Until when it is used; undefined: as long as it is given. */
  until: Date | undefined;
}

/** What checks tokens. */
export interface VerificationKeys {
  readonly algorithm: Algorithm;
  /**
   * The keys that may have signed a token.
   *
   * @param kid - The key that the token names. It is only ever compared.
   * @returns Nothing when there is none.
   * @throws UnauthenticatedError when no key is known at all, with the reason.
   */
  candidatesFor(kid: string | undefined, now: Date): Promise<readonly CandidateKey[]>;
  /** Changes whenever a key is there no longer: what was found good before has to be checked again. */
  revision(now: Date): number;
}

/** Keys of a server. */
export interface KeyPair {
  signing: SigningKey;
  verification: VerificationKeys;
}

async function importSecret(bytes: Uint8Array, algorithm: HmacAlgorithm): Promise<CryptoKey> {
  const hash = algorithm.replace("HS", "SHA-");
  return await crypto.subtle.importKey("raw", Uint8Array.from(bytes), { name: "HMAC", hash }, false, [
    "sign",
    "verify",
  ]);
}

/**
 * Makes the keys of a server that shares a secret with nobody, or with its issuer.
 *
 * @param secret - As resolveSecret() gave it, so that it is long enough.
 */
export async function secretKeys(secret: Secret, algorithm: HmacAlgorithm): Promise<KeyPair> {
  const key = await importSecret(secret.bytes, algorithm);
  const candidates: CandidateKey[] = [{ key, until: undefined }];
  if (secret.previous) {
    const { bytes, until } = secret.previous;
    candidates.push({ key: await importSecret(bytes, algorithm), until });
  }
  return {
    signing: { algorithm, key, kid: undefined },
    verification: fixedKeys(algorithm, candidates),
  };
}

/**
 * Keys that stay what they are, and that any token of their algorithm may name as it likes.
 *
 * @param candidates - All of them are tried.
 */
export function fixedKeys(algorithm: Algorithm, candidates: readonly CandidateKey[]): VerificationKeys {
  return { algorithm, candidatesFor: async () => candidates, revision: () => 0 };
}
