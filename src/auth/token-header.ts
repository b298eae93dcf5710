import { UnauthenticatedError } from "../errors.ts";
import { type Algorithm, signatureBytes } from "./algorithms.ts";
import { longestName } from "./claims.ts";
import type { JsonObject } from "./json-text.ts";
import { shown, shownValue } from "./shown-text.ts";

/** The names of header members that change what a token means, and why a token with one is refused. */
const refusedMembers: Readonly<Record<string, string>> = {
  crit: "asks for extensions, of which this server has none",
  b64: "asks for an unencoded payload",
  zip: "says that its payload is compressed",
  cty: "says that another token is nested in it",
  enc: "says that it is encrypted",
};

/** Members in which a token brings, or points to, a key of its own. They are never looked at (RFC 8725, section 3.10). */
const ownKeyMembers = ["jwk", "jku", "x5c", "x5u"];

/** RFC 9068, section 4, allows the whole media type, too. */
const acceptedType = /^(application\/)?(jwt|at\+jwt)$/i;

function checkAlgorithm(found: unknown, algorithm: Algorithm): void {
  if (found === undefined) throw new UnauthenticatedError("the token's header names no algorithm");
  if (typeof found !== "string") {
    throw new UnauthenticatedError(`the token's algorithm is ${shownValue(found)}, not a text`);
  }
  if (found.trim().toLowerCase() === "none") {
    throw new UnauthenticatedError(`the token is not signed: its algorithm is ${shown(found)}`);
  }
  if (found !== algorithm) {
    throw new UnauthenticatedError(`the token's algorithm is ${shown(found)}; this server takes ${algorithm} alone`);
  }
}

/**
 * Checks a token's header (RFC 7515, section 4; RFC 8725, section 3).
 *
 * @param algorithm - The only one that is taken.
 * @returns The `kid`, if there is one.
 * @throws UnauthenticatedError with the reason.
 */
export function checkHeader(header: JsonObject, algorithm: Algorithm): string | undefined {
  checkAlgorithm(header.alg, algorithm);
  for (const [name, reason] of Object.entries(refusedMembers)) {
    if (Object.hasOwn(header, name)) throw new UnauthenticatedError(`the token's header has "${name}": it ${reason}`);
  }
  const { typ, kid } = header;
  if (typ !== undefined && (typeof typ !== "string" || !acceptedType.test(typ))) {
    throw new UnauthenticatedError(`the token's type is ${shownValue(typ)}, which is no access token`);
  }
  if (kid === undefined) return undefined;
  if (typeof kid !== "string") throw new UnauthenticatedError(`the token's key id is ${shownValue(kid)}, not a text`);
  if (kid.length > longestName) throw new UnauthenticatedError(`the token's key id has ${kid.length} characters`);
  return kid;
}

/**
 * Checks the length of a token's signature, where its algorithm decides it.
 *
 * @throws UnauthenticatedError with the reason.
 */
export function checkSignatureLength(signature: Uint8Array, algorithm: Algorithm): void {
  if (signature.length === 0) throw new UnauthenticatedError("the token has no signature");
  const bytes = signatureBytes[algorithm];
  if (bytes !== undefined && signature.length !== bytes) {
    const found = `the token's signature has ${signature.length} bytes`;
    throw new UnauthenticatedError(`${found}; one of ${algorithm} has ${bytes}`);
  }
}

/**
 * What a token's header says of the key that signed it, for the log: a signature that does not fit has its reason there.
 *
 * @returns A part of a sentence, or nothing.
 */
export function describeKeyOf(header: JsonObject): string {
  const own = ownKeyMembers.filter((name) => Object.hasOwn(header, name));
  if (own.length > 0) return ` (the token brings its own key in "${own.join('", "')}", which is never used)`;
  return typeof header.kid === "string" ? ` (it names the key ${shown(header.kid)})` : "";
}
