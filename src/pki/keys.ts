import { encodePem } from "./pem.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;

/** Gives that many random bytes. */
export type RandomSource = (size: number) => Uint8Array;

/** The system's random bytes. */
export const systemRandom: RandomSource = (size) => crypto.getRandomValues(new Uint8Array(size));

/**
 * Makes an ECDSA P-256 key.
 *
 * @returns Its PKCS#8 (RFC 5958) in PEM.
 */
export async function generatePrivateKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return encodePem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", privateKey));
}

/**
 * Takes an ECDSA P-256 key to sign with. It can't be exported again.
 *
 * @param pkcs8 - The key's PKCS#8 in DER.
 * @throws DOMException when it is no such key.
 */
export async function importSigningKey(pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
}
