import { afterAll, expect, test } from "bun:test";
import type { Answer, AnswerEnd, Prompt } from "../../../src/providers/provider.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import type { TokenCounter } from "../../../src/providers/token-count.ts";
import { countPieces } from "../../../src/providers/token-pieces.ts";
import { TokenThread } from "../../../src/providers/token-thread.ts";
import { ask, patience } from "./calls.ts";
import { eventStream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, google, openai, type Wire } from "./wires.ts";

const counter = new TokenThread({ patienceMs: 20_000 });
afterAll(() => counter.end());

const said = "All pods of kube-system are running.";
const prompt = ask("How are the pods of kube-system?");
const sent = countPieces("Be brief.How are the pods of kube-system?");

type Change = (text: string) => string;

/** Asks an upstream whose answer was changed, for a whole answer and for a streamed one. */
async function ends(
  wire: Wire,
  change: Change,
  asked: Prompt = prompt,
  counting: TokenCounter = counter,
): Promise<readonly [AnswerEnd, AnswerEnd]> {
  const headers = { "content-type": "application/json" };
  await using upstream = startUpstream(({ body, path }) =>
    body.stream === true || path.includes("stream")
      ? eventStream([...wire.opening, wire.text(said), ...wire.closing].map(change))
      : new Response(change(JSON.stringify(wire.whole(said))), { headers }),
  );
  const provider = await createProvider({ ...wire.settings(upstream.url), counter: counting });
  const { text, ...whole }: Answer = await provider.generate(wire.model, asked, { signal: patience });
  expect(text).toBe(said);
  const parts = await Array.fromAsync(provider.stream(wire.model, asked, { signal: patience }));
  const end = parts.at(-1);
  if (end?.type !== "end") throw new Error("the stream has no end");
  const { type, ...streamed } = end;
  return [whole, streamed];
}

const withoutUsage: Change = (text) => text.replace(/,"(usage|usageMetadata)":\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, "");
const inputOf =
  (count: string): Change =>
  (text) =>
    text.replace(/"(input_tokens|prompt_tokens|promptTokenCount)":7/g, `"$1":${count}`);
const outputOf =
  (count: string): Change =>
  (text) =>
    text.replace(/"(output_tokens|completion_tokens|candidatesTokenCount)":3/g, `"$1":${count}`);

for (const wire of [openai, google, compatible]) {
  test(`an answer of ${wire.type} without counts is counted, and says so`, async () => {
    for (const { usage } of await ends(wire, withoutUsage)) {
      expect(usage).toEqual({ inputTokens: sent, outputTokens: countPieces(said), estimated: true });
    }
  });
}

for (const wire of [anthropic, openai, google, compatible]) {
  for (const count of ["-300", "0.5", "99999999999"]) {
    test(`an input of ${count} tokens from ${wire.type} is not believed`, async () => {
      for (const { usage } of await ends(wire, inputOf(count))) {
        expect(usage).toEqual({ inputTokens: sent, outputTokens: 3, estimated: true });
      }
    });
  }

  test(`an answer of ${wire.type} with no output tokens is counted, and its input believed`, async () => {
    for (const { usage } of await ends(wire, outputOf("0"))) {
      expect(usage.outputTokens).toBe(countPieces(said));
      expect(usage.inputTokens).toBe(wire === anthropic ? 127 : 7);
      expect(usage.estimated).toBe(true);
    }
  });

  test(`sound counts of ${wire.type} are taken as they are, and nobody else counts`, async () => {
    const nobody: TokenCounter = { count: () => Promise.reject(new Error("counted")) };
    for (const { usage } of await ends(wire, (text) => text, prompt, nobody)) expect(usage.estimated).toBeUndefined();
  });
}

for (const wire of [openai, google, compatible]) {
  test(`a sum of ${wire.type} that is far from its parts makes both doubtful`, async () => {
    const change: Change = (text) => text.replace(/"(total_tokens|totalTokenCount)":10/g, '"$1":99000');
    for (const { usage } of await ends(wire, change)) {
      expect(usage).toEqual({ inputTokens: sent, outputTokens: countPieces(said), estimated: true });
    }
  });
}

test("more tokens from the cache than there are make the input doubtful", async () => {
  const change: Change = (text) => text.replace('"cached_tokens":2', '"cached_tokens":200');
  for (const { usage } of await ends(openai, change)) {
    expect(usage).toEqual({ inputTokens: sent, outputTokens: 3, estimated: true });
  }
});

test("a counted answer has a price where the model has one", async () => {
  for (const { usage, costUsd } of await ends(openai, withoutUsage)) {
    const { inputTokens = 0, outputTokens = 0 } = usage;
    expect(costUsd).toBeCloseTo((inputTokens * 2.5 + outputTokens * 10) / 1e6, 12);
  }
  for (const { costUsd } of await ends(compatible, withoutUsage)) expect(costUsd).toBeUndefined();
});

test("a schema that is sent is a part of the input", async () => {
  const schema = { type: "object", properties: { verb: { enum: ["get", "list"] } }, required: ["verb"] };
  const asked = { ...prompt, schema };
  for (const { usage } of await ends(openai, withoutUsage, asked)) {
    expect(usage.inputTokens).toBe(countPieces(`Be brief.How are the pods of kube-system?${JSON.stringify(schema)}`));
  }
});

test("all of a conversation is counted", async () => {
  const turns = [
    { role: "user", text: "one" },
    { role: "assistant", text: " two" },
    { role: "user", text: " three" },
  ] as const;
  for (const { usage } of await ends(compatible, withoutUsage, { system: "", turns })) {
    expect(usage.inputTokens).toBe(countPieces("one two three"));
  }
});

test("reasoning that is shown is a part of the output", async () => {
  const thought = "Let me think about the pods. ".repeat(20);
  const chunk = (delta: object) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
  const events = [chunk({ reasoning_content: thought }), compatible.text(said), ...compatible.closing].map(
    withoutUsage,
  );
  await using upstream = startUpstream(() => eventStream(events));
  const provider = await createProvider({ ...compatible.settings(upstream.url), counter });
  const parts = await Array.fromAsync(provider.stream("tiny", prompt, { signal: patience }));
  expect(parts.at(-1)).toMatchObject({ usage: { outputTokens: countPieces(thought + said), estimated: true } });
});

test("a counter that fails to come breaks no answer", async () => {
  const program = new URL("file:///nowhere/worker.js");
  const broken = new TokenThread({ program });
  for (const { usage } of await ends(compatible, withoutUsage, prompt, broken)) {
    expect(usage).toEqual({ inputTokens: 11, outputTokens: 9, estimated: true });
  }
});
