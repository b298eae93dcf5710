import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import type { ModelErrorCode } from "../../../src/errors.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import { ask, failingCall, failingStream, patience } from "./calls.ts";
import { chunkedHead, chunkOf, eventStream, startRawUpstream, startUpstream } from "./scripted-upstream.ts";
import { type Wire, wires } from "./wires.ts";

/** A way in which a stream goes wrong after its first text. */
interface StreamFault {
  name: string;
  code: ModelErrorCode;
  speak(socket: Socket, wire: Wire): void;
}

const lastChunk = "0\r\n\r\n";

const streamFaults: readonly StreamFault[] = [
  {
    name: "is reset in the middle",
    code: "STREAM_TRUNCATED",
    speak: (socket) => socket.resetAndDestroy(),
  },
  {
    name: "is cut in the middle",
    code: "STREAM_TRUNCATED",
    speak: (socket) => socket.end(),
  },
  {
    name: "ends cleanly in the middle",
    code: "STREAM_TRUNCATED",
    speak: (socket) => socket.end(lastChunk),
  },
  {
    name: "lacks only its end marker",
    code: "STREAM_TRUNCATED",
    speak: (socket, wire) => {
      const closing = wire.type === "openai-compatible" ? [] : wire.closing.slice(0, -1);
      socket.end(closing.map(chunkOf).join("") + lastChunk);
    },
  },
  {
    name: "turns into malformed JSON",
    code: "PROVIDER_PROTOCOL",
    speak: (socket) => socket.end(chunkOf("data: {oops\n\n") + lastChunk),
  },
  {
    name: "tells of an error",
    code: "PROVIDER_OVERLOADED",
    speak: (socket, wire) => socket.end(chunkOf(wire.overloaded) + lastChunk),
  },
];

for (const wire of wires) {
  for (const { name, code, speak } of streamFaults) {
    test(`a stream of ${wire.type} that ${name} fails with ${code} after its text`, async () => {
      const connection = Promise.withResolvers<Socket>();
      await using upstream = await startRawUpstream((socket) => {
        socket.write(chunkedHead + chunkOf([...wire.opening, wire.text("Hel")].join("")));
        connection.resolve(socket);
      });
      const provider = await createProvider(wire.settings(upstream.url));
      const parts = provider.stream(wire.model, ask("hello"), { signal: patience })[Symbol.asyncIterator]();
      expect((await parts.next()).value).toEqual({ type: "text", text: "Hel" });
      speak(await connection.promise, wire);
      await expect(parts.next()).rejects.toMatchObject({ code });
    });
  }

  test(`a connection to ${wire.type} that is reset before the answer fails with PROVIDER_UNAVAILABLE`, async () => {
    await using upstream = await startRawUpstream((socket) => socket.resetAndDestroy());
    const provider = await createProvider(wire.settings(upstream.url));
    expect((await failingStream(provider, wire.model)).error.code).toBe("PROVIDER_UNAVAILABLE");
    expect((await failingCall(provider, wire.model)).code).toBe("PROVIDER_UNAVAILABLE");
  });

  test(`a whole answer of ${wire.type} that is cut fails with PROVIDER_UNAVAILABLE`, async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    await using upstream = await startRawUpstream((socket) => socket.end(`${head}{"id":`));
    const error = await failingCall(await createProvider(wire.settings(upstream.url)), wire.model);
    expect(error.code).toBe("PROVIDER_UNAVAILABLE");
  });

  test(`nothing at the address of ${wire.type} fails with PROVIDER_UNAVAILABLE and says so`, async () => {
    const error = await failingCall(await createProvider(wire.settings("http://127.0.0.1:1")), wire.model);
    expect(error.code).toBe("PROVIDER_UNAVAILABLE");
    expect(error.message).toEndWith("can't answer at the moment: nothing listens at its address");
  });

  test(`a host name of ${wire.type} that nobody knows fails with PROVIDER_UNAVAILABLE`, async () => {
    const error = await failingCall(await createProvider(wire.settings("http://nobody.invalid")), wire.model);
    expect(error.code).toBe("PROVIDER_UNAVAILABLE");
    expect(error.message).toContain("its host name can't be resolved");
  });

  test(`an HTML page in place of an answer of ${wire.type} fails with PROVIDER_PROTOCOL`, async () => {
    const page = () => new Response("<html>Welcome</html>", { headers: { "content-type": "text/html" } });
    await using upstream = startUpstream(page);
    const provider = await createProvider(wire.settings(upstream.url));
    expect((await failingCall(provider, wire.model)).code).toBe("PROVIDER_PROTOCOL");
    const { error } = await failingStream(provider, wire.model);
    expect(error.code).toBe("PROVIDER_PROTOCOL");
    expect(error.message).toContain("it is text/html, not an event stream");
  });

  test(`an HTML page with a 502 from ${wire.type} fails with PROVIDER_UNAVAILABLE and none of the page`, async () => {
    const page = () => new Response("<html><b>cloud trouble</b></html>", { status: 502, statusText: "Bad Gateway" });
    await using upstream = startUpstream(page);
    const error = await failingCall(await createProvider(wire.settings(upstream.url)), wire.model);
    expect(error.code).toBe("PROVIDER_UNAVAILABLE");
    expect(error.message).toContain("(HTTP 502): Bad Gateway");
    expect(error.message).not.toContain("<");
  });

  test(`a redirect from ${wire.type} is not followed, since the key would follow it`, async () => {
    await using elsewhere = startUpstream(() => Response.json(wire.whole("stolen")));
    await using upstream = startUpstream(() => Response.redirect(elsewhere.url, 307));
    const error = await failingCall(await createProvider(wire.settings(upstream.url)), wire.model);
    expect(error.code).toBe("PROVIDER_PROTOCOL");
    expect(elsewhere.received).toBeEmpty();
  });

  test(`an answer of ${wire.type} without any text is an error`, async () => {
    await using upstream = startUpstream(({ body, path }) =>
      body.stream === true || path.includes("stream")
        ? eventStream([...wire.opening, ...wire.closing])
        : Response.json(wire.whole("")),
    );
    const provider = await createProvider(wire.settings(upstream.url));
    expect((await failingCall(provider, wire.model)).message).toEndWith(
      "gave an answer that can't be understood: it is empty",
    );
    expect((await failingStream(provider, wire.model)).error.code).toBe("PROVIDER_PROTOCOL");
  });

  test(`a bad gzip from ${wire.type} fails with PROVIDER_PROTOCOL`, async () => {
    const head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n";
    await using upstream = await startRawUpstream((socket) => socket.end(`${head}hello`));
    const error = await failingCall(await createProvider(wire.settings(upstream.url)), wire.model);
    expect(error.code).toBe("PROVIDER_PROTOCOL");
  });
}
