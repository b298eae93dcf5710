import { z } from "zod";
import { field, optionalPath, optionalText, text } from "./field.ts";

/** Least bytes of a secret, by the algorithms that have one: as many as the hash has (RFC 7518, section 3.2). */
export const leastSecretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** The section `jwt`. */
export const jwt = z.strictObject({
  secret_key: field(optionalText(), {
    description: "Secret that signs tokens, at least as long as the algorithm's hash (RFC 7518, section 3.2)",
    fallback: "the secret in secret_key_file",
    variables: ["VIBECTL_JWT_SECRET"],
    oldVariable: "VIBECTL_JWT_SECRET_KEY",
    secret: true,
  }),
  secret_key_file: field(optionalPath(), {
    description: "File that holds the secret",
    fallback: "made and kept in ~/.config/vibectl/server/jwt-secret",
    variables: ["VIBECTL_JWT_SECRET_FILE"],
    path: true,
  }),
  previous_secret_key: field(optionalText(), {
    description: "Secret of before, whose tokens still count",
    variables: ["VIBECTL_JWT_PREVIOUS_SECRET"],
    secret: true,
  }),
  previous_secret_key_file: field(optionalPath(), {
    description: "File that holds the secret of before",
    variables: ["VIBECTL_JWT_PREVIOUS_SECRET_FILE"],
    path: true,
  }),
  algorithm: field(z.enum(["HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"]).default("HS256"), {
    description: "The one algorithm of the tokens' signatures (RFC 7518, section 3.1; RFC 8037)",
    variables: ["VIBECTL_JWT_ALGORITHM"],
  }),
  private_key_file: field(optionalPath(), {
    description: "PEM file with the key that signs tokens, where the algorithm is not HS256, HS384 or HS512",
    variables: ["VIBECTL_JWT_PRIVATE_KEY_FILE"],
    path: true,
  }),
  public_key_file: field(optionalPath(), {
    description: "File with the key that checks them: PEM, a certificate, a JWK or a JWKS",
    fallback: "the public part of private_key_file",
    variables: ["VIBECTL_JWT_PUBLIC_KEY_FILE"],
    path: true,
  }),
  jwks_url: field(z.url({ protocol: /^https?$/ }).nullish(), {
    description: "Address of the issuer's keys (RFC 7517, section 5)",
    allowed: "an https address, or an http one of this machine",
    variables: ["VIBECTL_JWT_JWKS_URL"],
  }),
  issuer: field(text().default("vibectl-server"), {
    description: "Issuer written into tokens and required of them",
    variables: ["VIBECTL_JWT_ISSUER"],
  }),
  audience: field(z.array(text()).default([]), {
    description: "Audience written into tokens; one of them is required of a token where any is set",
    variables: ["VIBECTL_JWT_AUDIENCE"],
  }),
  expiration_days: field(z.number().positive().max(36500).default(30), {
    description: "Time until a new token expires",
    unit: "days",
    allowed: "a number above 0, up to 36500",
    variables: ["VIBECTL_JWT_EXPIRATION_DAYS"],
  }),
  leeway_seconds: field(z.int().min(0).max(300).default(30), {
    description: "How far the clocks of this server and of the issuer may differ",
    unit: "seconds",
  }),
  subject_claim: field(text().default("sub"), {
    description: "Claim that says who bears a token; dots lead into objects",
  }),
  scope_claim: field(text().default("scope"), {
    description: "Claim with the scopes execute, info and admin; none grants execute and info to every token",
  }),
  models_claim: field(text().default("vibectl_models"), {
    description: "Claim with the patterns of the models that a token may use; none lets every token use all",
  }),
  limits_claim: field(text().default("vibectl_limits"), {
    description: "Claim with a token's own limits; none looks at none",
  }),
});
