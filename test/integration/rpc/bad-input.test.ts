import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ClientHttp2Session } from "node:http2";
import { connect as connectSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { ExecuteRequestSchema } from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { execute, llmService, replyOf, requestOf, streamExecute } from "./llm-service.ts";
import { callOnce, callRaw, connect, connectRaw, frame, pathOf, serve } from "./support.ts";

const escaped: unknown[] = [];
const remember = (error: unknown) => escaped.push(error);

beforeAll(() => {
  process.on("uncaughtException", remember).on("unhandledRejection", remember);
});

afterAll(() => {
  process.off("uncaughtException", remember).off("unhandledRejection", remember);
});

/** A server, a connection to it, and the check that both are still good. */
async function serveTough(maxRequestBytes?: number) {
  const { port } = await serve({ services: [llmService()], maxRequestBytes });
  const session = connectRaw(port);
  const stillGood = async (connection: ClientHttp2Session = session) => {
    const bytes = frame(toBinary(ExecuteRequestSchema, requestOf("again")));
    expect(await callRaw(connection, pathOf(execute), bytes)).toBe(0);
    expect((await callOnce(connect(port), execute, requestOf("again"))).code).toBe("OK");
    expect(escaped).toEqual([]);
  };
  await stillGood();
  return { port, session, stillGood };
}

/** Sends bytes on a connection of their own and waits until the server closes it. */
function sendAndWait(port: number, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, "127.0.0.1");
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
    socket.resume();
    socket.write(bytes);
  });
}

test.each([
  ["a field with a wire type that does not exist", [0x0f]],
  ["a length beyond the end", [0x0a, 0x7f, 0x61]],
  ["invalid UTF-8 in a string", [0x2a, 2, 0xff, 0xfe]],
])("%s is an invalid argument, and the next call works", async (_what, bytes) => {
  const { session, stillGood } = await serveTough();
  const body = frame(Uint8Array.from(bytes));
  expect(await callRaw(session, pathOf(execute), body)).toBe(3);
  expect(await callRaw(session, pathOf(streamExecute), body)).toBe(3);
  await stillGood();
});

test("a caller who may not call does not learn that the request is malformed", async () => {
  const refusing = () => async () => {
    throw new Error("refused");
  };
  const { port } = await serve({ services: [llmService()], middleware: [refusing] });
  expect(await callRaw(connectRaw(port), pathOf(execute), frame(Uint8Array.from([0x0f])))).toBe(13);
});

test("a request of 16 MiB is accepted unless told otherwise", async () => {
  let received = 0;
  const { port } = await serve({
    services: [
      llmService({
        execute: async ({ userFragments }) => {
          received = userFragments.join("").length;
          return replyOf("");
        },
      }),
    ],
  });
  const request = requestOf("");
  request.userFragments = ["x".repeat(16 * 1024 * 1024)];
  expect((await callOnce(connect(port), execute, request)).code).toBe("OK");
  expect(received).toBe(16 * 1024 * 1024);
});

test("a request over the limit is RESOURCE_EXHAUSTED, also when only its content is too large", async () => {
  const { session, stillGood } = await serveTough(1000);
  const large = requestOf("x".repeat(2000));
  const bytes = toBinary(ExecuteRequestSchema, large);
  expect(await callRaw(session, pathOf(execute), frame(bytes))).toBe(8);
  const compressed = frame(gzipSync(bytes), { compressed: true });
  expect(compressed.length).toBeLessThan(1000);
  expect(await callRaw(session, pathOf(execute), compressed, { "grpc-encoding": "gzip" })).toBe(8);
  await stillGood();
});

test("a compressed request is understood, and a broken one answered", async () => {
  const { session, stillGood } = await serveTough();
  const compressed = gzipSync(toBinary(ExecuteRequestSchema, requestOf("x".repeat(1000))));
  const send = (bytes: Uint8Array, encoding: string) =>
    callRaw(session, pathOf(execute), frame(bytes, { compressed: true }), { "grpc-encoding": encoding });
  expect(await send(compressed, "gzip")).toBe(0);
  expect(await send(compressed.subarray(0, 20), "gzip")).toBe(13);
  expect(await send(compressed, "no-such-encoding")).toBe(12);
  await stillGood();
});

test.each([
  ["a service", "/no.such.Service/Execute"],
  ["a method", "/vibectl.llm_proxy.VibectlLLMProxy/NoSuch"],
  ["a path that is none", "/"],
  ["a path of other characters", "/nope/é%zz"],
])("%s that nobody serves is UNIMPLEMENTED", async (_what, path) => {
  const { session, stillGood } = await serveTough();
  expect(await callRaw(session, path, frame(new Uint8Array()))).toBe(12);
  await stillGood();
});

test.each([
  ["no message at all", new Uint8Array()],
  ["half a message", frame(new Uint8Array(10)).subarray(0, 8)],
  ["two messages", Buffer.concat([frame(new Uint8Array()), frame(new Uint8Array())])],
])("%s where one is expected is UNIMPLEMENTED", async (_what, body) => {
  const { session, stillGood } = await serveTough();
  expect(await callRaw(session, pathOf(execute), body)).toBe(12);
  await stillGood();
});

test.each([
  ["an unreadable timeout", { "grpc-timeout": "soon" }, 13],
  ["a metadata key that gRPC does not know", { "x!y": "value" }, 0],
  ["a binary value that is not base64", { "x-bin": "****" }, 0],
])("%s does no harm", async (_what, headers, code) => {
  const { session, stillGood } = await serveTough();
  expect(await callRaw(session, pathOf(execute), frame(new Uint8Array()), headers)).toBe(code);
  await stillGood();
});

test.each([
  ["garbage", Buffer.alloc(200, 0x07)],
  ["an HTTP/1.1 request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  [
    "garbage after the preface",
    Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.alloc(40, 0xff)]),
  ],
])("%s on the port loses its connection and nothing else", async (_what, bytes) => {
  const { port, stillGood } = await serveTough();
  await sendAndWait(port, bytes);
  await stillGood();
});

test("a TLS client on a port without TLS loses its connection and nothing else", async () => {
  const { port, stillGood } = await serveTough();
  await new Promise<void>((resolve) => {
    const socket = connectTls({ port, host: "localhost", rejectUnauthorized: false });
    socket.on("error", () => resolve());
  });
  await stillGood();
});

test("a connection that breaks off in the middle of a call does no harm", async () => {
  const { port, stillGood } = await serveTough();
  const session = connectRaw(port);
  const half = callRaw(session, pathOf(execute), frame(new Uint8Array(10)).subarray(0, 8));
  session.destroy();
  await half;
  await stillGood();
});

test("an idle client may ping as often as it likes", async () => {
  const { session, stillGood } = await serveTough();
  let goneAway = false;
  session.on("goaway", () => {
    goneAway = true;
  });
  for (let pings = 0; pings < 50; pings++) {
    await new Promise<void>((resolve) => session.ping(() => resolve()));
  }
  await stillGood();
  expect(goneAway).toBe(false);
});
