import { describe, expect, test } from "bun:test";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { algorithms, isHmac } from "../../../src/auth/algorithms.ts";
import { issueToken, type SigningSettings, type TokenRequest } from "../../../src/auth/token-issuer.ts";
import { createTokenVerifier } from "../../../src/auth/token-verifier.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { loadPrivate, materialFor } from "./key-material.ts";
import { at, keysOf, now, seconds, settingsOf } from "./verifiers.ts";

const folder = temporaryFolder();
const pair = await keysOf("s".repeat(64));
const { signer, verifier } = settingsOf(pair);
const verify = createTokenVerifier(verifier, () => now);
const request: TokenRequest = { subject: "ci-bot", lifetimeSeconds: 3600 };

test("an issued token says what was asked, and is accepted", async () => {
  const limits = { maxRequestsPerMinute: 20, requestTimeoutSeconds: 5 };
  const asked: TokenRequest = { ...request, scopes: ["info"], models: ["openai/*", "echo"], limits };
  const { token, ...claims } = await issueToken(asked, signer, now);
  expect(claims).toMatchObject({ ...limitsAndAll(asked), issuedAt: now, expiresAt: at(3600) });
  expect(await verify(token)).toEqual(claims);
  expect<object>(decodeJwt(token)).toEqual({
    iss: "vibectl-server",
    iat: seconds,
    exp: seconds + 3600,
    jti: claims.id,
    sub: "ci-bot",
    scope: "info",
    vibectl_models: ["openai/*", "echo"],
    vibectl_limits: { max_requests_per_minute: 20, request_timeout_seconds: 5 },
  });
});

function limitsAndAll({ subject, scopes, models, limits }: TokenRequest) {
  return { subject, scopes, models, limits };
}

test("a token that is asked for nothing more has no more claims, as the Python server's have", async () => {
  const { token, scopes } = await issueToken(request, signer, now);
  expect(Object.keys(decodeJwt(token)).sort()).toEqual(["exp", "iat", "iss", "jti", "sub"]);
  expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "JWT" });
  expect(scopes).toEqual(["info", "execute"]);
});

test("every token has an id of its own", async () => {
  const [first, second] = await Promise.all([issueToken(request, signer, now), issueToken(request, signer, now)]);
  expect(first.id).not.toBe(second.id);
});

test("a token can be issued as of the second after a revocation", async () => {
  const { issuedAt, expiresAt } = await issueToken({ ...request, issuedNotBefore: at(0.4) }, signer, at(0.5));
  expect(issuedAt).toEqual(at(1));
  expect(expiresAt).toEqual(at(3601));
  expect((await issueToken({ ...request, issuedNotBefore: at(-60) }, signer, now)).issuedAt).toEqual(now);
});

test("audiences and mapped claims are written as they are checked", async () => {
  const claimNames = { subject: "realm.user", scope: "realm.roles", models: "m", limits: "l.x.y" };
  for (const audience of [["a"], ["a", "b"]]) {
    const mapped = settingsOf(pair, { audience, claimNames });
    const asked: TokenRequest = { ...request, scopes: ["admin"], models: ["*"], limits: { maxInputLength: 9 } };
    const { token, ...claims } = await issueToken(asked, mapped.signer, now);
    expect(await createTokenVerifier(mapped.verifier, () => now)(token)).toEqual(claims);
    expect(decodeJwt(token).realm).toEqual({ user: "ci-bot", roles: "info execute admin" });
  }
});

test.each(algorithms)("tokens of %s are accepted, and name their key where it is not a secret", async (algorithm) => {
  const keys = isHmac(algorithm)
    ? await keysOf("s".repeat(64), algorithm)
    : await loadPrivate(folder, algorithm, materialFor(algorithm));
  const own = settingsOf(keys);
  const { token } = await issueToken(request, own.signer, now);
  expect(await createTokenVerifier(own.verifier, () => now)(token)).toMatchObject({ subject: "ci-bot" });
  const { alg, kid } = decodeProtectedHeader(token);
  expect(alg).toBe(algorithm);
  // A thumbprint is a SHA-256 (RFC 7638).
  if (isHmac(algorithm)) expect(kid).toBeUndefined();
  else expect(kid).toMatch(/^[\w-]{43}$/);
});

describe("no token is issued", () => {
  const noModels: Partial<SigningSettings> = { claimNames: { ...signer.claimNames, models: undefined } };
  const inTheWay: Partial<SigningSettings> = { claimNames: { ...signer.claimNames, scope: "sub.scope" } };
  const cases: readonly (readonly [string, Partial<TokenRequest>, RegExp, Partial<SigningSettings>?])[] = [
    ["without a subject", { subject: "" }, /"" can't be a token's subject: it is empty/],
    ["for a blank", { subject: " a" }, /begins or ends with a blank/],
    ["for two lines", { subject: "a\nb" }, /"a\\u\{a\}b" .* can't be seen/],
    ["for a long subject", { subject: "x".repeat(257) }, /"x{40}…" .* 257 characters/],
    ["for no time", { lifetimeSeconds: 0 }, /can't be valid for 0 seconds/],
    ["for NaN seconds", { lifetimeSeconds: Number.NaN }, /can't be valid for NaN seconds/],
    ["beyond the year 9999", { lifetimeSeconds: 1e12 }, /outlast the year 9999/],
    ["without a scope", { scopes: [] }, /without a scope/],
    ["for too many models", { models: Array.from({ length: 101 }, () => "*") }, /names 101 models/],
    ["for an empty model", { models: [""] }, /empty name of a model/],
    ["with a limit of zero", { limits: { maxInputLength: 0 } }, /0 can't be a limit/],
    ["with half a limit", { limits: { maxInputLength: 0.5 } }, /0.5 can't be a limit/],
    [
      "that is too long",
      { models: Array.from({ length: 100 }, () => "m".repeat(200)) },
      /characters; servers take 8192/,
    ],
    ["with models where no claim holds them", { models: ["*"] }, /can't hold models/, noModels],
    ["with a claim in another", { scopes: ["info"] }, /claim sub can't be written twice/, inTheWay],
  ];
  test.each(cases)("%s", async (_name, part, message, other = {}) => {
    const issuing = issueToken({ ...request, ...part }, { ...signer, ...other }, now);
    await expect(issuing).rejects.toThrow(ConfigurationError);
    await expect(issuing).rejects.toThrow(message);
  });
});
