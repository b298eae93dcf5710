import { expect, test } from "bun:test";
import { connect as connectSocket } from "node:net";
import { type Client, connectivityState } from "@grpc/grpc-js";
import {
  chunkOf,
  type ExecuteResponse,
  execute,
  llmService,
  replyOf,
  requestOf,
  streamExecute,
} from "./llm-service.ts";
import { callOnce, connect, connectRaw, frame, openStream, pathOf, serve, startRaw, until } from "./support.ts";

/** Longer than any test may take: whoever waits for it fails. */
const forever = 10 * 60_000;

/** A service whose unary method answers when it is told to. */
async function serveHeld() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let running = 0;
  const { server, port } = await serve({
    services: [
      llmService({
        execute: async (request) => {
          running++;
          await released;
          return replyOf(request.requestId);
        },
        streamExecute: async function* () {
          running++;
          yield chunkOf("before");
          await released;
          yield chunkOf("after");
        },
      }),
    ],
  });
  return { server, port, release, running: () => running };
}

function connectable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function isConnected(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}

test("closing waits for running calls, and refuses new connections meanwhile", async () => {
  const { server, port, release, running } = await serveHeld();
  const client = connect(port);
  const unary = callOnce<ExecuteResponse>(client, execute, requestOf("last"));
  const { outcome } = openStream(client, streamExecute, requestOf(""));
  await until(() => running() === 2);
  const closed = server.close({ graceMs: forever });
  expect(await connectable(port)).toBe(false);
  expect(server.activeCalls).toBe(2);
  release();
  expect(await unary).toMatchObject({ code: "OK", replies: [{ requestId: "last" }] });
  expect(await outcome).toMatchObject({ code: "OK", replies: [chunkOf("before"), chunkOf("after")] });
  await closed;
  expect(server.activeCalls).toBe(0);
});

test("idle connections do not delay closing", async () => {
  const { server, port } = await serve({ services: [llmService()] });
  const clients = [connect(port), connect(port)];
  for (const client of clients) {
    await callOnce(client, execute, requestOf(""));
  }
  expect(clients.every(isConnected)).toBe(true);
  const raw = connectRaw(port);
  await new Promise<void>((resolve) => raw.once("remoteSettings", () => resolve()));
  await server.close({ graceMs: forever });
  await until(() => !clients.some(isConnected) && raw.closed);
});

test("a connection that never spoke HTTP/2 does not keep the server from closing", async () => {
  const { server, port } = await serve({ services: [llmService()] });
  const socket = connectSocket(port, "127.0.0.1");
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on("close", () => resolve());
  socket.resume();
  await new Promise<void>((connected) => socket.once("connect", () => connected()));
  await server.close({ graceMs: forever });
  await closed;
});

test("calls that outlast the grace period end with UNAVAILABLE, even when they ignore their signal", async () => {
  const { server, port, release, running } = await serveHeld();
  const client = connect(port);
  const unary = callOnce(client, execute, requestOf(""));
  const { outcome } = openStream(client, streamExecute, requestOf(""));
  await until(() => running() === 2);
  await server.close({ graceMs: 1 });
  expect(await unary).toMatchObject({ code: "UNAVAILABLE", details: "the server is shutting down" });
  expect((await outcome).code).toBe("UNAVAILABLE");
  release();
});

test("a client that does not read its stream does not keep the server from closing", async () => {
  const { server, port } = await serve({
    services: [
      llmService({
        streamExecute: async function* () {
          for (;;) yield chunkOf("x".repeat(16 * 1024));
        },
      }),
    ],
  });
  const stream = startRaw(connectRaw(port), pathOf(streamExecute));
  stream.end(frame(new Uint8Array()));
  await until(() => server.activeCalls === 1);
  await server.close({ graceMs: 1 });
  await until(() => stream.closed && server.activeCalls === 0);
});

test("a large reply is sent to its end before the server closes", async () => {
  const text = "x".repeat(3 * 1024 * 1024);
  const { server, port } = await serve({ services: [llmService({ execute: async () => replyOf(text) })] });
  const call = callOnce<ExecuteResponse>(connect(port), execute, requestOf(""));
  await until(() => server.activeCalls === 1);
  await server.close({ graceMs: forever });
  expect((await call).replies[0]?.requestId).toHaveLength(text.length);
});

test("closing twice is closing once, and a server that never listened closes too", async () => {
  const { server } = await serve({ services: [llmService()] });
  const first = server.close({ graceMs: 0 });
  expect(server.close({ graceMs: 0 })).toBe(first);
  await first;
});

test("a call that comes in while the server drains is refused with UNAVAILABLE", async () => {
  const { server, port, release, running } = await serveHeld();
  const session = connectRaw(port);
  const upload = startRaw(session, pathOf(execute));
  const whole = frame(new Uint8Array([0x2a, 1, 0x61]));
  upload.write(whole.subarray(0, 3));
  const held = startRaw(session, pathOf(streamExecute));
  held.end(frame(new Uint8Array()));
  await until(() => running() === 1);
  const closed = server.close({ graceMs: forever });
  const { promise: code, resolve } = Promise.withResolvers<number>();
  upload.on("response", (headers) => resolve(Number(headers["grpc-status"])));
  upload.resume();
  upload.end(whole.subarray(3));
  expect(await code).toBe(14);
  release();
  held.resume();
  await closed;
});
