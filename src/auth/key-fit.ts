import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";
import type { Algorithm } from "./algorithms.ts";
import { shownValue } from "./shown-text.ts";

/** A public key that fits the algorithm. */
export interface PublicKey {
  key: CryptoKey;
  /** Its `kid` is the thumbprint where it had none. */
  jwk: JWK;
  /** Tells it from all others (RFC 7638). */
  thumbprint: string;
}

/** Least bits of an RSA key (RFC 7518, section 3.3). */
const leastRsaBits = 2048;

/** What a key has to be for its algorithm, for a person. */
export const neededKey: Readonly<Record<Algorithm, string>> = {
  HS256: "a secret",
  HS384: "a secret",
  HS512: "a secret",
  RS256: `an RSA key of at least ${leastRsaBits} bits`,
  PS256: `an RSA key of at least ${leastRsaBits} bits`,
  ES256: "an EC key on the curve P-256",
  EdDSA: "an Ed25519 key",
};

/** Members of a JWK that only a private key has (RFC 7518, section 6; RFC 8037, section 2). */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/** Tells whether a JWK holds what only its owner may know. */
export function isPrivate(jwk: Readonly<Record<string, unknown>>): boolean {
  return privateMembers.some((name) => Object.hasOwn(jwk, name));
}

function rsaBits(modulus: unknown): number {
  const bytes = Buffer.from(String(modulus), "base64url");
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

/** Names the kind of a key, for a person: `an RSA key of 1024 bits`. */
export function describeKey(jwk: Readonly<Record<string, unknown>>): string {
  if (jwk.kty === "RSA") return `an RSA key of ${rsaBits(jwk.n)} bits`;
  if (jwk.kty === "EC") return `an EC key on the curve ${shownValue(jwk.crv).replaceAll('"', "")}`;
  if (jwk.kty === "OKP") return `an ${shownValue(jwk.crv).replaceAll('"', "")} key`;
  if (jwk.kty === "oct") return "a secret";
  return `a key of the unknown kind ${shownValue(jwk.kty)}`;
}

/**
 * Tells whether a key is of the kind and the strength that an algorithm needs (RFC 8725, sections 3.2 and 3.5).
 *
 * @param jwk - The key.
 */
export function fits(jwk: Readonly<Record<string, unknown>>, algorithm: Algorithm): boolean {
  if (algorithm === "RS256" || algorithm === "PS256") return jwk.kty === "RSA" && rsaBits(jwk.n) >= leastRsaBits;
  if (algorithm === "ES256") return jwk.kty === "EC" && jwk.crv === "P-256";
  return algorithm === "EdDSA" && jwk.kty === "OKP" && jwk.crv === "Ed25519";
}

/**
 * Makes a key that checks signatures.
 *
 * @param jwk - A public key that fits the algorithm.
 * @throws A JOSEError or a TypeError when its numbers are no key.
 */
export async function importPublicKey(jwk: JWK, algorithm: Algorithm): Promise<PublicKey> {
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array || key.type !== "public") throw new TypeError("it is not a public key");
  const thumbprint = await calculateJwkThumbprint(jwk);
  return { key, jwk: { ...jwk, kid: jwk.kid ?? thumbprint }, thumbprint };
}
