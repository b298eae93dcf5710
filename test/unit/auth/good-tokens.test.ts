import { expect, test } from "bun:test";
import { SignJWT } from "jose";
import { algorithms, isHmac } from "../../../src/auth/algorithms.ts";
import { createTokenVerifier, type VerifierSettings } from "../../../src/auth/token-verifier.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { loadPrivate, materialFor } from "./key-material.ts";
import { keysOf, now, seconds, settings, settingsOf } from "./verifiers.ts";

const folder = temporaryFolder();
const pair = await keysOf("s".repeat(64));

interface GoodToken {
  name: string;
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  rules?: Partial<VerifierSettings>;
  expected?: object;
}

const claimNames = { subject: "realm.user", scope: "roles", models: "realm.models", limits: undefined };
const address = "https://id.example.com/claims/user";

const goodTokens: readonly GoodToken[] = [
  {
    name: "of the Python server, which says no more than this",
    expected: { subject: "alice", scopes: ["info", "execute"], models: undefined, limits: {} },
  },
  { name: "just before the end of the leeway", claims: { exp: seconds - 29 } },
  { name: "with a broken second in its expiry", claims: { exp: seconds + 0.5 } },
  { name: "that expires at the end of time", claims: { exp: 253402300799 } },
  { name: "of half a minute in the future", claims: { iat: seconds + 30, nbf: seconds + 30 } },
  { name: "of long ago", claims: { iat: 0, nbf: 0 }, expected: { issuedAt: new Date(0) } },
  { name: "without a time of issue", claims: { iat: undefined }, expected: { issuedAt: undefined } },
  { name: "without a type", header: { typ: undefined } },
  { name: "of the type at+JWT", header: { typ: "at+JWT" } },
  { name: "of the type application/at+jwt", header: { typ: "application/at+jwt" } },
  { name: "of the type jwt", header: { typ: "jwt" } },
  { name: "with a key id that nobody knows", header: { kid: "whatever" } },
  { name: "with members of others in its header", header: { x5t: "abc", nonce: 1 } },
  { name: "for an audience", claims: { aud: "api" }, rules: { audience: ["api"] } },
  { name: "for one audience of several", claims: { aud: ["other", "api"] }, rules: { audience: ["x", "api"] } },
  { name: "with a subject in Japanese", claims: { sub: "山田 太郎" }, expected: { subject: "山田 太郎" } },
  { name: "with a composed letter", claims: { sub: "amélie" }, expected: { subject: "amélie" } },
  { name: "with a subject of 256 characters outside the first plane", claims: { sub: "𝒜".repeat(256) } },
  { name: "with a subject that is an address", claims: { sub: "system:serviceaccount:ci/bot+1@example.com" } },
  { name: "with an id", claims: { jti: "j".repeat(256) }, expected: { id: "j".repeat(256) } },
  { name: "for information only", claims: { scope: "info" }, expected: { scopes: ["info"] } },
  { name: "with scopes of others", claims: { scope: "openid execute profile" }, expected: { scopes: ["execute"] } },
  {
    name: "with a list of scopes",
    claims: { scope: ["vibectl:info", "vibectl:execute"] },
    expected: { scopes: ["info", "execute"] },
  },
  {
    name: "of an administrator, who may do all",
    claims: { scope: "vibectl:admin" },
    expected: { scopes: ["info", "execute", "admin"] },
  },
  { name: "that grants nothing here", claims: { scope: "openid Execute executes admin\n" }, expected: { scopes: [] } },
  { name: "with an empty scope", claims: { scope: "" }, expected: { scopes: [] } },
  { name: "for one model", claims: { vibectl_models: "openai/*" }, expected: { models: ["openai/*"] } },
  { name: "for no model", claims: { vibectl_models: [] }, expected: { models: [] } },
  { name: "for a hundred models", claims: { vibectl_models: Array.from({ length: 100 }, () => "m".repeat(40)) } },
  {
    name: "with every limit",
    claims: {
      vibectl_limits: {
        max_requests_per_minute: 1,
        max_concurrent_requests: 2,
        max_input_length: 3,
        request_timeout_seconds: Number.MAX_SAFE_INTEGER,
      },
    },
    expected: {
      limits: {
        maxRequestsPerMinute: 1,
        maxConcurrentRequests: 2,
        maxInputLength: 3,
        requestTimeoutSeconds: Number.MAX_SAFE_INTEGER,
      },
    },
  },
  {
    name: "with mapped claims",
    claims: { sub: 5, realm: { user: "bob", models: ["a"] }, roles: ["admin"], scope: 9, vibectl_limits: "of another" },
    rules: { claimNames },
    expected: { subject: "bob", models: ["a"], scopes: ["info", "execute", "admin"], limits: {} },
  },
  {
    name: "with a mapped claim whose name is an address",
    claims: { [address]: "carol" },
    rules: { claimNames: { ...settings.claimNames, subject: address } },
    expected: { subject: "carol" },
  },
  { name: "with objects in 16 objects", claims: { x: JSON.parse(`${'{"a":'.repeat(15)}1${"}".repeat(15)}`) } },
  { name: "with one name in two objects", claims: { a: { x: 1 }, b: [{ x: 2 }, { x: 3 }], x: '"x":' } },
  { name: "with brackets in a text", claims: { x: "[{".repeat(40), y: '\\"{' } },
];

test.each(goodTokens.map((row) => [row.name, row] as const))("a token %s is accepted", async (_name, row) => {
  const claims = { iss: "vibectl-server", sub: "alice", exp: seconds + 60, ...row.claims };
  const token = await new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "HS256", typ: "JWT", ...row.header })
    .sign(pair.signing.key);
  const { verifier } = settingsOf(pair, row.rules);
  expect(await createTokenVerifier(verifier, () => now)(token)).toMatchObject({ ...row.expected });
});

test.each(algorithms)("a token signed with %s is accepted", async (algorithm) => {
  const keys = isHmac(algorithm)
    ? await keysOf("s".repeat(64), algorithm)
    : await loadPrivate(folder, algorithm, materialFor(algorithm));
  const token = await new SignJWT({ iss: "vibectl-server", sub: "alice", exp: seconds + 60 })
    .setProtectedHeader({ alg: algorithm })
    .sign(keys.signing.key);
  expect(await createTokenVerifier(settingsOf(keys).verifier, () => now)(token)).toMatchObject({ subject: "alice" });
});
