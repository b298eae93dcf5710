import { createHmac } from "node:crypto";

/** The server that hostile tokens are made for. It takes HS256. */
export interface HostileContext {
  /** The secret that the server has; an attacker has not, but hostile tokens with a good signature have to be refused, too. */
  secret: string;
  issuer: string;
  /** The server asks for this audience. */
  audience: string;
  now: Date;
  /** Seconds that the server allows clocks to differ. */
  leewaySeconds: number;
}

/** A token that has to be refused. */
export interface HostileToken {
  name: string;
  token(context: HostileContext): string;
  /** What the log has to say. */
  reason: RegExp;
}

export const header = { alg: "HS256", typ: "JWT" };

/** A text, or bytes, in base64url. */
export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64url");
}

/** Seconds since 1970. */
export function secondsOf({ now }: HostileContext): number {
  return Math.floor(now.getTime() / 1000);
}

/** Claims of a token that would be accepted. */
export function goodClaims(context: HostileContext): Record<string, unknown> {
  const now = secondsOf(context);
  return { iss: context.issuer, aud: context.audience, sub: "alice", iat: now, exp: now + 600, jti: "one" };
}

/** A signature with a secret, whatever the header says. */
export function hmac(input: string, secret: string | Uint8Array, hash = "sha256"): string {
  return createHmac(hash, secret).update(input).digest("base64url");
}

/** A token of the given texts, signed with a secret. */
export function sealTexts(headerText: string | Uint8Array, payloadText: string | Uint8Array, secret: string): string {
  const input = `${base64url(headerText)}.${base64url(payloadText)}`;
  return `${input}.${hmac(input, secret)}`;
}

/** A good token but for what is given here. Its signature is good. */
export function seal(context: HostileContext, claims: object = {}, headers: object = {}): string {
  const payload = { ...goodClaims(context), ...claims };
  return sealTexts(JSON.stringify({ ...header, ...headers }), JSON.stringify(payload), context.secret);
}

/** As seal(), signed with another secret. */
export function sealWith(secret: string, context: HostileContext, headers: object = {}, claims: object = {}): string {
  return seal({ ...context, secret }, claims, headers);
}

/** The three parts of a good token. */
export function partsOf(context: HostileContext): [header: string, payload: string, signature: string] {
  const [first = "", second = "", third = ""] = seal(context).split(".");
  return [first, second, third];
}
