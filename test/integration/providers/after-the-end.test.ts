import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import type { AnswerPart } from "../../../src/providers/provider.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import { ask, collect, failingStream, patience } from "./calls.ts";
import { chunkedHead, chunkOf, eventStream, holdStream, startRawUpstream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, google, openai, type Wire, wires } from "./wires.ts";

const finished = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const done = "data: [DONE]\n\n";

/** Reads what a wire's client makes of events that come all at once. */
async function read(wire: Wire, events: readonly string[]): Promise<AnswerPart[]> {
  await using upstream = startUpstream(() => eventStream(events));
  const provider = await createProvider(wire.settings(upstream.url));
  return await collect(provider.stream(wire.model, ask("hello"), { signal: patience }));
}

/** Reads a stream that has to fail. */
async function readFailing(wire: Wire, events: readonly string[]) {
  await using upstream = startUpstream(() => eventStream(events));
  return await failingStream(await createProvider(wire.settings(upstream.url)), wire.model);
}

for (const wire of wires) {
  const answer = [...wire.opening, wire.text("Hel"), wire.text("lo"), ...wire.closing];

  test(`end markers that ${wire.type} sends twice make one end`, async () => {
    const parts = await read(wire, [...answer, ...wire.closing]);
    expect(parts.map(({ type }) => type)).toEqual(["text", "text", "end"]);
    expect(parts.at(-1)).toMatchObject({ finishReason: "stop", usage: { outputTokens: 3 } });
  });

  test(`an answer of ${wire.type} is complete when its connection is left open`, async () => {
    const held = holdStream();
    await using upstream = startUpstream(() => held.response);
    const provider = await createProvider(wire.settings(upstream.url));
    for (const event of answer) held.send(event);
    const parts = await collect(provider.stream(wire.model, ask("hello"), { signal: patience }));
    expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "stop", usage: { outputTokens: 3 } });
  });

  for (const [name, cut] of [
    ["reset", (socket: Socket) => socket.resetAndDestroy()],
    ["cut", (socket: Socket) => socket.end()],
  ] as const) {
    test(`an answer of ${wire.type} is complete when its connection is ${name} after the end`, async () => {
      const connection = Promise.withResolvers<Socket>();
      await using upstream = await startRawUpstream((socket) => {
        socket.write(chunkedHead + chunkOf([...wire.opening, wire.text("Hel")].join("")));
        connection.resolve(socket);
      });
      const provider = await createProvider(wire.settings(upstream.url));
      const parts = provider.stream(wire.model, ask("hello"), { signal: patience })[Symbol.asyncIterator]();
      expect((await parts.next()).value).toEqual({ type: "text", text: "Hel" });
      const socket = await connection.promise;
      socket.write(chunkOf(wire.closing.join("")), () => cut(socket));
      expect((await parts.next()).value).toMatchObject({ type: "end", finishReason: "stop" });
    });
  }
}

for (const wire of [openai, google, compatible]) {
  test(`text that ${wire.type} sends after the end is neither handed on nor lost in silence`, async () => {
    const { error, texts } = await readFailing(wire, [
      ...wire.opening,
      wire.text("Hel"),
      ...wire.closing,
      wire.text("again"),
    ]);
    expect(error.code).toBe("PROVIDER_PROTOCOL");
    expect(error.message).toEndWith("it went on after its end");
    expect(texts).toEqual(["Hel"]);
  });
}

test("what Anthropic sends after the end marker is not read any more", async () => {
  const parts = await read(anthropic, [
    ...anthropic.opening,
    anthropic.text("Hel"),
    ...anthropic.closing,
    anthropic.text("again"),
  ]);
  expect(parts.map((part) => (part.type === "text" ? part.text : part.type))).toEqual(["Hel", "end"]);
});

test("a connection that is left open after the end is closed", async () => {
  const held = holdStream();
  await using upstream = startUpstream(() => held.response);
  const provider = await createProvider(compatible.settings(upstream.url));
  for (const event of [...compatible.opening, compatible.text("Hel"), ...compatible.closing]) held.send(event);
  await collect(provider.stream("tiny", ask("hello"), { signal: patience }));
  await upstream.received[0]?.closed;
});

test("the last text may come with the end", async () => {
  const last = 'data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\n\n';
  const parts = await read(compatible, [compatible.text("Hel"), last, done]);
  expect(parts.map((part) => (part.type === "text" ? part.text : part.type))).toEqual(["Hel", "lo", "end"]);
});

test("a finish reason without [DONE] is an end: many imitators leave it out", async () => {
  const parts = await read(compatible, [compatible.text("Hel"), finished]);
  expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "stop", usage: { estimated: true } });
});

test("[DONE] without a finish reason is none: gateways send it when they have lost their own upstream", async () => {
  const { error, texts } = await readFailing(compatible, [compatible.text("Hel"), done]);
  expect(error.code).toBe("STREAM_TRUNCATED");
  expect(texts).toEqual(["Hel"]);
});

test("an empty finish reason is none", async () => {
  const odd = compatible.text("Hel").replace('"finish_reason":null', '"finish_reason":""');
  expect((await read(compatible, [odd, finished, done])).at(-1)).toMatchObject({ type: "end" });
  expect((await readFailing(compatible, [odd, done])).error.code).toBe("STREAM_TRUNCATED");
});

test("an error after the end is an error: the provider itself says that something went wrong", async () => {
  const { error } = await readFailing(compatible, [compatible.text("Hel"), finished, compatible.overloaded]);
  expect(error.code).toBe("PROVIDER_OVERLOADED");
});

test("an answer that has only reasoning, or only white space around nothing, says which", async () => {
  const thought = 'data: {"choices":[{"index":0,"delta":{"reasoning_content":"Hmm."}}]}\n\n';
  const { error } = await readFailing(compatible, [thought, finished, done]);
  expect(error.message).toEndWith("it has only reasoning and no text");
  expect((await readFailing(compatible, [finished, done])).error.message).toEndWith("it is empty");
});
