/** What a token may be used for: asking models, asking about the server, and looking after it. */
export type Scope = "execute" | "info" | "admin";

/** Every scope, the smallest first. */
export const scopes: readonly Scope[] = ["info", "execute", "admin"];

/** The limits that a token sets for its bearer, each a positive whole number. */
export interface TokenLimits {
  maxRequestsPerMinute?: number;
  maxConcurrentRequests?: number;
  /** Characters of a request. */
  maxInputLength?: number;
  /** Seconds. */
  requestTimeoutSeconds?: number;
}

/** What a token lets its bearer do. */
export interface Grants {
  /** `admin` never stands alone: who has it has all. */
  scopes: readonly Scope[];
  /** Patterns of the models that it may be used for; undefined: every model. */
  models: readonly string[] | undefined;
  limits: TokenLimits;
}

/** What a token says of its bearer. */
export interface TokenClaims extends Grants {
  /** The `sub` claim (RFC 7519, section 4.1.2), or the one that takes its place. */
  subject: string;
  /** The `jti` claim (RFC 7519, section 4.1.7). */
  id: string | undefined;
  /** The `iat` claim (RFC 7519, section 4.1.6). */
  issuedAt: Date | undefined;
  /** The `exp` claim (RFC 7519, section 4.1.4). */
  expiresAt: Date;
}

/**
 * Which claims are looked at. A dot walks into an object: `realm.user` is the member `user` of the claim `realm`, unless
 * there is a claim whose name is all of that. Undefined: that claim is not looked at.
 */
export interface ClaimNames {
  subject: string;
  scope: string | undefined;
  models: string | undefined;
  limits: string | undefined;
}

/** The names of claims in tokens that this server issues, unless they are configured. */
export const defaultClaimNames: ClaimNames = {
  subject: "sub",
  scope: "scope",
  models: "vibectl_models",
  limits: "vibectl_limits",
};

/** Characters that a claim may have where it names somebody or something. */
export const longestName = 256;

/** The last second of the year 9999, in seconds since 1970: no time after it can be written down. */
export const lastSecond = 253_402_300_799;
