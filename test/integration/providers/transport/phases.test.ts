import { describe, expect, test } from "bun:test";
import type { LookupFunction, Socket } from "node:net";
import { type CallTerms, setCallTerms } from "../../../../src/providers/transport/call-terms.ts";
import { dial } from "../../../../src/providers/transport/dial.ts";
import { createTransport, type Transport } from "../../../../src/providers/transport/transport.ts";
import { TransportError } from "../../../../src/providers/transport/transport-error.ts";
import { chunkedHead, chunkOf } from "../scripted-upstream.ts";
import { answering, plainAnswer, startFullHost, startTcp, until } from "./tcp-server.ts";

/** How long a connection may stay open after its request was given up, in milliseconds. */
const atOnce = 100;
const reason = new Error("enough");
const noEnvironment = {};
const silence = (socket: Socket) => void socket.resume();

function make(settings: Partial<Parameters<typeof createTransport>[0]> = {}): Transport {
  return createTransport({ name: "acme", ...settings }, noEnvironment);
}

/** A signal that carries what its call asks of the transport. */
function signalWith(terms: CallTerms): AbortSignal {
  const { signal } = new AbortController();
  setCallTerms(signal, terms);
  return signal;
}

async function failureOf(request: Promise<unknown>): Promise<unknown> {
  return await request.then(
    () => "it went well",
    (error: unknown) => error,
  );
}

const post = (signal: AbortSignal): RequestInit => ({ method: "POST", body: "{}", signal });

describe("aborting closes the connection at once, with the signal's reason", () => {
  test("while a name is looked up", async () => {
    await using server = await startTcp(silence);
    const asked = Promise.withResolvers<Parameters<LookupFunction>[2]>();
    const lookup: LookupFunction = (_name, _options, callback) => asked.resolve(callback);
    const caller = new AbortController();
    const route = { origin: new URL(`http://slow.test:${server.port}`), proxy: undefined, trust: undefined, lookup };
    const outcome = failureOf(dial(route, caller.signal));
    const answer = await asked.promise;
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    answer(null, [{ address: "127.0.0.1", family: 4 }]);
    await using probe = await startTcp(silence);
    await dial({ ...route, origin: new URL(`http://127.0.0.1:${probe.port}`) }, new AbortController().signal);
    expect(server.made).toBe(0);
  });

  test.skipIf(process.platform !== "linux")("while TCP connects", async () => {
    await using host = await startFullHost();
    for (const scheme of ["http", "https"]) {
      const caller = new AbortController();
      const outcome = failureOf(make()(`${scheme}://127.0.0.1:${host.port}/`, post(caller.signal)));
      while ((await host.waiting()) === 0);
      caller.abort(reason);
      expect(await outcome).toBe(reason);
      // To look takes longer than anything here may.
      expect(await host.waiting()).toBe(0);
    }
  });

  test("while TLS is negotiated", async () => {
    await using server = await startTcp(silence);
    const caller = new AbortController();
    const outcome = failureOf(make()(`https://127.0.0.1:${server.port}/`, post(caller.signal)));
    await server.reached(1);
    const before = performance.now();
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    expect((await server.emptied()) - before).toBeLessThan(atOnce);
  });

  test("while a proxy is asked for a tunnel", async () => {
    await using proxy = await startTcp(silence);
    const caller = new AbortController();
    const transport = make({ proxy: `http://127.0.0.1:${proxy.port}` });
    const outcome = failureOf(transport("https://upstream.test/", post(caller.signal)));
    await proxy.reached(1);
    const before = performance.now();
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    expect((await proxy.emptied()) - before).toBeLessThan(atOnce);
  });

  test("while no connection is free, and the others wait on in order", async () => {
    await using server = await startTcp(answering(plainAnswer('"ok"')));
    await using silent = await startTcp(silence);
    const transport = make({ maxConnections: 1 });
    const url = `http://127.0.0.1:${silent.port}/`;
    const first = new AbortController();
    const second = new AbortController();
    const third = new AbortController();
    const held = failureOf(transport(url, post(first.signal)));
    await silent.reached(1);
    const waiting = failureOf(transport(url, post(second.signal)));
    const next = failureOf(transport(url, post(third.signal)));
    second.abort(reason);
    expect(await waiting).toBe(reason);
    expect(silent.made).toBe(1);
    first.abort(reason);
    expect(await held).toBe(reason);
    await silent.reached(2);
    third.abort(reason);
    expect(await next).toBe(reason);
    await silent.emptied();
    expect(await (await transport(`http://127.0.0.1:${server.port}/`)).text()).toBe('"ok"');
  });

  test("while the head of the answer is waited for", async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await startTcp((socket) => socket.once("data", () => arrived.resolve()));
    const caller = new AbortController();
    const outcome = failureOf(make()(`http://127.0.0.1:${server.port}/`, post(caller.signal)));
    await arrived.promise;
    const before = performance.now();
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    expect((await server.emptied()) - before).toBeLessThan(atOnce);
  });

  test("in the middle of the answer, whether it is read or not", async () => {
    for (const isRead of [true, false]) {
      await using server = await startTcp((socket) =>
        socket.once("data", () => socket.write(chunkedHead + chunkOf("data: 1\n\n"))),
      );
      const caller = new AbortController();
      const { body } = await make()(`http://127.0.0.1:${server.port}/`, post(caller.signal));
      const reader = body?.getReader();
      if (isRead) await reader?.read();
      const before = performance.now();
      const outcome = isRead ? failureOf(reader?.read() ?? Promise.resolve()) : undefined;
      caller.abort(reason);
      if (outcome) expect(await outcome).toBe(reason);
      expect((await server.emptied()) - before).toBeLessThan(atOnce);
    }
  });

  test("before anything was done, without a connection", async () => {
    await using server = await startTcp(silence);
    const outcome = failureOf(make()(`http://127.0.0.1:${server.port}/`, post(AbortSignal.abort(reason))));
    expect(await outcome).toBe(reason);
    expect(server.made).toBe(0);
  });

  test("when the body is cancelled by its reader", async () => {
    await using server = await startTcp((socket) =>
      socket.once("data", () => socket.write(chunkedHead + chunkOf("data: 1\n\n"))),
    );
    const { body } = await make()(`http://127.0.0.1:${server.port}/`);
    await body?.cancel();
    await server.emptied();
  });
});

