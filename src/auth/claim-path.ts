import { ConfigurationError, UnauthenticatedError } from "../errors.ts";
import type { ClaimNames } from "./claims.ts";
import { isJsonObject, type JsonObject } from "./json-text.ts";
import { shownValue } from "./shown-text.ts";

/** Claims whose meaning is fixed (RFC 7519, section 4.1), so that no other can take their name. */
const fixedClaims = ["iss", "aud", "exp", "nbf", "iat", "jti"];

/**
 * Makes sure that claims can be found by their names.
 *
 * @throws ConfigurationError when a name is empty, fixed, or used for two things.
 */
export function checkClaimNames(names: ClaimNames): void {
  const given = Object.values(names).filter((name) => name !== undefined);
  for (const name of given) {
    if (name === "" || name.split(".").includes("")) {
      throw new ConfigurationError(`${JSON.stringify(name)} can't be the name of a claim`, {
        hint: "Write the claim's name; a dot between two names walks into an object.",
      });
    }
    const [top = ""] = name.split(".");
    if (fixedClaims.includes(top)) {
      throw new ConfigurationError(`The claim ${top} has a meaning of its own, and can't be mapped`, {
        hint: "Name another claim.",
      });
    }
    if (given.indexOf(name) !== given.lastIndexOf(name)) {
      throw new ConfigurationError(`The claim ${name} is mapped to two things`, { hint: "Name a claim for each." });
    }
  }
}

/**
 * Finds a claim. One whose name is all of `name` goes before a walk into objects, so that names that are addresses work.
 *
 * @returns Undefined when there is none.
 * @throws UnauthenticatedError when something else than an object stands on the way to it.
 */
export function claimAt(payload: JsonObject, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  const steps = name.split(".");
  for (const [depth, step] of steps.entries()) {
    if (!isJsonObject(value)) {
      const above = steps.slice(0, depth).join(".");
      throw new UnauthenticatedError(`the token's claim "${above}" is ${shownValue(value)}, so it has no "${step}"`);
    }
    if (!Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/**
 * Adds a claim, with the objects around it that its name asks for.
 *
 * @param payload - The claims so far; they stay as they are.
 * @throws ConfigurationError when something else stands in its way.
 */
export function withClaim(payload: JsonObject, name: string, value: unknown): JsonObject {
  const [step = "", ...rest] = name.split(".");
  const inner = Object.hasOwn(payload, step) ? payload[step] : undefined;
  if (inner !== undefined && (rest.length === 0 || !isJsonObject(inner))) {
    throw new ConfigurationError(`The claim ${step} can't be written twice`, { hint: "Map claims to other names." });
  }
  if (rest.length === 0) return { ...payload, [step]: value };
  return { ...payload, [step]: withClaim(isJsonObject(inner) ? inner : {}, rest.join("."), value) };
}
