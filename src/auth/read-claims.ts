import { UnauthenticatedError } from "../errors.ts";
import { claimAt } from "./claim-path.ts";
import { type ClaimNames, lastSecond, longestName, type TokenClaims } from "./claims.ts";
import { readGrants } from "./grants.ts";
import type { JsonObject } from "./json-text.ts";
import { shown, shownValue } from "./shown-text.ts";
import { objectionToSubject } from "./subject.ts";

/** What claims have to be. */
export interface ClaimRules {
  /** What `iss` has to be, to the letter. */
  issuer: string;
  /** `aud` has to hold one of these; when there are none, a token that has one is for others. */
  audience: readonly string[];
  /** Seconds that the clocks of an issuer and this server may differ. */
  leewaySeconds: number;
  claimNames: ClaimNames;
}

function refuse(claim: string, reason: string): UnauthenticatedError {
  return new UnauthenticatedError(`the token's claim "${claim}" ${reason}`);
}

function timeOf(payload: JsonObject, claim: string): Date | undefined {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw refuse(claim, `is ${shownValue(value)}, not a number`);
  // 1e400 is valid JSON, and infinite.
  if (!Number.isFinite(value)) throw refuse(claim, "is not a finite number");
  if (value < 0 || value > lastSecond) throw refuse(claim, `is ${value}, which is no time between 1970 and 9999`);
  return new Date(value * 1000);
}

function checkTimes(payload: JsonObject, leewayMs: number, now: Date): { issuedAt: Date | undefined; expiresAt: Date } {
  const expiresAt = timeOf(payload, "exp");
  const notBefore = timeOf(payload, "nbf");
  const issuedAt = timeOf(payload, "iat");
  if (!expiresAt) throw new UnauthenticatedError('the token never expires: it has no claim "exp"');
  const latest = now.getTime() + leewayMs;
  if (now.getTime() >= expiresAt.getTime() + leewayMs) {
    throw new UnauthenticatedError(`the token has expired at ${expiresAt.toISOString()}`);
  }
  if (notBefore && notBefore.getTime() > latest) {
    throw new UnauthenticatedError(`the token is not valid before ${notBefore.toISOString()} (claim "nbf")`);
  }
  if (issuedAt && issuedAt.getTime() > latest) {
    throw new UnauthenticatedError(`the token was issued in the future, at ${issuedAt.toISOString()} (claim "iat")`);
  }
  return { issuedAt, expiresAt };
}

function checkIssuer(found: unknown, issuer: string): void {
  if (found === undefined) throw new UnauthenticatedError('the token names no issuer: it has no claim "iss"');
  if (typeof found !== "string") throw refuse("iss", `is ${shownValue(found)}, not a text`);
  if (found !== issuer) throw refuse("iss", `is ${shown(found)}, which is another issuer`);
}

function checkAudience(found: unknown, audience: readonly string[]): void {
  if (found === undefined) {
    if (audience.length === 0) return;
    throw new UnauthenticatedError('the token is for nobody: it has no claim "aud"');
  }
  const list: readonly unknown[] = typeof found === "string" ? [found] : Array.isArray(found) ? found : [undefined];
  if (!list.every((item) => typeof item === "string")) throw refuse("aud", "is neither a text nor a list of texts");
  if (audience.length === 0) {
    throw refuse("aud", "names whom the token is for, and this server has no name (jwt.audience)");
  }
  if (!audience.some((item) => list.includes(item))) {
    throw refuse("aud", `is ${list.length === 1 ? shownValue(list[0]) : "a list"}, which does not name this server`);
  }
}

function subjectOf(payload: JsonObject, claim: string): string {
  const subject = claimAt(payload, claim);
  if (subject === undefined) throw new UnauthenticatedError(`the token names no subject: it has no claim "${claim}"`);
  if (typeof subject !== "string") throw refuse(claim, `is ${shownValue(subject)}, not a text`);
  const objection = objectionToSubject(subject);
  if (objection !== undefined) throw refuse(claim, `${objection}, so it is no subject`);
  return subject;
}

function idOf(id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id !== "string") throw refuse("jti", `is ${shownValue(id)}, not a text`);
  if (id.length > longestName) throw refuse("jti", `has ${id.length} characters; ${longestName} are allowed`);
  return id;
}

/**
 * Reads and checks the claims of a token whose signature is good (RFC 7519, section 4.1).
 *
 * @throws UnauthenticatedError with the reason.
 */
export function readClaims(payload: JsonObject, rules: ClaimRules, now: Date): TokenClaims {
  checkIssuer(payload.iss, rules.issuer);
  checkAudience(payload.aud, rules.audience);
  const times = checkTimes(payload, rules.leewaySeconds * 1000, now);
  const subject = subjectOf(payload, rules.claimNames.subject);
  return { subject, id: idOf(payload.jti), ...times, ...readGrants(payload, rules.claimNames) };
}
