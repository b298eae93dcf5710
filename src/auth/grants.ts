import { UnauthenticatedError } from "../errors.ts";
import { claimAt } from "./claim-path.ts";
import type { ClaimNames, Grants, TokenLimits } from "./claims.ts";
import { isJsonObject, type JsonObject } from "./json-text.ts";
import { readScopes } from "./scopes.ts";
import { shown, shownValue } from "./shown-text.ts";

const mostModels = 100;
const longestModel = 200;

/** The members of the limits claim: the configuration's own names. */
const limitNames: Readonly<Record<string, keyof TokenLimits>> = {
  max_requests_per_minute: "maxRequestsPerMinute",
  max_concurrent_requests: "maxConcurrentRequests",
  max_input_length: "maxInputLength",
  request_timeout_seconds: "requestTimeoutSeconds",
};

/**
 * Says why a list can't be a token's model patterns.
 *
 * @returns A part of a sentence, or undefined where it can be.
 */
export function objectionToModels(models: readonly string[]): string | undefined {
  if (models.length > mostModels) return `names ${models.length} models; ${mostModels} are allowed`;
  const wrong = models.find((model) => model === "" || [...model].length > longestModel);
  if (wrong === undefined) return undefined;
  return wrong === "" ? "has an empty name of a model" : `has a name of a model with over ${longestModel} characters`;
}

/** Tells whether a value can be a limit. */
export function isLimit(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function readModels(value: unknown, claim: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const models: readonly unknown[] = typeof value === "string" ? [value] : Array.isArray(value) ? value : [undefined];
  const texts = models.filter((model) => typeof model === "string");
  if (texts.length !== models.length) {
    throw new UnauthenticatedError(`the token's claim "${claim}" is neither a model's name nor a list of such`);
  }
  const objection = objectionToModels(texts);
  if (objection !== undefined) throw new UnauthenticatedError(`the token's claim "${claim}" ${objection}`);
  return texts;
}

function readLimits(value: unknown, claim: string): TokenLimits {
  if (value === undefined) return {};
  if (!isJsonObject(value)) {
    throw new UnauthenticatedError(`the token's claim "${claim}" is ${shownValue(value)}, not an object with limits`);
  }
  const limits: TokenLimits = {};
  for (const [name, limit] of Object.entries(value)) {
    const key = Object.hasOwn(limitNames, name) ? limitNames[name] : undefined;
    if (key === undefined)
      throw new UnauthenticatedError(`the token sets the limit ${shown(name)}, which is not known`);
    if (!isLimit(limit)) {
      const found = `the token's limit "${name}" is ${shownValue(limit)}`;
      throw new UnauthenticatedError(`${found}, not a positive whole number`);
    }
    limits[key] = limit;
  }
  return limits;
}

/**
 * Writes limits as the limits claim has them.
 *
 * @returns Undefined when there are none.
 */
export function limitsClaim(limits: TokenLimits): JsonObject | undefined {
  const set = Object.entries(limitNames).filter(([, key]) => limits[key] !== undefined);
  return set.length === 0 ? undefined : Object.fromEntries(set.map(([name, key]) => [name, limits[key]]));
}

/**
 * Reads what a token lets its bearer do.
 *
 * @throws UnauthenticatedError when a claim that says so can't be read.
 */
export function readGrants(payload: JsonObject, names: ClaimNames): Grants {
  const at = (name: string | undefined) => (name === undefined ? undefined : claimAt(payload, name));
  return {
    scopes: readScopes(at(names.scope), names.scope),
    models: readModels(at(names.models), names.models ?? ""),
    limits: readLimits(at(names.limits), names.limits ?? ""),
  };
}
