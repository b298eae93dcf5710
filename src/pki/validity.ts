import { dayMs } from "../time.ts";

/** The span of a certificate's life. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** A leaf is renewed when this much of its life is over. */
const renewedAfter = 2 / 3;

/** Renewals of several servers are spread over this much of a life, so that they don't all come at once. */
const spread = 1 / 30;

/**
 * When a leaf is to be renewed: at two thirds of its life, and up to a thirtieth of it later.
 *
 * @param jitter - From 0 to 1: where in that thirtieth.
 */
export function renewalTime({ notBefore, notAfter }: Validity, jitter: number): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + life * (renewedAfter + spread * jitter));
}

/**
 * Whether a leaf is to be renewed now.
 *
 * @param issuerEnd - When its issuer's certificate ends: with the same end, a new leaf would live no longer.
 */
export function isDue(leaf: Validity, issuerEnd: Date, now: Date): boolean {
  return now >= renewalTime(leaf, 0) && leaf.notAfter < issuerEnd;
}

/** Days before its end that a long-lived certificate is near it. */
const lastDays = 14;

/** Whether a certificate is in the last fifth of its life, or the last fourteen days where that is shorter; or has ended. */
export function isNearEnd({ notBefore, notAfter }: Validity, now: Date): boolean {
  const life = notAfter.getTime() - notBefore.getTime();
  return notAfter.getTime() - now.getTime() < Math.min(life / 5, lastDays * dayMs);
}
