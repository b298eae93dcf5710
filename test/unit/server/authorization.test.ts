import { describe, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import type { Scope, TokenClaims } from "../../../src/auth/claims.ts";
import { PermissionDeniedError } from "../../../src/errors.ts";
import { ExecuteRequestSchema, ExecuteResponseSchema } from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { callerKey } from "../../../src/rpc/authenticate.ts";
import type { Reply } from "../../../src/rpc/middleware.ts";
import { authorize, claimsKey, mayUseModel } from "../../../src/server/authorization.ts";
import { FakeContext } from "../rpc/fake-context.ts";

const proxy = "/vibectl.llm_proxy.VibectlLLMProxy";

/** A context that is of one method. */
class MethodContext extends FakeContext {
  override readonly path: string;
  override readonly method: string;

  constructor(path: string) {
    super();
    this.path = path;
    this.method = path.slice(path.lastIndexOf("/") + 1);
  }
}

function claimsOf(scopes: readonly Scope[], models?: readonly string[]): TokenClaims {
  return {
    subject: "alice",
    id: "1",
    issuedAt: undefined,
    expiresAt: new Date("2030-01-01T00:00:00Z"),
    scopes,
    models,
    limits: {},
  };
}

async function isPermitted(context: MethodContext): Promise<boolean> {
  const reply: Reply = { streamed: false, message: create(ExecuteResponseSchema) };
  return await authorize()(async () => reply)(create(ExecuteRequestSchema), context).then(
    () => true,
    (error: unknown) => {
      expect(error).toBeInstanceOf(PermissionDeniedError);
      return false;
    },
  );
}

describe("a method is for", () => {
  const methods = [`${proxy}/Execute`, `${proxy}/StreamExecute`, `${proxy}/GetServerInfo`, "/other.Service/Reset"];
  const permittedTo = (prepare: (context: MethodContext) => void) =>
    Promise.all(
      methods.map((path) => {
        const context = new MethodContext(path);
        prepare(context);
        return isPermitted(context);
      }),
    );

  test.each([
    ["info", ["info"], [false, false, true, false]],
    ["execute", ["execute"], [true, true, true, false]],
    ["admin", ["info", "execute", "admin"], [true, true, true, true]],
    ["nothing", [], [false, false, false, false]],
  ] satisfies [string, Scope[], boolean[]][])("a token whose scope is %s", async (_name, scopes, expected) => {
    expect(await permittedTo((context) => context.set(claimsKey, claimsOf(scopes)))).toEqual(expected);
  });

  test("a certificate, but for what only an administrator may do", async () => {
    const known = { subject: "alice", by: "certificate" } as const;
    expect(await permittedTo((context) => context.set(callerKey, known))).toEqual([true, true, true, false]);
  });

  test("everybody where nobody is asked who they are", async () => {
    expect(await permittedTo(() => undefined)).toEqual([true, true, true, true]);
  });
});

test("a model is for a token one of whose patterns fits its id or an alias", () => {
  const context = new MethodContext(`${proxy}/Execute`);
  expect(mayUseModel(context, ["echo/echo"])).toBe(true);
  context.set(claimsKey, claimsOf(["execute"], ["anthropic/*", "fast"]));
  expect(mayUseModel(context, ["anthropic/claude"])).toBe(true);
  expect(mayUseModel(context, ["openai/gpt-4o", "fast"])).toBe(true);
  expect(mayUseModel(context, ["openai/gpt-4o"])).toBe(false);
});
