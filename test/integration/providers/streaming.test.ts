import { expect, test } from "bun:test";
import { createProvider } from "../../../src/providers/registry.ts";
import { ask, collect, patience } from "./calls.ts";
import { eventStream, holdStream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, wires } from "./wires.ts";

for (const wire of wires) {
  test(`${wire.type} hands on each piece of text before the next one exists`, async () => {
    const held = holdStream();
    await using upstream = startUpstream(() => held.response);
    const provider = await createProvider(wire.settings(upstream.url));
    for (const event of [...wire.opening, wire.text("Hel")]) held.send(event);

    const parts = provider.stream(wire.model, ask("hello"), { signal: patience })[Symbol.asyncIterator]();
    expect(await parts.next()).toEqual({ done: false, value: { type: "text", text: "Hel" } });
    held.send(wire.text("lo, 世界 👋"));
    expect(await parts.next()).toEqual({ done: false, value: { type: "text", text: "lo, 世界 👋" } });
    for (const event of wire.closing) held.send(event);
    held.end();
    expect((await parts.next()).value).toMatchObject({ type: "end", finishReason: "stop" });
    expect(await parts.next()).toEqual({ done: true, value: undefined });
  });

  test(`${wire.type} gives a whole answer with the same usage as a streamed one`, async () => {
    const events = [...wire.opening, wire.text("Hello"), ...wire.closing];
    await using upstream = startUpstream(({ body, path }) =>
      body.stream === true || path.includes("stream") ? eventStream(events) : Response.json(wire.whole("Hello")),
    );
    const provider = await createProvider(wire.settings(upstream.url));
    const { text, ...end } = await provider.generate(wire.model, ask("hello"), { signal: patience });
    expect(text).toBe("Hello");
    expect(end.usage.inputTokens).toBe(wire.type === "anthropic" ? 127 : 7);
    expect(end.usage.outputTokens).toBe(3);
    const parts = await collect(provider.stream(wire.model, ask("hello"), { signal: patience }));
    expect(parts).toEqual([
      { type: "text", text: "Hello" },
      { type: "end", ...end },
    ]);
  });

  test(`a connection to ${wire.type} whose answer is complete serves the next call`, async () => {
    await using upstream = startUpstream(() => eventStream([...wire.opening, wire.text("Hello"), ...wire.closing]));
    const provider = await createProvider(wire.settings(upstream.url));
    for (let call = 0; call < 3; call++) {
      await collect(provider.stream(wire.model, ask("hello"), { signal: patience }));
    }
    expect(new Set(upstream.received.map(({ peerPort }) => peerPort)).size).toBe(1);
  });

  test(`${wire.type} gets the system prompt and each turn in its own role`, async () => {
    await using upstream = startUpstream(() => Response.json(wire.whole("ok")));
    const provider = await createProvider(wire.settings(upstream.url));
    const turns = [
      { role: "user", text: "first question" },
      { role: "assistant", text: "first answer" },
      { role: "user", text: "second question" },
    ] as const;
    await provider.generate(wire.model, { system: "the rules", turns }, { signal: patience });
    expect(upstream.received[0]?.body).toMatchObject(expectedRoles[wire.type]);
  });
}

test("an answer ends with its end marker, even when the upstream keeps the connection open", async () => {
  const held = holdStream();
  await using upstream = startUpstream(() => held.response);
  const provider = await createProvider(anthropic.settings(upstream.url));
  for (const event of [...anthropic.opening, anthropic.text("Hello"), ...anthropic.closing]) held.send(event);
  const parts = await collect(provider.stream(anthropic.model, ask("hello"), { signal: patience }));
  expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "stop" });
  await upstream.received[0]?.closed;
});

const texts = (type: string, text: string) => [{ type, text }];

const expectedRoles = {
  anthropic: {
    system: [{ type: "text", text: "the rules", cache_control: { type: "ephemeral" } }],
    messages: [
      { role: "user", content: texts("text", "first question") },
      { role: "assistant", content: texts("text", "first answer") },
      { role: "user", content: texts("text", "second question") },
    ],
    max_tokens: 64000,
  },
  openai: {
    input: [
      { role: "system", content: "the rules" },
      { role: "user", content: texts("input_text", "first question") },
      { role: "assistant", content: "first answer" },
      { role: "user", content: texts("input_text", "second question") },
    ],
    store: false,
  },
  google: {
    systemInstruction: { parts: [{ text: "the rules" }] },
    contents: [
      { role: "user", parts: [{ text: "first question" }] },
      { role: "model", parts: [{ text: "first answer" }] },
      { role: "user", parts: [{ text: "second question" }] },
    ],
  },
  "openai-compatible": {
    messages: [
      { role: "system", content: "the rules" },
      { role: "user", content: "first question" },
      { role: "assistant", content: "first answer" },
      { role: "user", content: "second question" },
    ],
  },
};
