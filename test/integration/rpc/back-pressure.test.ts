import { expect, test } from "bun:test";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { chunkOf, execute, llmService, requestOf, streamExecute } from "./llm-service.ts";
import { callOnce, connect, connectRaw, frame, onCleanup, pathOf, serve, settled, startRaw, until } from "./support.ts";

/** Serves a stream without end, and counts. */
async function serveEndless(chunkBytes: number) {
  const counts = { asked: 0, cleaned: 0 };
  const text = "x".repeat(chunkBytes);
  const { server, port } = await serve({
    services: [
      llmService({
        streamExecute: async function* () {
          try {
            for (;;) {
              counts.asked++;
              yield chunkOf(text);
            }
          } finally {
            counts.cleaned++;
          }
        },
      }),
    ],
  });
  return { server, port, counts };
}

/** Between client and server: while it is closed, nothing that the server sends is read from its socket. */
async function gate(port: number) {
  let upstream: Socket | undefined;
  const listener = createServer((downstream) => {
    const connection = connectSocket(port, "127.0.0.1");
    upstream = connection;
    downstream.pipe(connection).pipe(downstream);
    for (const socket of [downstream, connection]) {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        downstream.destroy();
        connection.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  onCleanup(() => {
    listener.close();
  });
  const address = listener.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () => upstream?.unpipe().pause(),
    connected: () => upstream !== undefined,
  };
}

test("a generator is not asked for more than a client's window holds until the client reads on", async () => {
  const { port, counts } = await serveEndless(16 * 1024);
  const stream = startRaw(connectRaw(port), pathOf(streamExecute));
  stream.end(frame(new Uint8Array()));
  await until(() => counts.asked > 0);
  const asked = await settled(() => counts.asked);
  expect(asked).toBeLessThan(64);

  let received = 0;
  stream.on("data", (bytes: Buffer) => {
    received += bytes.length;
  });
  await until(() => counts.asked > 10 * asked);
  expect(received).toBeGreaterThan(0);

  stream.pause();
  const again = await settled(() => counts.asked);
  expect(await settled(() => counts.asked)).toBe(again);
});

test("a generator of large messages is held back after a few of them", async () => {
  const { port, counts } = await serveEndless(1024 * 1024);
  const stream = startRaw(connectRaw(port), pathOf(streamExecute));
  stream.end(frame(new Uint8Array()));
  await until(() => counts.asked > 0);
  expect(await settled(() => counts.asked)).toBeLessThan(32);
});

test("a client with a huge window that leaves its socket unread holds the generator back as well", async () => {
  const { server, port, counts } = await serveEndless(64 * 1024);
  const between = await gate(port);
  const session = connectRaw(between.port, { initialWindowSize: 2 ** 31 - 1 });
  await new Promise<void>((resolve) => session.once("remoteSettings", () => resolve()));
  session.setLocalWindowSize(2 ** 31 - 1);
  await until(between.connected);
  const stream = startRaw(session, pathOf(streamExecute));
  stream.resume();
  stream.end(frame(new Uint8Array()));
  await until(() => counts.asked > 0);
  between.close();
  const asked = await settled(() => counts.asked);
  expect(await settled(() => counts.asked)).toBe(asked);

  session.destroy();
  await until(() => server.activeCalls === 0);
  expect(counts.cleaned).toBe(1);
});

test("a held back generator runs its finally when the client goes away", async () => {
  const { server, port, counts } = await serveEndless(16 * 1024);
  const session = connectRaw(port);
  for (const leave of [(stream: ReturnType<typeof startRaw>) => stream.close(8), () => session.destroy()]) {
    const stream = startRaw(session, pathOf(streamExecute));
    stream.end(frame(new Uint8Array()));
    await until(() => server.activeCalls === 1);
    await settled(() => counts.asked);
    const { cleaned } = counts;
    leave(stream);
    await until(() => server.activeCalls === 0);
    expect(counts.cleaned).toBe(cleaned + 1);
  }
});

test("a held back generator is ended by the deadline", async () => {
  const { port, counts } = await serveEndless(16 * 1024);
  const stream = startRaw(connectRaw(port), pathOf(streamExecute), { "grpc-timeout": "100m" });
  stream.end(frame(new Uint8Array()));
  await until(() => counts.cleaned === 1);
});

test("a generator that never waits leaves other calls their turn", async () => {
  const { port, counts } = await serveEndless(16);
  const stream = startRaw(connectRaw(port, { initialWindowSize: 2 ** 31 - 1 }), pathOf(streamExecute));
  stream.resume();
  stream.end(frame(new Uint8Array()));
  await until(() => counts.asked > 0);
  expect((await callOnce(connect(port), execute, requestOf(""))).code).toBe("OK");
});
