import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { compose, type Handler, type Middleware } from "../../../src/rpc/middleware.ts";
import { FakeContext } from "./fake-context.ts";

const request = create(StringValueSchema, { value: "request" });

function tracing(name: string, trace: string[]): Middleware {
  return (next) => async (message, context) => {
    trace.push(`${name} before`);
    const reply = await next(message, context);
    trace.push(`${name} after`);
    return reply;
  };
}

test("middleware runs around the handler, the first outermost", async () => {
  const trace: string[] = [];
  const handler: Handler = async (message) => {
    trace.push("handler");
    return { streamed: false, message: message as typeof request };
  };
  const composed = compose([tracing("outer", trace), tracing("inner", trace)], handler);
  expect(await composed(request, new FakeContext())).toEqual({ streamed: false, message: request });
  expect(trace).toEqual(["outer before", "inner before", "handler", "inner after", "outer after"]);
});

test("middleware that throws keeps the call from what is inside of it", async () => {
  const trace: string[] = [];
  const refusing: Middleware = () => async () => {
    throw new Error("no");
  };
  const composed = compose([tracing("outer", trace), refusing, tracing("inner", trace)], async () => {
    throw new Error("unreachable");
  });
  await expect(composed(request, new FakeContext())).rejects.toThrow("no");
  expect(trace).toEqual(["outer before"]);
});

test("without middleware the handler is called as it is", () => {
  const handler: Handler = async () => ({ streamed: false, message: request });
  expect(compose([], handler)).toBe(handler);
});
