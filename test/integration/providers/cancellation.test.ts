import { expect, test } from "bun:test";
import { CallAbortedError } from "../../../src/errors.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import { ask, patience } from "./calls.ts";
import { holdStream, startRawUpstream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, wires } from "./wires.ts";

const reason = new CallAbortedError("client");

for (const wire of wires) {
  test(`aborting a stream of ${wire.type} ends it with the signal's reason and closes the connection`, async () => {
    const held = holdStream();
    await using upstream = startUpstream(() => held.response);
    const provider = await createProvider(wire.settings(upstream.url));
    const caller = new AbortController();
    for (const event of [...wire.opening, wire.text("Hel")]) held.send(event);
    const parts = provider.stream(wire.model, ask("hello"), { signal: caller.signal })[Symbol.asyncIterator]();
    await parts.next();
    const outcome = parts.next().catch((error: unknown) => error);
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    await upstream.received[0]?.closed;
    expect(await parts.next()).toEqual({ done: true, value: undefined });
  });

  test(`leaving a stream of ${wire.type} early closes the connection`, async () => {
    const held = holdStream();
    await using upstream = startUpstream(() => held.response);
    const provider = await createProvider(wire.settings(upstream.url));
    for (const event of [...wire.opening, wire.text("Hel")]) held.send(event);
    for await (const part of provider.stream(wire.model, ask("hello"), { signal: patience })) {
      expect(part).toEqual({ type: "text", text: "Hel" });
      break;
    }
    await upstream.received[0]?.closed;
  });

  for (const way of ["generate", "stream"] as const) {
    test(`aborting while ${wire.type} has not answered to ${way} closes the connection`, async () => {
      const arrived = Promise.withResolvers<void>();
      const closed = Promise.withResolvers<void>();
      await using upstream = await startRawUpstream((socket) => {
        socket.on("close", () => closed.resolve());
        arrived.resolve();
      });
      const provider = await createProvider(wire.settings(upstream.url));
      const caller = new AbortController();
      const options = { signal: caller.signal };
      const pending =
        way === "generate"
          ? provider.generate(wire.model, ask("hello"), options)
          : provider.stream(wire.model, ask("hello"), options)[Symbol.asyncIterator]().next();
      const outcome = Promise.resolve(pending).catch((error: unknown) => error);
      await arrived.promise;
      caller.abort(reason);
      expect(await outcome).toBe(reason);
      await closed.promise;
    });
  }

  test(`a call of ${wire.type} whose signal is aborted already is never sent`, async () => {
    await using upstream = startUpstream(() => Response.json(wire.whole("never")));
    const provider = await createProvider(wire.settings(upstream.url));
    const options = { signal: AbortSignal.abort(reason) };
    await expect(provider.generate(wire.model, ask("hello"), options)).rejects.toBe(reason);
    const parts = provider.stream(wire.model, ask("hello"), options)[Symbol.asyncIterator]();
    await expect(parts.next()).rejects.toBe(reason);
    expect(upstream.received).toBeEmpty();
  });

  test(`an error inside a stream of ${wire.type} closes a connection that the upstream keeps open`, async () => {
    const held = holdStream();
    await using upstream = startUpstream(() => held.response);
    const provider = await createProvider(wire.settings(upstream.url));
    held.send(wire.overloaded);
    const parts = provider.stream(wire.model, ask("hello"), { signal: patience })[Symbol.asyncIterator]();
    await expect(parts.next()).rejects.toMatchObject({ code: "PROVIDER_OVERLOADED" });
    await upstream.received[0]?.closed;
  });
}

test("a slow reader makes the upstream wait", async () => {
  const total = 96 * 1024 * 1024;
  const most = 32 * 1024 * 1024;
  const piece = anthropic.text("x".repeat(64 * 1024));
  let written = 0;
  await using upstream = await startRawUpstream((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n${anthropic.opening.join("")}`);
    const go = () => {
      while (written < total) {
        written += piece.length;
        if (!socket.write(piece)) return;
      }
      socket.end(anthropic.closing.join(""));
    };
    socket.on("drain", go);
    go();
  });
  const provider = await createProvider(anthropic.settings(upstream.url));
  let read = 0;
  let lead = 0;
  for await (const part of provider.stream(anthropic.model, ask("hello"), { signal: patience })) {
    if (part.type === "end") break;
    read += part.text.length;
    lead = Math.max(lead, written - read);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(read).toBeGreaterThanOrEqual(total - 1024 * 1024);
  expect(lead).toBeLessThan(most);
});
