import type { KeyObject } from "node:crypto";
import { Null, OctetString, Sequence } from "asn1js";
import { AlgorithmIdentifier, PBES2Params, PBKDF2Params } from "pkijs";
import { encodePem } from "../encoding/pem.ts";
import type { RandomSource } from "./keys.ts";

/** Rounds of PBKDF2 with SHA-256, as the OWASP cheat sheet on password storage asks for. */
const iterations = 600_000;
const saltBytes = 16;
const blockBytes = 16;

const pbes2Id = "1.2.840.113549.1.5.13";
const pbkdf2Id = "1.2.840.113549.1.5.12";
const hmacSha256Id = "1.2.840.113549.2.9";
const aes256CbcId = "2.16.840.1.101.3.4.1.42";

async function deriveKey(passphrase: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(passphrase), "PBKDF2", false, [
    "deriveKey",
  ]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return await crypto.subtle.deriveKey(derivation, secret, { name: "AES-CBC", length: 256 }, false, ["encrypt"]);
}

/**
 * Encrypts a private key as `EncryptedPrivateKeyInfo` (RFC 5958, section 3) by PBES2 (RFC 8018, section 6.2): PBKDF2 with
 * HMAC-SHA-256 and 600,000 rounds, then AES-256-CBC. PKIjs' own container holds a constructed string, which is not DER.
 *
 * @param passphrase - At least one character; taken as UTF-8.
 * @returns PEM.
 */
export async function encryptPrivateKey(key: KeyObject, passphrase: string, random: RandomSource): Promise<string> {
  const salt = Uint8Array.from(random(saltBytes));
  const iv = Uint8Array.from(random(blockBytes));
  const plain = Uint8Array.from(key.export({ type: "pkcs8", format: "der" }));
  const encrypted = await crypto.subtle.encrypt({ name: "AES-CBC", iv }, await deriveKey(passphrase, salt), plain);
  const derivation = new PBKDF2Params({
    salt: new OctetString({ valueHex: salt.buffer }),
    iterationCount: iterations,
    prf: new AlgorithmIdentifier({ algorithmId: hmacSha256Id, algorithmParams: new Null() }),
  });
  const scheme = new PBES2Params({
    keyDerivationFunc: new AlgorithmIdentifier({ algorithmId: pbkdf2Id, algorithmParams: derivation.toSchema() }),
    encryptionScheme: new AlgorithmIdentifier({
      algorithmId: aes256CbcId,
      algorithmParams: new OctetString({ valueHex: iv.buffer }),
    }),
  });
  const algorithm = new AlgorithmIdentifier({ algorithmId: pbes2Id, algorithmParams: scheme.toSchema() });
  const info = new Sequence({ value: [algorithm.toSchema(), new OctetString({ valueHex: encrypted })] });
  return encodePem("ENCRYPTED PRIVATE KEY", info.toBER());
}
