import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { PermissionDeniedError } from "../../../src/errors.ts";
import {
  GetServerInfoRequestSchema,
  GetServerInfoResponseSchema,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Reply } from "../../../src/rpc/middleware.ts";
import { requireScope } from "../../../src/rpc/require-scope.ts";
import { FakeContext } from "./fake-context.ts";

const request = create(GetServerInfoRequestSchema);
const reply: Reply = { streamed: false, message: create(GetServerInfoResponseSchema) };

function callWith(granted: readonly string[] | undefined): Promise<Reply> {
  const middleware = requireScope({ grantedTo: () => granted, neededFor: () => ["read", "write"] });
  return middleware(async () => reply)(request, new FakeContext());
}

test.each([[["read"]], [["write", "other"]], [undefined]])("a call with the scopes %p passes", async (granted) => {
  expect(await callWith(granted)).toBe(reply);
});

test.each([[[]], [["other"]], [["rea", "READ"]]])(
  "a call with the scopes %p is denied, by name of what it lacks",
  async (granted) => {
    const error = await callWith(granted).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect((error as Error).message).toContain("it lacks the scope read or write");
  },
);
