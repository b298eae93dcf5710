import { expect, test } from "bun:test";
import { CallAbortedError } from "../../../src/errors.ts";
import type { Provider, Spent } from "../../../src/providers/provider.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import type { TokenCounter } from "../../../src/providers/token-count.ts";
import { ask, patience } from "./calls.ts";
import { eventStream, holdStream, startRawUpstream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, google, openai, type Wire, wires } from "./wires.ts";

const reason = new CallAbortedError("client");

/** A token is a character: the prompt has 14. */
const characters: TokenCounter = { count: async (text) => text.length };
const prompt = ask("hello");
const promptTokens = "Be brief.hello".length;

/** What a provider said of its input with the first event. */
const knownInput = { anthropic: 127, google: 7, openai: promptTokens, "openai-compatible": promptTokens };

async function providerAt(wire: Wire, url: string, counter = characters): Promise<Provider> {
  return await createProvider({ ...wire.settings(url), counter });
}

/** Keeps what was spent, and can be waited for. */
function ledger() {
  const entries: Spent[] = [];
  const first = Promise.withResolvers<Spent>();
  const onSpent = (spent: Spent) => {
    entries.push(spent);
    first.resolve(spent);
  };
  return { entries, first: first.promise, onSpent };
}

/** Everything that is ready to run has run: who was to be told has been told. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

for (const wire of wires) {
  const spentOnHello = { inputTokens: knownInput[wire.type], outputTokens: 5, estimated: true } as const;

  for (const [way, leave] of [
    ["left", async (_: AbortController, parts: AsyncIterator<unknown>) => void (await parts.return?.())],
    ["aborted", async (caller: AbortController) => caller.abort(reason)],
  ] as const) {
    test(`a stream of ${wire.type} that is ${way} has used its prompt and what had come`, async () => {
      const held = holdStream();
      await using upstream = startUpstream(() => held.response);
      const provider = await providerAt(wire, upstream.url);
      for (const each of [...wire.opening, wire.text("Hello")]) held.send(each);
      const caller = new AbortController();
      const { entries, first, onSpent } = ledger();
      const parts = provider.stream(wire.model, prompt, { signal: caller.signal, onSpent })[Symbol.asyncIterator]();
      await parts.next();
      await leave(caller, parts);
      await parts.next().catch(() => undefined);
      expect((await first).usage).toMatchObject(spentOnHello);
      await settled();
      expect(entries).toHaveLength(1);
    });
  }

  test(`a stream of ${wire.type} that breaks off, or tells of an error after its text, has used what had come`, async () => {
    for (const last of [[], [wire.overloaded]]) {
      await using upstream = startUpstream(() => eventStream([...wire.opening, wire.text("Hello"), ...last]));
      const provider = await providerAt(wire, upstream.url);
      const { entries, first, onSpent } = ledger();
      const parts = Array.fromAsync(provider.stream(wire.model, prompt, { signal: patience, onSpent }));
      await expect(parts).rejects.toMatchObject({ name: "ModelError" });
      expect((await first).usage).toMatchObject(spentOnHello);
      await settled();
      expect(entries).toHaveLength(1);
    }
  });

  test(`a complete answer of ${wire.type} has nothing more to tell`, async () => {
    await using upstream = startUpstream(({ body, path }) =>
      body.stream === true || path.includes("stream")
        ? eventStream([...wire.opening, wire.text("Hello"), ...wire.closing])
        : Response.json(wire.whole("Hello")),
    );
    const provider = await providerAt(wire, upstream.url);
    const { entries, onSpent } = ledger();
    const options = { signal: patience, onSpent };
    await provider.generate(wire.model, prompt, options);
    await Array.fromAsync(provider.stream(wire.model, prompt, options));
    for await (const part of provider.stream(wire.model, prompt, options)) if (part.type === "end") break;
    await settled();
    expect(entries).toEqual([]);
  });

  test(`an empty answer of ${wire.type} was paid for, as its provider counts`, async () => {
    await using upstream = startUpstream(({ body, path }) =>
      body.stream === true || path.includes("stream")
        ? eventStream([...wire.opening, ...wire.closing])
        : Response.json(wire.whole("")),
    );
    const provider = await providerAt(wire, upstream.url);
    const { entries, onSpent } = ledger();
    const options = { signal: patience, onSpent };
    await expect(provider.generate(wire.model, prompt, options)).rejects.toMatchObject({ code: "PROVIDER_PROTOCOL" });
    const parts = Array.fromAsync(provider.stream(wire.model, prompt, options));
    await expect(parts).rejects.toMatchObject({ code: "PROVIDER_PROTOCOL" });
    await settled();
    const usage = { inputTokens: wire === anthropic ? 127 : 7, outputTokens: 3 };
    expect(entries).toMatchObject([{ usage }, { usage }]);
    for (const entry of entries) expect(entry.usage.estimated).toBeUndefined();
  });

  test(`what ${wire.type} refuses costs nothing`, async () => {
    const { entries, onSpent } = ledger();
    const options = { signal: patience, onSpent };
    for (const answer of [
      () => Response.json(wire.error("no"), { status: 400 }),
      () => Response.json(wire.error("slow down"), { status: 429 }),
      () => new Response("down", { status: 503 }),
    ]) {
      await using upstream = startUpstream(answer);
      const provider = await providerAt(wire, upstream.url);
      await expect(provider.generate(wire.model, prompt, options)).rejects.toMatchObject({ name: "ModelError" });
      const parts = Array.fromAsync(provider.stream(wire.model, prompt, options));
      await expect(parts).rejects.toMatchObject({ name: "ModelError" });
    }
    await using upstream = startUpstream(() => eventStream([wire.overloaded]));
    const parts = Array.fromAsync(
      (await providerAt(wire, upstream.url)).stream(wire.model, prompt, { signal: patience, onSpent }),
    );
    await expect(parts).rejects.toMatchObject({ code: "PROVIDER_OVERLOADED" });
    await settled();
    expect(entries).toEqual([]);
  });

  test(`what never reached ${wire.type} costs nothing`, async () => {
    const { entries, onSpent } = ledger();
    const provider = await providerAt(wire, "http://127.0.0.1:1");
    for (const signal of [patience, AbortSignal.abort(reason)]) {
      await expect(provider.generate(wire.model, prompt, { signal, onSpent })).rejects.toBeInstanceOf(Error);
      const parts = Array.fromAsync(provider.stream(wire.model, prompt, { signal, onSpent }));
      await expect(parts).rejects.toBeInstanceOf(Error);
    }
    await settled();
    expect(entries).toEqual([]);
  });

  for (const way of ["generate", "stream"] as const) {
    test(`a call of ${wire.type} that is aborted before there is an answer to ${way} has used its prompt`, async () => {
      const arrived = Promise.withResolvers<void>();
      await using upstream = await startRawUpstream(() => arrived.resolve());
      const provider = await providerAt(wire, upstream.url);
      const caller = new AbortController();
      const { first, onSpent } = ledger();
      const options = { signal: caller.signal, onSpent };
      const pending =
        way === "generate"
          ? provider.generate(wire.model, prompt, options)
          : Array.fromAsync(provider.stream(wire.model, prompt, options));
      const outcome = pending.catch((error: unknown) => error);
      await arrived.promise;
      caller.abort(reason);
      expect(await outcome).toBe(reason);
      expect((await first).usage).toEqual({ inputTokens: promptTokens, outputTokens: 0, estimated: true });
    });
  }
}

test("what was spent has its price", async () => {
  const held = holdStream();
  await using upstream = startUpstream(() => held.response);
  const provider = await providerAt(openai, upstream.url);
  for (const each of [...openai.opening, openai.text("Hello")]) held.send(each);
  const { first, onSpent } = ledger();
  for await (const _ of provider.stream("gpt-4o", prompt, { signal: patience, onSpent })) break;
  expect((await first).costUsd).toBeCloseTo((promptTokens * 2.5 + 5 * 10) / 1e6, 12);
});

test("a refusal for its content was paid for", async () => {
  const events = [...compatible.opening, ...compatible.closing].map((each) =>
    each.replace('"stop"', '"content_filter"'),
  );
  await using upstream = startUpstream(() => eventStream(events));
  const { first, onSpent } = ledger();
  const provider = await providerAt(compatible, upstream.url);
  const parts = Array.fromAsync(provider.stream("tiny", prompt, { signal: patience, onSpent }));
  await expect(parts).rejects.toMatchObject({ code: "CONTENT_REFUSED" });
  expect((await first).usage).toEqual({ inputTokens: 7, outputTokens: 3 });
});

test("nobody waits for the count: the failure is told first", async () => {
  const counted = Promise.withResolvers<number>();
  await using upstream = startUpstream(() => eventStream([...compatible.opening, compatible.text("Hello")]));
  const provider = await providerAt(compatible, upstream.url, { count: () => counted.promise });
  const { entries, first, onSpent } = ledger();
  const parts = Array.fromAsync(provider.stream("tiny", prompt, { signal: patience, onSpent }));
  await expect(parts).rejects.toMatchObject({ code: "STREAM_TRUNCATED" });
  expect(entries).toEqual([]);
  counted.resolve(3);
  expect((await first).usage).toEqual({ inputTokens: 3, outputTokens: 3, estimated: true });
});

test("what Google had counted on the way is believed when it is more than what had come", async () => {
  const chunk = google
    .text("Hello")
    .replace('"candidatesTokenCount":3', '"candidatesTokenCount":3,"thoughtsTokenCount":900');
  await using upstream = startUpstream(() =>
    eventStream([chunk.replace('"totalTokenCount":10', '"totalTokenCount":910')]),
  );
  const { first, onSpent } = ledger();
  const provider = await providerAt(google, upstream.url);
  await expect(
    Array.fromAsync(provider.stream(google.model, prompt, { signal: patience, onSpent })),
  ).rejects.toMatchObject({ code: "STREAM_TRUNCATED" });
  expect((await first).usage).toMatchObject({ inputTokens: 7, outputTokens: 903, estimated: true });
});
