import { describe, expect, test } from "bun:test";
import { SignJWT, UnsecuredJWT } from "jose";
import { createTokenVerifier, issueToken, type TokenSettings } from "../../../src/auth/token.ts";
import { ConfigurationError, UnauthenticatedError } from "../../../src/errors.ts";

const settings: TokenSettings = {
  secret: new TextEncoder().encode("k".repeat(32)),
  algorithm: "HS256",
  issuer: "vibectl-server",
};
const now = new Date("2026-06-01T12:00:00Z");
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const verifyAt = (clock: Date) => createTokenVerifier(settings, () => clock);

async function reasonOf(token: string, clock = now): Promise<string> {
  const error = await verifyAt(clock)(token).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UnauthenticatedError);
  return (error as Error).message;
}

function sign(claims: Record<string, unknown>, secret = settings.secret, algorithm = "HS256"): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: algorithm }).sign(secret);
}

const seconds = now.getTime() / 1000;
const good = { sub: "alice", iss: "vibectl-server", exp: seconds + 60 };

test("an issued token is accepted until it expires, with half a minute for clocks that differ", async () => {
  const { token, expiresAt } = await issueToken("ci-bot", 3600, settings, now);
  expect(expiresAt).toEqual(at(3600));
  expect(await verifyAt(now)(token)).toMatchObject({ subject: "ci-bot", expiresAt });
  expect(await verifyAt(at(3600 + 29))(token)).toMatchObject({ subject: "ci-bot" });
  expect(await reasonOf(token, at(3600 + 31))).toBe("the token has expired");
});

test("a token that was accepted before is refused all the same once it has expired", async () => {
  const { token } = await issueToken("ci-bot", 3600, settings, now);
  let clock = now;
  const verify = createTokenVerifier(settings, () => clock);
  await verify(token);
  clock = at(3600 + 29);
  expect(await verify(token)).toMatchObject({ subject: "ci-bot" });
  clock = at(3600 + 31);
  await expect(verify(token)).rejects.toThrow("the token has expired");
});

test("a token that differs from an accepted one in its signature alone is refused", async () => {
  const { token } = await issueToken("ci-bot", 3600, settings, now);
  const verify = verifyAt(now);
  await verify(token);
  await expect(verify(token.slice(0, -8))).rejects.toThrow("signature");
});

test("every token has an id of its own", async () => {
  const [first, second] = await Promise.all([issueToken("a", 60, settings, now), issueToken("a", 60, settings, now)]);
  expect(first.id).not.toBe(second.id);
});

describe("a token is refused", () => {
  const cases: ReadonlyArray<readonly [what: string, token: () => Promise<string> | string, reason: RegExp]> = [
    ["that is empty", () => "", /malformed/],
    ["that is no token", () => "not-a-token", /malformed/],
    ["that is cut off", async () => (await sign(good)).slice(0, -9), /signature/],
    ["that is huge", () => "a".repeat(9000), /9000 characters/],
    ["that is not signed", () => new UnsecuredJWT(good).encode(), /malformed|algorithm/],
    ["that another secret signed", () => sign(good, new TextEncoder().encode("x".repeat(32))), /signature/],
    ["of another algorithm", () => sign(good, new TextEncoder().encode("k".repeat(64)), "HS512"), /algorithm/],
    ["of another issuer", () => sign({ ...good, iss: "other" }), /"iss"/],
    ["without an issuer", () => sign({ sub: "a", exp: seconds + 60 }), /"iss"/],
    ["without an expiry", () => sign({ sub: "a", iss: "vibectl-server" }), /"exp"/],
    ["without a subject", () => sign({ iss: "vibectl-server", exp: seconds + 60 }), /"sub"/],
    ["with an empty subject", () => sign({ ...good, sub: "" }), /"sub"/],
    ["whose subject is no text", () => sign({ ...good, sub: 5 }), /"sub"|malformed/],
    ["whose expiry is no number", () => sign({ ...good, exp: "soon" }), /"exp"|malformed/],
    ["that is not valid yet", () => sign({ ...good, nbf: seconds + 60 }), /"nbf"/],
  ];
  test.each(cases)("%s", async (_what, token, reason) => {
    expect(await reasonOf(await token())).toMatch(reason);
  });
});

test.each(["", " a", "a\nb", "x".repeat(257)])("%p can't be a subject", async (subject) => {
  await expect(issueToken(subject, 60, settings)).rejects.toThrow(ConfigurationError);
});
