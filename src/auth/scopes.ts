import { UnauthenticatedError } from "../errors.ts";
import { defaultClaimNames, type Scope, scopes } from "./claims.ts";
import { shownValue } from "./shown-text.ts";

/** Marks a scope as one of ours where an issuer serves others as well. */
const prefix = "vibectl:";

/** What a token may be used for that says nothing about it, as those of the Python server. */
export const defaultScopes: readonly Scope[] = ["info", "execute"];

/**
 * Brings scopes into their order; `admin` includes all others.
 *
 * @param given - Scopes in any order, each any number of times.
 */
export function orderScopes(given: readonly Scope[]): readonly Scope[] {
  return given.includes("admin") ? scopes : scopes.filter((scope) => given.includes(scope));
}

function wordsOf(value: unknown, claim: string): readonly string[] {
  if (typeof value === "string") return value.split(" ");
  if (!Array.isArray(value)) {
    throw new UnauthenticatedError(`the token's claim "${claim}" is ${shownValue(value)}; scopes are a text or a list`);
  }
  return value.map((word) => {
    if (typeof word === "string") return word;
    throw new UnauthenticatedError(`the token's claim "${claim}" has ${shownValue(word)} among its scopes`);
  });
}

/**
 * Reads a scope claim: names between blanks (RFC 8693, section 4.2), or a list of them. Names of others are passed over.
 *
 * @param value - The claim; undefined where the token has none.
 * @param claim - Its name; undefined where none is looked at.
 * @throws UnauthenticatedError when it is neither a text nor a list of texts.
 */
export function readScopes(value: unknown, claim: string | undefined): readonly Scope[] {
  // An issuer whose tokens say it in a claim of their own says nothing where they grant nothing.
  if (value === undefined) return claim === undefined || claim === defaultClaimNames.scope ? defaultScopes : [];
  const words = wordsOf(value, claim ?? "");
  return orderScopes(scopes.filter((scope) => words.includes(scope) || words.includes(prefix + scope)));
}
