import { type CryptoKey, createLocalJWKSet, errors, type JWK } from "jose";
import { ConfigurationError, UnauthenticatedError } from "../errors.ts";
import type { Algorithm } from "./algorithms.ts";
import { isJsonObject, type JsonObject } from "./json-text.ts";
import { describeKey, fits, importPublicKey, isPrivate, neededKey, type PublicKey } from "./key-fit.ts";

/** A JWK Set (RFC 7517, section 5): the keys of it that this server can use. */
export interface KeySet {
  keys: readonly PublicKey[];
  /** What JSON the keys are, to be kept. */
  jwks: readonly JWK[];
  /**
   * The keys that may have signed a token.
   *
   * @param kid - The key that the token names; all that fit when it names none.
   * @returns Nothing when there is none.
   */
  candidatesFor(kid: string | undefined): Promise<readonly CryptoKey[]>;
}

const mostKeys = 100;

function refuse(name: string, reason: string, hint = "Ask for the issuer's JWK Set (RFC 7517)."): ConfigurationError {
  return new ConfigurationError(`${name} ${reason}`, { hint });
}

function membersOf(text: string, name: string): readonly JsonObject[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(name, "is not valid JSON");
  }
  if (!isJsonObject(value) || !Array.isArray(value.keys)) throw refuse(name, 'has no list "keys", so it is no JWK Set');
  const keys: readonly unknown[] = value.keys;
  if (keys.length > mostKeys) throw refuse(name, `holds ${keys.length} keys; ${mostKeys} are allowed`);
  const objects = keys.filter(isJsonObject);
  if (objects.length !== keys.length) throw refuse(name, "holds something that is no key");
  const exposed = objects.find((key) => key.kty !== "oct" && isPrivate(key));
  if (exposed) {
    const hint = "Everybody who can read it can issue tokens: make a new key, and publish only the public part of it.";
    throw refuse(name, "holds a private key", hint);
  }
  return objects;
}

/** Says for the log or the operator why no key of a set can be used. */
function describeRest(members: readonly JsonObject[]): string {
  if (members.length === 0) return "it is empty";
  return `it holds ${[...new Set(members.map(describeKey))].join(", ")}`;
}

/** RFC 7517, sections 4.2 to 4.5. */
function isForSignatures({ use, key_ops: operations, alg, kid }: JsonObject, algorithm: Algorithm): boolean {
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
  const isNamed = kid === undefined || typeof kid === "string";
  return isNamed && verifies && (use === undefined || use === "sig") && (alg === undefined || alg === algorithm);
}

async function usableKeys(members: readonly JsonObject[], algorithm: Algorithm): Promise<PublicKey[]> {
  // A secret that stands where everybody can read it is none: "oct" never fits.
  const fitting = members.filter((jwk) => fits(jwk, algorithm) && isForSignatures(jwk, algorithm));
  const keys = await Promise.allSettled(fitting.map((jwk) => importPublicKey({ ...jwk } as JWK, algorithm)));
  return keys.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

/**
 * Reads a JWK Set. Keys of it that are for something else, or that this server can't use, are passed over.
 *
 * @param text - JSON.
 * @param name - What it is called, for a person.
 * @throws ConfigurationError when it is no JWK Set, holds a private key, or no key that fits the algorithm.
 */
export async function parseKeySet(text: string, name: string, algorithm: Algorithm): Promise<KeySet> {
  const members = membersOf(text, name);
  const keys = await usableKeys(members, algorithm);
  if (keys.length === 0) {
    throw refuse(name, `holds no key for ${algorithm}, which needs ${neededKey[algorithm]}: ${describeRest(members)}`);
  }
  const jwks = keys.map(({ jwk }) => jwk);
  const find = createLocalJWKSet({ keys: [...jwks] });
  return {
    keys,
    jwks,
    async candidatesFor(kid) {
      try {
        return [await find({ alg: algorithm, ...(kid === undefined ? {} : { kid }) })];
      } catch (error) {
        if (error instanceof errors.JWKSNoMatchingKey) return [];
        if (error instanceof errors.JWKSMultipleMatchingKeys) return await Array.fromAsync(error);
        throw new UnauthenticatedError("the token's key can't be looked up", { cause: error });
      }
    },
  };
}
