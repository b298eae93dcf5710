import { describe, expect, test } from "bun:test";
import { UpstreamFailure } from "../../../src/providers/provider-error.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import type { RemoteProviderSettings } from "../../../src/providers/settings.ts";
import { type CallTerms, callTermsOf } from "../../../src/providers/transport/call-terms.ts";
import { createTransport, type Transport } from "../../../src/providers/transport/transport.ts";
import { ask, collect, failingCall, failingStream, patience } from "./calls.ts";
import { chunkedHead, chunkOf, eventStream, startRawUpstream, startUpstream } from "./scripted-upstream.ts";
import { wires } from "./wires.ts";

const inner = createTransport({ name: "acme" }, {});

/** A transport that notes what is asked of it. */
function noting(seen: CallTerms[]): Transport {
  const send = (input: string | URL | Request, init?: RequestInit) => {
    seen.push(callTermsOf(init?.signal));
    return inner(input, init);
  };
  return Object.assign(send, { preconnect: inner.preconnect, close: inner.close });
}

const limits = { firstByteMs: 41_000, betweenChunksMs: 42_000 };

/** A provider of each vendor's, with further settings. */
function make(settings: unknown, more: Partial<RemoteProviderSettings>) {
  return createProvider({ ...(settings as RemoteProviderSettings), ...more } as RemoteProviderSettings);
}

for (const wire of wires) {
  describe(`what a call of ${wire.type} asks of its transport`, () => {
    test("comes through the library when the answer is streamed, and is no limit when it is not", async () => {
      const events = [...wire.opening, wire.text("Hello"), ...wire.closing];
      await using upstream = startUpstream(({ body, path }) =>
        body.stream === true || path.includes("stream") ? eventStream(events) : Response.json(wire.whole("Hello")),
      );
      const seen: CallTerms[] = [];
      const provider = await make(wire.settings(upstream.url), { ...limits, transport: noting(seen) });
      await collect(provider.stream(wire.model, ask("hello"), { signal: patience }));
      await provider.generate(wire.model, ask("hello"), { signal: patience });
      const [streamed, whole] = seen;
      expect(seen).toHaveLength(2);
      expect(streamed).toMatchObject(limits);
      expect(whole?.firstByteMs).toBeUndefined();
      expect(whole?.betweenChunksMs).toBeUndefined();
      expect([typeof streamed?.onSent, typeof whole?.onSent]).toEqual(["function", "function"]);
    });

    test("ends a stream that does not begin with PROVIDER_TIMEOUT, the time and the key", async () => {
      await using upstream = await startRawUpstream((socket) => socket.resume());
      const provider = await make(wire.settings(upstream.url), { firstByteMs: 60 });
      const { error } = await failingStream(provider, wire.model);
      expect(error.code).toBe("PROVIDER_TIMEOUT");
      expect(error.message).toBe(`${provider.name} took too long: no answer began within 60 ms`);
      expect(error.hint).toContain(`providers.${provider.name}.timeouts.first_byte_seconds`);
    });

    test("ends a stream that does not go on with PROVIDER_TIMEOUT, after its text", async () => {
      await using upstream = await startRawUpstream((socket) =>
        socket.write(chunkedHead + chunkOf([...wire.opening, wire.text("Hel")].join(""))),
      );
      const provider = await make(wire.settings(upstream.url), { betweenChunksMs: 60 });
      const { error, texts } = await failingStream(provider, wire.model);
      expect(texts).toEqual(["Hel"]);
      expect(error.code).toBe("PROVIDER_TIMEOUT");
      expect(error.message).toBe(`${provider.name} took too long: its answer did not go on within 60 ms`);
      expect(error.hint).toContain(`providers.${provider.name}.timeouts.between_chunks_seconds`);
    });

    test("ends a connection that does not come about with PROVIDER_TIMEOUT, streamed or not", async () => {
      await using upstream = await startRawUpstream((socket) => socket.resume());
      const settings = wire.settings(upstream.url.replace("http:", "https:"));
      const provider = await make(settings, { connectMs: 60 });
      for (const error of [
        await failingCall(provider, wire.model),
        (await failingStream(provider, wire.model)).error,
      ]) {
        expect(error.code).toBe("PROVIDER_TIMEOUT");
        expect(error.message).toBe(`${provider.name} took too long: no connection to it stood within 60 ms`);
        expect(error.hint).toContain(`providers.${provider.name}.timeouts.connect_seconds`);
      }
    });

    test("gets the advice and the request's name that come with a refusal", async () => {
      const headers = { "retry-after": "7", "request-id": "req_0123456789abc" };
      await using upstream = startUpstream(() => Response.json(wire.error("slow down"), { status: 429, headers }));
      const provider = await make(wire.settings(upstream.url), {});
      for (const error of [
        await failingCall(provider, wire.model),
        (await failingStream(provider, wire.model)).error,
      ]) {
        expect(error.code).toBe("PROVIDER_RATE_LIMITED");
        expect(error.cause).toBeInstanceOf(UpstreamFailure);
        expect(error.cause).toMatchObject({ advice: { afterMs: 7000 }, upstreamRequestId: "req_0123456789abc" });
        expect(error.message).not.toContain("req_");
      }
    });

    test("does not hide a refusal whose body breaks off", async () => {
      const head = "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n";
      await using upstream = await startRawUpstream((socket) => socket.end(`${head}{"error":`));
      const provider = await make(wire.settings(upstream.url), {});
      expect((await failingCall(provider, wire.model)).code).toBe("PROVIDER_RATE_LIMITED");
      expect((await failingStream(provider, wire.model)).error.code).toBe("PROVIDER_RATE_LIMITED");
    });

    test("carries the settings' headers, which nobody gets to see", async () => {
      const secret = "platform-canary-77";
      await using upstream = startUpstream(({ headers }) =>
        Response.json(wire.error(`you sent ${headers.get("x-team")}`), { status: 400 }),
      );
      const provider = await make(wire.settings(upstream.url), { headers: { "x-team": secret } });
      const error = await failingCall(provider, wire.model);
      expect(upstream.received[0]?.headers.get("x-team")).toBe(secret);
      expect(error.message).toContain("you sent [redacted]");
      expect(Bun.inspect(error, { depth: 20 })).not.toContain(secret);
    });
  });
}

test("a question for models carries the settings' headers too", async () => {
  await using upstream = startUpstream(() => Response.json({ data: [{ id: "tiny" }], models: [] }));
  for (const type of ["openai-compatible", "ollama"] as const) {
    const provider = await createProvider({ name: "local", type, baseUrl: upstream.url, headers: { "x-team": "a" } });
    await provider.models(patience);
  }
  expect(upstream.received.map(({ headers }) => headers.get("x-team"))).toEqual(["a", "a"]);
});
