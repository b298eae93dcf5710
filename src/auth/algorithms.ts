/** The algorithms that tokens can be signed with (RFC 7518, section 3.1; EdDSA: RFC 8037, section 3.1). */
export const algorithms = ["HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"] as const;

/** The algorithm of a token's signature. A server uses one. */
export type Algorithm = (typeof algorithms)[number];

/** The algorithms that sign with a shared secret (RFC 7518, section 3.2). */
export type HmacAlgorithm = "HS256" | "HS384" | "HS512";

/** The algorithms that sign with a private key. */
export type KeyAlgorithm = Exclude<Algorithm, HmacAlgorithm>;

/** Tells whether an algorithm signs with a shared secret. */
export function isHmac(algorithm: Algorithm): algorithm is HmacAlgorithm {
  return algorithm.startsWith("HS");
}

/** Least bytes of a secret: as many as the hash has (RFC 7518, section 3.2). */
export const leastSecretBytes: Readonly<Record<HmacAlgorithm, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** Bytes of a signature, where the algorithm alone decides it; an RSA signature is as long as its key. */
export const signatureBytes: Readonly<Record<Algorithm, number | undefined>> = {
  ...leastSecretBytes,
  RS256: undefined,
  PS256: undefined,
  ES256: 64,
  EdDSA: 64,
};