/** A timeout that has to come after its time, and not much after it. */
async function expectTimeout(request: Promise<unknown>, code: string, key: string): Promise<void> {
  const before = performance.now();
  const error = await failureOf(request);
  const took = performance.now() - before;
  if (!(error instanceof TransportError)) throw error;
  expect(error).toMatchObject({ point: "time", code });
  expect(error.message).toEndWith("within 100 ms");
  expect(error.hint).toContain(`providers.acme.timeouts.${key}`);
  expect(took).toBeGreaterThan(90);
  expect(took).toBeLessThan(400);
}

describe("a timeout says which one it was, and closes the connection", () => {
  test.skipIf(process.platform !== "linux")("when TCP does not connect", async () => {
    await using host = await startFullHost();
    const request = make({ connectMs: 100 })(`http://127.0.0.1:${host.port}/`);
    await expectTimeout(request, "connect_timeout", "connect_seconds");
    expect(await host.waiting()).toBe(0);
  });

  test("when TLS is not negotiated", async () => {
    await using server = await startTcp(silence);
    const request = make({ connectMs: 100 })(`https://127.0.0.1:${server.port}/`);
    await expectTimeout(request, "connect_timeout", "connect_seconds");
    await server.emptied();
  });

  test("when a proxy opens no tunnel", async () => {
    await using proxy = await startTcp(silence);
    const transport = make({ connectMs: 100, proxy: `http://127.0.0.1:${proxy.port}` });
    await expectTimeout(transport("https://upstream.test/"), "connect_timeout", "connect_seconds");
    await proxy.emptied();
  });

  test("when no answer begins", async () => {
    await using server = await startTcp(silence);
    const request = make()(`http://127.0.0.1:${server.port}/`, post(signalWith({ firstByteMs: 100 })));
    await expectTimeout(request, "first_byte_timeout", "first_byte_seconds");
    await server.emptied();
  });

  test("when nothing follows the head of an answer", async () => {
    await using server = await startTcp((socket) => socket.once("data", () => socket.write(chunkedHead)));
    const signal = signalWith({ firstByteMs: 100, betweenChunksMs: 50 });
    const request = make()(`http://127.0.0.1:${server.port}/`, post(signal)).then((response) => response.text());
    await expectTimeout(request, "first_byte_timeout", "first_byte_seconds");
    await server.emptied();
  });

  test("when an answer does not go on", async () => {
    await using server = await startTcp((socket) =>
      socket.once("data", () => socket.write(chunkedHead + chunkOf("data: 1\n\n"))),
    );
    const signal = signalWith({ firstByteMs: 5000, betweenChunksMs: 100 });
    const request = make()(`http://127.0.0.1:${server.port}/`, post(signal)).then((response) => response.text());
    await expectTimeout(request, "chunk_timeout", "between_chunks_seconds");
    await server.emptied();
  });

  test("and time goes by only while something is waited for: not for a slow reader, nor while pieces come", async () => {
    const wave = chunkOf(`data: ${"x".repeat(64 * 1024)}\n\n`);
    const total = 40;
    await using server = await startTcp((socket) =>
      socket.once("data", async () => {
        socket.write(chunkedHead);
        for (let sent = 0; sent < total; sent++) {
          if (!socket.write(wave)) await new Promise((resolve) => socket.once("drain", resolve));
        }
        socket.end("0\r\n\r\n");
      }),
    );
    const { body } = await make()(`http://127.0.0.1:${server.port}/`, post(signalWith({ betweenChunksMs: 60 })));
    let bytes = 0;
    let pauses = 0;
    for await (const piece of body ?? []) {
      bytes += piece.length;
      const until = performance.now() + 120;
      // Timers go off meanwhile, as they do for a reader that waits for its own reader.
      if (pauses++ < 3) await new Promise((resolve) => setTimeout(resolve, until - performance.now()));
    }
    expect(bytes).toBe(total * `data: ${"x".repeat(64 * 1024)}\n\n`.length);
  });

  test("and the body of an error ends instead, since its status says enough", async () => {
    const head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n";
    await using server = await startTcp((socket) => socket.once("data", () => socket.write(`${head}<html>`)));
    const response = await make()(`http://127.0.0.1:${server.port}/`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("<html>");
    await server.emptied();
  });
});

test("the sending of a request is told once, when a connection stands and not before", async () => {
  await using server = await startTcp(answering(plainAnswer('"ok"')));
  const transport = make();
  let sent = 0;
  const terms = () => signalWith({ onSent: () => void sent++ });
  await (await transport(`http://127.0.0.1:${server.port}/`, post(terms()))).text();
  expect(sent).toBe(1);
  expect(await failureOf(transport("http://127.0.0.1:1/", post(terms())))).toMatchObject({ code: "econnrefused" });
  expect(sent).toBe(1);
  await until(() => server.open === 1);
});
