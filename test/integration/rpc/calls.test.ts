import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { PermissionDeniedError, UnauthenticatedError } from "../../../src/errors.ts";
import { ExecuteResponseSchema, StreamChunkSchema } from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { authenticate, callerKey } from "../../../src/rpc/authenticate.ts";
import type { CallContext } from "../../../src/rpc/context.ts";
import { logCalls } from "../../../src/rpc/log-calls.ts";
import {
  chunkOf,
  type ExecuteResponse,
  execute,
  type GetServerInfoResponse,
  getServerInfo,
  llmService,
  replyOf,
  requestOf,
  type StreamChunk,
  streamExecute,
} from "./llm-service.ts";
import { callOnce, connect, metadataOf, openStream, serve, until } from "./support.ts";

test("a unary call gets the handler's reply", async () => {
  const { port } = await serve({ services: [llmService()] });
  const { code, replies } = await callOnce<ExecuteResponse>(connect(port), execute, requestOf("höflich ☺"));
  expect(code).toBe("OK");
  expect(replies.map((reply) => reply.requestId)).toEqual(["höflich ☺"]);
});

test("a streaming call gets every message that the generator yields, in order", async () => {
  const { port } = await serve({ services: [llmService()] });
  const letters = Array.from({ length: 500 }, (_, index) => String.fromCharCode(97 + (index % 26)));
  const { outcome } = openStream<StreamChunk>(connect(port), streamExecute, requestOf(letters.join("")));
  const { code, replies } = await outcome;
  expect(code).toBe("OK");
  expect(replies.map((reply) => reply.chunkType.value)).toEqual(letters);
});

test("an empty request and a stream without messages are fine", async () => {
  const { port } = await serve({ services: [llmService()] });
  const client = connect(port);
  const info = await callOnce<GetServerInfoResponse>(client, getServerInfo, requestOf(""));
  expect(info.replies[0]?.serverName).toBe("test");
  expect(await openStream(client, streamExecute, requestOf("")).outcome).toMatchObject({ code: "OK", replies: [] });
});

test("a handler knows path, method, metadata, deadline and peer of its call", async () => {
  let seen: CallContext | undefined;
  const { port } = await serve({
    services: [
      llmService({
        execute: async (_request, context) => {
          seen = context;
          expect(context.peer).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
          return replyOf("");
        },
      }),
    ],
  });
  const client = connect(port);
  const metadata = metadataOf({ "x-text": "value" });
  metadata.add("x-bytes-bin", Buffer.from("bytes"));
  const before = Date.now();
  await callOnce(client, execute, requestOf(""), { metadata, options: { deadline: before + 60_000 } });
  expect(seen?.path).toBe("/vibectl.llm_proxy.VibectlLLMProxy/Execute");
  expect(seen?.method).toBe("Execute");
  expect(seen?.metadata("x-text")).toEqual(["value"]);
  expect(seen?.metadata("x-bytes-bin")).toEqual([Buffer.from("bytes").toString("base64")]);
  expect(seen?.metadata("x-absent")).toEqual([]);
  expect(Number(seen?.deadline)).toBeGreaterThan(before + 50_000);
  expect(Number(seen?.deadline)).toBeLessThan(before + 70_000);

  await callOnce(client, execute, requestOf(""));
  expect(seen?.deadline).toBeUndefined();
});

test("trailers go out with the status, whether the call ends well or not", async () => {
  const { port } = await serve({
    services: [
      llmService({
        execute: async (request, context) => {
          context.setTrailer("x-cost", "7");
          if (request.requestId === "fail") throw new PermissionDeniedError("not you");
          return replyOf("");
        },
        streamExecute: async function* (request, context) {
          yield chunkOf("first");
          context.setTrailer("x-cost", "8");
          if (request.requestId === "fail") throw new PermissionDeniedError("not you");
        },
      }),
    ],
  });
  const client = connect(port);
  const unary = (text: string) => callOnce(client, execute, requestOf(text));
  const streamed = (text: string) => openStream(client, streamExecute, requestOf(text)).outcome;
  expect(await unary("")).toMatchObject({ code: "OK", trailers: { "x-cost": "7" } });
  expect(await unary("fail")).toMatchObject({ code: "PERMISSION_DENIED", trailers: { "x-cost": "7" } });
  expect(await streamed("")).toMatchObject({ code: "OK", trailers: { "x-cost": "8" } });
  expect(await streamed("fail")).toMatchObject({ code: "PERMISSION_DENIED", trailers: { "x-cost": "8" } });
});

