import { expect, test } from "bun:test";
import { createProvider } from "../../../src/providers/registry.ts";
import { ask, failingCall, failingStream, patience } from "./calls.ts";
import { eventStream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, google, openai, type Wire } from "./wires.ts";

/** How a vendor spells an end: what stands for it in place of a plain one, in a whole answer and in a stream. */
interface Spelling {
  wire: Wire;
  plain: string;
  length: string;
  refused: string;
  tool?: string;
}

const openaiIncomplete = (reason: string) => `"status":"incomplete","incomplete_details":{"reason":"${reason}"}`;

const spellings: readonly Spelling[] = [
  {
    wire: anthropic,
    plain: '"stop_reason":"end_turn"',
    length: '"stop_reason":"max_tokens"',
    refused: '"stop_reason":"refusal"',
    tool: '"stop_reason":"tool_use"',
  },
  {
    wire: openai,
    plain: '"status":"completed"',
    length: openaiIncomplete("max_output_tokens"),
    refused: openaiIncomplete("content_filter"),
  },
  {
    wire: google,
    plain: '"finishReason":"STOP"',
    length: '"finishReason":"MAX_TOKENS"',
    refused: '"finishReason":"SAFETY"',
    tool: '"finishReason":"MALFORMED_FUNCTION_CALL"',
  },
  {
    wire: compatible,
    plain: '"finish_reason":"stop"',
    length: '"finish_reason":"length"',
    refused: '"finish_reason":"content_filter"',
    tool: '"finish_reason":"tool_calls"',
  },
];

function answering(wire: Wire, plain: string, other: string) {
  const change = (text: string) => text.replaceAll(plain, other);
  return startUpstream(({ body, path }) =>
    body.stream === true || path.includes("stream")
      ? eventStream([...wire.opening, wire.text("Hel"), ...wire.closing].map(change))
      : new Response(change(JSON.stringify(wire.whole("Hel"))), { headers: { "content-type": "application/json" } }),
  );
}

for (const { wire, plain, length, refused, tool } of spellings) {
  test(`an answer of ${wire.type} that reached its length limit says so`, async () => {
    await using upstream = answering(wire, plain, length);
    const provider = await createProvider(wire.settings(upstream.url));
    const whole = await provider.generate(wire.model, ask("hello"), { signal: patience });
    expect(whole).toMatchObject({ text: "Hel", finishReason: "length" });
    const parts = await Array.fromAsync(provider.stream(wire.model, ask("hello"), { signal: patience }));
    expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "length" });
  });

  test(`a refusal of ${wire.type} is an error`, async () => {
    await using upstream = answering(wire, plain, refused);
    const provider = await createProvider(wire.settings(upstream.url));
    expect((await failingCall(provider, wire.model)).code).toBe("CONTENT_REFUSED");
    expect((await failingStream(provider, wire.model)).error.code).toBe("CONTENT_REFUSED");
  });

  if (tool === undefined) continue;
  test(`an answer of ${wire.type} that wants to call a tool is an error, since it was given none`, async () => {
    await using upstream = answering(wire, plain, tool);
    const provider = await createProvider(wire.settings(upstream.url));
    expect((await failingCall(provider, wire.model)).code).toBe("PROVIDER_PROTOCOL");
    expect((await failingStream(provider, wire.model)).error.code).toBe("PROVIDER_PROTOCOL");
  });
}

test("a prompt that google blocks is an error", async () => {
  const blocked = {
    promptFeedback: { blockReason: "SAFETY" },
    usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
  };
  await using upstream = startUpstream(({ path }) =>
    path.includes("stream") ? eventStream([`data: ${JSON.stringify(blocked)}\n\n`]) : Response.json(blocked),
  );
  const provider = await createProvider(google.settings(upstream.url));
  expect((await failingCall(provider, google.model)).code).toBe("CONTENT_REFUSED");
  expect((await failingStream(provider, google.model)).error.code).toBe("CONTENT_REFUSED");
});
