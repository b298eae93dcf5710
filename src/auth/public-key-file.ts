import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { JWK } from "jose";
import { ConfigurationError } from "../errors.ts";
import type { KeyAlgorithm } from "./algorithms.ts";
import { isJsonObject, type JsonObject } from "./json-text.ts";
import { describeKey, fits, importPublicKey, isPrivate, neededKey, type PublicKey } from "./key-fit.ts";
import { parseKeySet } from "./key-set.ts";
import { fixedKeys, type VerificationKeys } from "./keys.ts";
import { describeNamed, type NamedFile, readNamedFile } from "./named-file.ts";
import { shown } from "./shown-text.ts";

/** What a file of public keys holds. */
export interface PublicKeyFile {
  keys: readonly PublicKey[];
  verification: VerificationKeys;
}

const largestFile = 1024 * 1024;

const wantedHint =
  "Name a file with one public key or certificate in PEM, a JWK or a JWK Set. Of a private key: openssl pkey -in FILE -pubout";

function refuse(named: NamedFile, reason: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`${describeNamed(named)} ${reason}`, { hint: wantedHint, cause });
}

function refusePrivate(named: NamedFile): ConfigurationError {
  return new ConfigurationError(`${describeNamed(named)} holds a private key where a public one is meant`, {
    hint: `Write its public part into a file of its own: openssl pkey -in ${named.file} -pubout -out FILE`,
  });
}

async function importFitting(jwk: JsonObject, named: NamedFile, algorithm: KeyAlgorithm): Promise<PublicKey> {
  if (!fits(jwk, algorithm)) {
    throw refuse(named, `holds ${describeKey(jwk)}; ${algorithm} needs ${neededKey[algorithm]}`);
  }
  try {
    return await importPublicKey({ ...jwk } as JWK, algorithm);
  } catch (cause) {
    throw refuse(named, "holds a damaged key", cause);
  }
}

function decodePem(text: string, label: string, named: NamedFile): KeyObject {
  try {
    return label === "CERTIFICATE" ? new X509Certificate(text).publicKey : createPublicKey(text);
  } catch (cause) {
    throw refuse(
      named,
      `holds a ${label === "CERTIFICATE" ? "certificate" : "key"} that is damaged or of an unknown kind`,
      cause,
    );
  }
}

function jwkOfPem(text: string, named: NamedFile): JsonObject {
  const labels = [...text.matchAll(/^-----BEGIN ([^-]*)-----/gm)].map(([, label = ""]) => label);
  if (labels.some((label) => label.endsWith("PRIVATE KEY"))) throw refusePrivate(named);
  const known = labels.filter((label) => ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"].includes(label));
  const [label] = known;
  if (label === undefined) throw refuse(named, `holds ${shown(labels[0] ?? "")}, not a public key`);
  if (known.length > 1) throw refuse(named, `holds ${known.length} keys or certificates; which one is meant?`);
  return { ...decodePem(text, label, named).export({ format: "jwk" }) };
}

async function fromJson(text: string, named: NamedFile, algorithm: KeyAlgorithm): Promise<PublicKeyFile> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(named, "is not valid JSON", cause);
  }
  const single = isJsonObject(value) && Object.hasOwn(value, "kty") ? value : undefined;
  if (single?.kty === "oct") throw refuse(named, `holds a secret; ${algorithm} needs ${neededKey[algorithm]}`);
  if (single && isPrivate(single)) throw refusePrivate(named);
  if (single && single.kid === undefined) return fromOne(await importFitting(single, named, algorithm), algorithm);
  if (single) await importFitting(single, named, algorithm);
  const set = await parseKeySet(single ? JSON.stringify({ keys: [single] }) : text, describeNamed(named), algorithm);
  const verification: VerificationKeys = {
    algorithm,
    candidatesFor: async (kid) => (await set.candidatesFor(kid)).map((key) => ({ key, until: undefined })),
    revision: () => 0,
  };
  return { keys: set.keys, verification };
}

/** A key without a name checks every token, whatever key that names. */
function fromOne(key: PublicKey, algorithm: KeyAlgorithm): PublicKeyFile {
  return { keys: [key], verification: fixedKeys(algorithm, [{ key: key.key, until: undefined }]) };
}

/**
 * Reads public keys: PEM with a key (SPKI: RFC 5280, section 4.1.2.7; PKCS#1: RFC 8017) or a certificate, a JWK or a JWK Set
 * (RFC 7517). Of a certificate only the key is used: whether it has expired, and who issued it, plays no part.
 *
 * @throws ConfigurationError when it holds something else than the algorithm needs.
 * @throws FileError when it can't be read.
 */
export async function readPublicFile(named: NamedFile, algorithm: KeyAlgorithm): Promise<PublicKeyFile> {
  const { bytes } = await readNamedFile(named, largestFile, wantedHint);
  const text = new TextDecoder().decode(bytes).trim();
  if (text === "") throw refuse(named, "is empty");
  if (text.startsWith("{")) return await fromJson(text, named, algorithm);
  if (text.includes("-----BEGIN ")) {
    return fromOne(await importFitting(jwkOfPem(text, named), named, algorithm), algorithm);
  }
  if (/^(ssh-|ecdsa-sha2-)/.test(text)) throw refuse(named, "holds a public key for SSH");
  throw refuse(named, "is neither PEM nor JSON");
}
