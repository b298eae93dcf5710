import { type Grants, scopes, type TokenLimits } from "../../auth/claims.ts";
import { formatSpan } from "../../time.ts";
import type { Row } from "../block.ts";
import { formatEnd } from "../certificate-report.ts";

/** A point in time with how far away it is: `2026-12-25T10:00:00Z (in 30 days)`. */
export function describeTime(time: Date, now: Date): string {
  const ms = time.getTime() - now.getTime();
  const span = formatSpan(Math.abs(ms));
  return `${formatEnd(time)} (${ms < 0 ? `${span} ago` : `in ${span}`})`;
}

const limitTexts: Readonly<Record<keyof TokenLimits, (limit: number) => string>> = {
  maxRequestsPerMinute: (limit) => `${limit} requests a minute`,
  maxConcurrentRequests: (limit) => `${limit} at the same time`,
  maxInputLength: (limit) => `${limit} characters a request`,
  requestTimeoutSeconds: (limit) => `${limit} s a request`,
};

const limitNames = Object.keys(limitTexts) as ReadonlyArray<keyof TokenLimits>;

/** Limits in words: `20 requests a minute, 2 at the same time`; empty where there are none. */
export function describeLimits(limits: TokenLimits): string {
  return limitNames
    .flatMap((name) => {
      const limit = limits[name];
      return limit === undefined ? [] : [limitTexts[name](limit)];
    })
    .join(", ");
}

/** Scopes in words. */
export function describeScopes(granted: Grants["scopes"]): string {
  return scopes.filter((scope) => granted.includes(scope)).join(", ") || "none";
}

/** What a token lets its bearer do, a line each. */
export function grantRows({ scopes: granted, models, limits }: Grants): Row[] {
  return [
    ["Scopes", describeScopes(granted)],
    ["Models", models === undefined ? "all" : models.join(", ") || "none"],
    ["Limits", describeLimits(limits) || "those of the server"],
  ];
}

/** The same for other programs. */
export function grantFields({ scopes: granted, models, limits }: Grants) {
  return {
    scopes: granted,
    models,
    limits: {
      max_requests_per_minute: limits.maxRequestsPerMinute,
      max_concurrent_requests: limits.maxConcurrentRequests,
      max_input_length: limits.maxInputLength,
      request_timeout_seconds: limits.requestTimeoutSeconds,
    },
  };
}
