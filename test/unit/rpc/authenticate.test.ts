import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { UnauthenticatedError } from "../../../src/errors.ts";
import { authenticate, type Caller, callerKey } from "../../../src/rpc/authenticate.ts";
import { FakeContext } from "./fake-context.ts";

const request = create(StringValueSchema);

async function call(authorization: readonly string[], verify?: (token: string) => Promise<{ subject: string }>) {
  const tokens: string[] = [];
  const context = new FakeContext({ authorization });
  const middleware = authenticate({
    verify: async (token) => {
      tokens.push(token);
      return verify ? verify(token) : { subject: "ci-bot" };
    },
  });
  let reached: Caller | undefined;
  await middleware(async (message, inner) => {
    reached = inner.get(callerKey);
    return { streamed: false, message: message as typeof request };
  })(request, context);
  return { tokens, reached };
}

test("a good token's bearer is in the context of what runs inside", async () => {
  expect(await call(["Bearer abc.def-_.123="])).toEqual({
    tokens: ["abc.def-_.123="],
    reached: { subject: "ci-bot", by: "token" },
  });
});

test("the scheme's case does not matter, nor do further spaces", async () => {
  expect((await call(["bearer  abc "])).tokens).toEqual(["abc"]);
  expect((await call(["BEARER abc"])).tokens).toEqual(["abc"]);
});

test.each([
  [[], "no authorization metadata"],
  [[""], "not of the form"],
  [["Bearer"], "not of the form"],
  [["Bearer "], "not of the form"],
  [["abc"], "not of the form"],
  [["Basic dXNlcjpwYXNz"], "not of the form"],
  [["Bearer a b"], "not of the form"],
  [["Bearer a, Bearer b"], "not of the form"],
  [["Bearer a", "Bearer b"], "2 authorization values"],
])("the authorization %j is refused before it is verified", async (authorization, reason) => {
  const refused = call(authorization, () => Promise.reject(new Error("unreachable")));
  await expect(refused).rejects.toBeInstanceOf(UnauthenticatedError);
  await expect(refused).rejects.toThrow(reason);
});

test("what the verifier throws ends the call", async () => {
  const expired = new UnauthenticatedError("the token has expired");
  await expect(call(["Bearer abc"], () => Promise.reject(expired))).rejects.toBe(expired);
});

test("the log's reason never holds the token", async () => {
  const error = await call(["Bearer secret secret"]).catch((thrown: unknown) => thrown);
  expect(String(error)).not.toContain("secret");
});
