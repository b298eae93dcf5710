import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { CallAbortedError, UnauthenticatedError } from "../../../src/errors.ts";
import { callerKey } from "../../../src/rpc/authenticate.ts";
import type { CallEnd } from "../../../src/rpc/context.ts";
import { logCalls } from "../../../src/rpc/log-calls.ts";
import { FakeContext } from "./fake-context.ts";

const request = create(StringValueSchema);

async function recordOf(end: CallEnd, subject?: string) {
  const records: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => {
    records.push({ level, fields, message });
  };
  const logger = { info: write("info"), warn: write("warn"), error: write("error") };
  const context = new FakeContext();
  await logCalls(logger)(async (message, inner) => {
    if (subject !== undefined) {
      inner.set(callerKey, { subject, by: "token" });
    }
    return { streamed: false, message: message as typeof request };
  })(request, context);
  expect(records).toEqual([]);
  context.end(end);
  expect(records).toHaveLength(1);
  return records[0];
}

test("a call that ended well is one record with path, peer, code and duration", async () => {
  const record = await recordOf({ code: "OK" });
  expect(record?.level).toBe("info");
  expect(record?.fields).toEqual({
    path: "/test.Service/Method",
    peer: "192.0.2.1:4242",
    code: "OK",
    durationMs: expect.any(Number),
  });
});

test("the record names the caller where it is known, and what says who it is", async () => {
  const record = await recordOf({ code: "OK" }, "ci-bot");
  expect(record?.fields).toMatchObject({ subject: "ci-bot", identifiedBy: "token" });
});

test("a caller who hangs up is no failure", async () => {
  const record = await recordOf({ code: "CANCELLED", error: new CallAbortedError("client") });
  expect(record?.level).toBe("info");
  expect(record?.fields).not.toHaveProperty("err");
});

test("a refused call is a warning that tells the operator why", async () => {
  const record = await recordOf({ code: "UNAUTHENTICATED", error: new UnauthenticatedError("the token has expired") });
  expect(record?.level).toBe("warn");
  expect(record?.fields.reason).toBe("the token has expired");
  expect(record?.fields).not.toHaveProperty("err");
});

test("a fault of the server is an error with what was thrown", async () => {
  const error = new Error("bug", { cause: new Error("its cause") });
  const record = await recordOf({ code: "INTERNAL", error });
  expect(record?.level).toBe("error");
  expect(record?.fields.err).toBe(error);
});
