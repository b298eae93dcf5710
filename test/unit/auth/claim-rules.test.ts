import { describe, expect, test } from "bun:test";
import type { ClaimNames } from "../../../src/auth/claims.ts";
import { readClaims } from "../../../src/auth/read-claims.ts";
import { UnauthenticatedError } from "../../../src/errors.ts";
import { now, seconds, settings } from "./verifiers.ts";

const good = { iss: settings.issuer, sub: "alice", exp: seconds + 60 };
const read = (claims: object, names: Partial<ClaimNames> = {}, audience: string[] = []) =>
  readClaims({ ...good, ...claims }, { ...settings, audience, claimNames: { ...settings.claimNames, ...names } }, now);

test.each([["other-app"], [["other-app"]], [[]]])(
  "a token for %p is refused where no audience is configured (RFC 7519, section 4.1.3)",
  (aud) => {
    expect(() => read({ aud })).toThrow("this server has no name (jwt.audience)");
  },
);

describe("where scopes are mapped to another claim", () => {
  const names = { scope: "realm_access.roles" };

  test("a token that says nothing of them may do nothing", () => {
    expect(read({}, names).scopes).toEqual([]);
    expect(read({ realm_access: {} }, names).scopes).toEqual([]);
    expect(read({ scope: "execute admin" }, names).scopes).toEqual([]);
    expect(read({ realm_access: { roles: ["execute"] } }, names).scopes).toEqual(["execute"]);
  });

  test.each([[null], ["none"], [7], [["execute"]]])("a token with %p on the way to them is refused", (realm_access) => {
    expect(() => read({ realm_access }, names)).toThrow(UnauthenticatedError);
    expect(() => read({ realm_access }, names)).toThrow(/claim "realm_access" is .*, so it has no "roles"/);
  });
});

test("a token that says nothing of scopes may do what those of the Python server may", () => {
  expect(read({}).scopes).toEqual(["info", "execute"]);
  expect(read({}, { scope: undefined }).scopes).toEqual(["info", "execute"]);
});

test("models in a place that is no object are no leave to use all", () => {
  expect(() => read({ ext: 7 }, { models: "ext.models" })).toThrow(/claim "ext" is 7/);
});
