import { expect } from "bun:test";
import type { HmacAlgorithm } from "../../../src/auth/algorithms.ts";
import { defaultClaimNames, type TokenClaims } from "../../../src/auth/claims.ts";
import { type KeyPair, secretKeys } from "../../../src/auth/keys.ts";
import type { PreviousSecret, Secret } from "../../../src/auth/secret.ts";
import type { SigningSettings } from "../../../src/auth/token-issuer.ts";
import { createTokenVerifier, type VerifierSettings } from "../../../src/auth/token-verifier.ts";
import { UnauthenticatedError } from "../../../src/errors.ts";

export const now = new Date("2026-06-01T12:00:00Z");
export const seconds = now.getTime() / 1000;
export const at = (offset: number) => new Date(now.getTime() + offset * 1000);

const bytes = (text: string) => new TextEncoder().encode(text);

/** A secret as resolveSecret() gives it. */
export function secretOf(text: string, previous?: { text: string; until?: Date }): Secret {
  const before: PreviousSecret | undefined = previous && {
    bytes: bytes(previous.text),
    source: "before",
    until: previous.until,
  };
  return { bytes: bytes(text), source: "a test", file: undefined, previous: before, warnings: [] };
}

/** Keys of one secret. */
export function keysOf(text: string, algorithm: HmacAlgorithm = "HS256"): Promise<KeyPair> {
  return secretKeys(secretOf(text), algorithm);
}

export const settings = { issuer: "vibectl-server", audience: [], leewaySeconds: 30, claimNames: defaultClaimNames };

/** How tokens are signed and checked with a pair of keys. */
export function settingsOf({ signing, verification }: KeyPair, overrides: Partial<VerifierSettings> = {}) {
  const signer: SigningSettings = { ...settings, ...overrides, key: signing };
  const verifier: VerifierSettings = { ...settings, keys: verification, ...overrides };
  return { signer, verifier };
}

/** The reason for which a token is refused. */
export async function reasonOf(checking: Promise<TokenClaims>): Promise<string> {
  const error = await checking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UnauthenticatedError);
  return error instanceof Error ? error.message : "";
}

/** The reason for which a verifier of these settings refuses a token at a time. */
export function refusal(verifier: VerifierSettings, token: string, clock = now): Promise<string> {
  return reasonOf(createTokenVerifier(verifier, () => clock)(token));
}
