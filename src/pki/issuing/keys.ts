import { createPrivateKey, createPublicKey, type KeyObject, type webcrypto } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { signatureIds } from "../encoding/object-ids.ts";

/** Gives that many random bytes. */
export type RandomSource = (size: number) => Uint8Array;

/** The system's random bytes. */
export const systemRandom: RandomSource = (size) => crypto.getRandomValues(new Uint8Array(size));

/** The kinds of keys that this server makes. */
export const keyTypes = ["p256", "p384", "rsa-2048", "rsa-4096"] as const;

/** A kind of key. */
export type KeyType = (typeof keyTypes)[number];

const exponent = Uint8Array.of(1, 0, 1);
const algorithms: Readonly<Record<KeyType, webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams>> = {
  p256: { name: "ECDSA", namedCurve: "P-256" },
  p384: { name: "ECDSA", namedCurve: "P-384" },
  "rsa-2048": { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: exponent, hash: "SHA-256" },
  "rsa-4096": { name: "RSASSA-PKCS1-v1_5", modulusLength: 4096, publicExponent: exponent, hash: "SHA-256" },
};

const curveTypes: Readonly<Record<string, KeyType>> = { prime256v1: "p256", secp384r1: "p384" };
const curveNames: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

/** The least bits of an RSA key that clients take (CA/Browser Forum baseline requirements, section 6.1.5). */
const leastRsaBits = 2048;

/** How keys of a kind sign certificates. */
export interface SignatureScheme {
  /** The algorithm's object identifier. */
  id: string;
  hash: "SHA-256" | "SHA-384";
  /** Whether it is ECDSA (RFC 5758, section 3.2) rather than RSA PKCS#1 v1.5 (RFC 4055, section 5). */
  isEcdsa: boolean;
}

/** A private key, ready to sign. */
export interface SigningKey {
  key: CryptoKey;
  scheme: SignatureScheme;
}

/** Makes a private key. RSA takes from 60 ms (2048 bits) to a second (4096), in a thread of its own. */
export async function generatePrivateKey(type: KeyType): Promise<KeyObject> {
  const { privateKey } = (await crypto.subtle.generateKey(algorithms[type], true, ["sign", "verify"])) as CryptoKeyPair;
  const der = await crypto.subtle.exportKey("pkcs8", privateKey);
  return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
}

/** What kind of key it is, for a person, such as `ECDSA P-256` or `RSA 2048`. */
export function describeKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === "rsa") return `RSA ${details?.modulusLength}`;
  if (type !== "ec") return String(type);
  const curve = details?.namedCurve ?? "an unknown curve";
  return `ECDSA ${curveNames[curve] ?? curve}`;
}

/** What to tell where an RSA key was wanted for clients that know no ECDSA, and the CA signs with it. */
export function kindWarnings(key: KeyObject, issuer: KeyObject): string[] {
  if (key.asymmetricKeyType !== "rsa" || issuer.asymmetricKeyType === "rsa") return [];
  return ["The CA itself signs with ECDSA: for clients that know RSA alone, make a CA with --key-type rsa-2048, too"];
}

/** Which of the kinds that this server makes a key is; undefined for any other. */
export function keyTypeOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): KeyType | undefined {
  const name = type === "rsa" ? `rsa-${details?.modulusLength}` : details?.namedCurve;
  return keyTypes.find((known) => known === name) ?? curveTypes[name ?? ""];
}

type ImportParams = webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams;

/** How a key signs, and how WebCrypto takes it. */
function schemeOf(key: KeyObject): [SignatureScheme, ImportParams] {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (namedCurve === "prime256v1") {
    return [
      { id: signatureIds["ECDSA with SHA-256"], hash: "SHA-256", isEcdsa: true },
      { name: "ECDSA", namedCurve: "P-256" },
    ];
  }
  if (namedCurve === "secp384r1") {
    return [
      { id: signatureIds["ECDSA with SHA-384"], hash: "SHA-384", isEcdsa: true },
      { name: "ECDSA", namedCurve: "P-384" },
    ];
  }
  if (key.asymmetricKeyType === "rsa" && modulusLength >= leastRsaBits) {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    return [{ id: signatureIds["RSA with SHA-256"], hash: "SHA-256", isEcdsa: false }, algorithm];
  }
  throw new CertificateError("KEY_UNSUPPORTED", `A key of the kind ${describeKey(key)} can't be used`, {
    hint: `Use ECDSA on P-256 or P-384, or RSA with at least ${leastRsaBits} bits.`,
  });
}

/** Whether every client of TLS 1.2 and 1.3 takes a key of this kind: ECDSA on P-256 or P-384, RSA from 2048 bits. */
export function isSupportedKey(key: KeyObject): boolean {
  try {
    schemeOf(key);
    return true;
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}

/**
 * Takes a private key to sign with.
 *
 * @throws CertificateError KEY_UNSUPPORTED for a kind that clients may not take.
 */
export async function importSigningKey(key: KeyObject): Promise<SigningKey> {
  const [scheme, algorithm] = schemeOf(key);
  const pkcs8 = Uint8Array.from(key.export({ type: "pkcs8", format: "der" }));
  return { key: await crypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]), scheme };
}

/** The SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) of a private key's other half, in DER. */
export function publicKeyOf(key: KeyObject): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createPublicKey(key).export({ type: "spki", format: "der" }));
}

/** A private key in PKCS#8 (RFC 5958) PEM, not encrypted. */
export function exportPrivateKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
