import { expect, test } from "bun:test";
import {
  CallAbortedError,
  ConfigurationError,
  PermissionDeniedError,
  UnauthenticatedError,
} from "../../../src/errors.ts";
import { MalformedRequestError } from "../../../src/rpc/codec.ts";
import { statusOf } from "../../../src/rpc/status.ts";

test("a caller without a good token does not learn what was wrong with it", () => {
  expect(statusOf(new UnauthenticatedError("the token's signature is not this server's"))).toEqual({
    code: "UNAUTHENTICATED",
    details: "missing or invalid credentials",
  });
});

test("a caller who may not do something learns what", () => {
  expect(statusOf(new PermissionDeniedError("ci-bot may not use this model"))).toEqual({
    code: "PERMISSION_DENIED",
    details: "ci-bot may not use this model",
  });
});

test("an aborted call's status tells who aborted it", () => {
  expect(statusOf(new CallAbortedError("client")).code).toBe("CANCELLED");
  expect(statusOf(new CallAbortedError("deadline")).code).toBe("DEADLINE_EXCEEDED");
  expect(statusOf(new CallAbortedError("shutdown")).code).toBe("UNAVAILABLE");
});

test("a request that does not decode is an invalid argument", () => {
  expect(statusOf(new MalformedRequestError("the request is not a valid test.Message"))).toEqual({
    code: "INVALID_ARGUMENT",
    details: "the request is not a valid test.Message",
  });
});

test("anything else is an internal error that does not repeat what was thrown", () => {
  const internal = { code: "INTERNAL", details: "internal server error" } as const;
  for (const thrown of [new Error("sk-secret"), new ConfigurationError("sk-secret"), "sk-secret", undefined, null]) {
    expect(statusOf(thrown)).toEqual(internal);
  }
});