test("a stream that fails ends with the status after the messages before it", async () => {
  const { port } = await serve({
    services: [
      llmService({
        streamExecute: async function* () {
          yield chunkOf("before");
          throw new Error("sk-secret");
        },
      }),
    ],
  });
  const outcome = await openStream<StreamChunk>(connect(port), streamExecute, requestOf("")).outcome;
  expect(outcome.replies.map((reply) => reply.chunkType.value)).toEqual(["before"]);
  expect(outcome).toMatchObject({ code: "INTERNAL", details: "internal server error" });
});

test("a handler that throws before its first await is answered with a status", async () => {
  const throwing = () => {
    throw new Error("sk-secret");
  };
  const { port } = await serve({ services: [llmService({ execute: throwing, streamExecute: throwing })] });
  const client = connect(port);
  const internal = { code: "INTERNAL", details: "internal server error" };
  expect(await callOnce(client, execute, requestOf(""))).toMatchObject(internal);
  expect(await openStream(client, streamExecute, requestOf("")).outcome).toMatchObject(internal);
  expect((await callOnce(client, getServerInfo, requestOf(""))).code).toBe("OK");
});

test("a reply that can't be encoded is an internal error", async () => {
  const result = { case: "success", value: { metrics: { retryCount: 2 ** 40 } } } as const;
  const broken = () => create(ExecuteResponseSchema, { result });
  const chunks = [
    chunkOf("good"),
    create(StreamChunkSchema, { chunkType: { case: "finalMetrics", value: result.value.metrics } }),
  ];
  const { port } = await serve({
    services: [
      llmService({
        execute: async () => broken(),
        streamExecute: async function* () {
          yield* chunks;
        },
      }),
    ],
  });
  const client = connect(port);
  expect((await callOnce(client, execute, requestOf(""))).code).toBe("INTERNAL");
  expect(await openStream(client, streamExecute, requestOf("")).outcome).toMatchObject({
    code: "INTERNAL",
    replies: [chunkOf("good")],
  });
});

test("calls without a good token are refused and written with the reason, which the caller does not learn", async () => {
  const records: Record<string, unknown>[] = [];
  const write = (fields: Record<string, unknown>) => records.push(fields);
  const verify = async (token: string) => {
    if (token !== "good") throw new UnauthenticatedError("the token has expired");
    return { subject: "ci-bot" };
  };
  let caller: string | undefined;
  const { port } = await serve({
    services: [
      llmService({
        execute: async (_request, context) => {
          caller = context.get(callerKey)?.subject;
          return replyOf("");
        },
      }),
    ],
    middleware: [logCalls({ info: write, warn: write, error: write }), authenticate({ verify })],
  });
  const client = connect(port);
  const call = (authorization?: string) =>
    callOnce(client, execute, requestOf(""), { metadata: metadataOf(authorization ? { authorization } : {}) });
  const refused = { code: "UNAUTHENTICATED", details: "missing or invalid credentials" };
  expect(await call()).toMatchObject(refused);
  expect(await call("Bearer bad")).toMatchObject(refused);
  expect(caller).toBeUndefined();
  expect((await call("Bearer good")).code).toBe("OK");
  expect(caller).toBe("ci-bot");
  expect(records.map(({ code, reason, subject }) => ({ code, reason, subject }))).toEqual([
    { code: "UNAUTHENTICATED", reason: "the call carries no authorization metadata", subject: undefined },
    { code: "UNAUTHENTICATED", reason: "the token has expired", subject: undefined },
    { code: "OK", reason: undefined, subject: "ci-bot" },
  ]);
});

test("the outcome is told once to each listener, also to one that comes late", async () => {
  const ends: string[] = [];
  let late: CallContext | undefined;
  const { port } = await serve({
    services: [
      llmService({
        execute: async (_request, context) => {
          late = context;
          context.onEnd(({ code }) => ends.push(`first ${code}`));
          context.onEnd(({ code }) => ends.push(`second ${code}`));
          return replyOf("");
        },
      }),
    ],
  });
  await callOnce(connect(port), execute, requestOf(""));
  late?.onEnd(({ code }) => ends.push(`late ${code}`));
  expect(ends).toEqual(["first OK", "second OK", "late OK"]);
});

test("no call is left over when all have ended", async () => {
  const { server, port } = await serve({ services: [llmService()] });
  const client = connect(port);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0
        ? callOnce(client, execute, requestOf("a"))
        : openStream(client, streamExecute, requestOf("abc")).outcome,
    ),
  );
  await until(() => server.activeCalls === 0);
});
