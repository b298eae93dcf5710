import { describe, expect, test } from "bun:test";
import { createTokenVerifier } from "../../../src/auth/token-verifier.ts";
import { UnauthenticatedError } from "../../../src/errors.ts";
import { type HostileContext, seal } from "./hostile/forge.ts";
import { hostileTokens } from "./hostile-tokens.ts";
import { keysOf, now, reasonOf, settingsOf } from "./verifiers.ts";

const secret = "0123456789abcdef0123456789abcdef-the-secret";
const context: HostileContext = {
  secret,
  issuer: "vibectl-server",
  audience: "vibectl-clients",
  now,
  leewaySeconds: 30,
};
const { verifier } = settingsOf(await keysOf(secret), { audience: [context.audience] });
const verify = createTokenVerifier(verifier, () => now);

test("the token that the hostile ones are made from is accepted", async () => {
  expect(await verify(seal(context))).toMatchObject({ subject: "alice", id: "one" });
});

test("there are over a hundred hostile tokens, and each has a name of its own", () => {
  expect(hostileTokens.length).toBeGreaterThan(100);
  expect(new Set(hostileTokens.map(({ name }) => name)).size).toBe(hostileTokens.length);
});

describe("a server refuses", () => {
  test.each(hostileTokens.map(({ name, token, reason }) => [name, token, reason] as const))(
    "%s",
    async (_name, make, reason) => {
      const token = make(context);
      const found = await reasonOf(verify(token));
      expect(found).toMatch(reason);
      expect(found.length).toBeLessThan(400);
      expect(found).not.toMatch(/[^\P{C}]|eyJ/u);
      if (token.length > 12) expect(found).not.toContain(token.slice(0, 12));
    },
  );
});

test("no hostile token is accepted after good ones were, in any order", async () => {
  const shared = createTokenVerifier(verifier, () => now);
  await shared(seal(context));
  const results = await Promise.allSettled(hostileTokens.map(({ token }) => shared(token(context))));
  expect(results.filter(({ status }) => status === "fulfilled")).toEqual([]);
  const thrown = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  expect(thrown.every((error) => error instanceof UnauthenticatedError)).toBe(true);
});

test("reasons are specific: few kinds of hostile tokens share one", async () => {
  const reasons = await Promise.all(hostileTokens.map(({ token }) => reasonOf(verify(token(context)))));
  const counts = Map.groupBy(reasons, (reason) => reason);
  // Only that a signature is by nobody known can't be told any finer.
  const vague = [...counts].filter(
    ([reason, same]) => same.length > 12 && !reason.includes("signature is not by a key"),
  );
  expect(vague.map(([reason]) => reason)).toEqual([]);
  expect(counts.size).toBeGreaterThan(100);
});
