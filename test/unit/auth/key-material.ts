import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyAlgorithm } from "../../../src/auth/algorithms.ts";
import { type LoadedKeys, loadKeyFiles } from "../../../src/auth/key-files.ts";
import type { KeyPair } from "../../../src/auth/keys.ts";

/** A private key and its public one. */
export interface Material {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** Makes a key that fits an algorithm. */
export function materialFor(algorithm: KeyAlgorithm): Material {
  if (algorithm === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

/** A private key in PEM. */
export function pemOf({ privateKey }: Material, type: "pkcs8" | "pkcs1" | "sec1" = "pkcs8"): string {
  return privateKey.export({ format: "pem", type }).toString();
}

/** A public key in PEM. */
export function publicPemOf({ publicKey }: Material, type: "spki" | "pkcs1" = "spki"): string {
  return publicKey.export({ format: "pem", type }).toString();
}

/** A public key as JWK, with members of its own. */
export function jwkOf({ publicKey }: Material, members: object = {}): object {
  return { ...publicKey.export({ format: "jwk" }), ...members };
}

/**
 * Writes a file for one test.
 *
 * @returns Its path.
 */
export function write(folder: string, name: string, text: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** The keys of a server whose private key is in a file. */
export async function loadPrivate(folder: string, algorithm: KeyAlgorithm, material: Material): Promise<KeyPair> {
  const file = write(folder, `${crypto.randomUUID()}.pem`, pemOf(material));
  return pairOf(await loadKeyFiles({ algorithm, privateKeyFile: { file, source: "jwt.private_key_file" } }));
}

/** Both keys, where both are there. */
export function pairOf({ signing, verification }: LoadedKeys): KeyPair {
  if (!signing || !verification) throw new Error("a key is missing");
  return { signing, verification };
}
