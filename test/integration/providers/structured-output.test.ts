import { expect, test } from "bun:test";
import type { JsonSchema } from "../../../src/providers/provider.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import type { ProviderSettings } from "../../../src/providers/settings.ts";
import { ask, collect, patience } from "./calls.ts";
import { eventStream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, google, key, openai, type Wire } from "./wires.ts";

/** What pydantic writes: references, a description beside one, a default, a choice. */
const schema: JsonSchema = {
  $defs: { Step: { type: "object", properties: { verb: { const: "get", default: "get" } }, title: "Step" } },
  type: "object",
  properties: {
    step: { $ref: "#/$defs/Step", description: "what to do" },
    note: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
  },
  required: ["step"],
};
const document = '{"step": {"verb": "get"}}';

async function requestFor(wire: Wire, model: string, settings?: (url: string) => ProviderSettings, asked = schema) {
  await using upstream = startUpstream(() => Response.json(wire.whole(document)));
  const provider = await createProvider((settings ?? wire.settings)(upstream.url));
  const { text } = await provider.generate(model, ask("plan", { schema: asked }), { signal: patience });
  expect(text).toBe(document);
  return upstream.received[0]?.body;
}

const instruction = expect.stringContaining(JSON.stringify(schema));

test("openai takes the schema itself, not in its strict dialect", async () => {
  const body = await requestFor(openai, "gpt-4o");
  expect(body?.text).toEqual({ format: { type: "json_schema", strict: false, name: "response", schema } });
  expect(body?.input).toContainEqual({ role: "system", content: "Be brief." });
});

test("an openai model from before schemas is told the schema in words", async () => {
  const body = await requestFor(openai, "gpt-4");
  expect(body?.text).toBeUndefined();
  expect(body?.input).toContainEqual({ role: "system", content: instruction });
});

test("openai is told a schema whose root is no object in words", async () => {
  const body = await requestFor(openai, "gpt-4o", undefined, {
    $ref: "#/$defs/A",
    $defs: { A: { type: "object" } },
  });
  expect(body?.text).toBeUndefined();
});

test("google is asked for JSON, and its model for the schema", async () => {
  const body = await requestFor(google, "gemini-2.5-flash");
  expect(body?.generationConfig).toEqual({ responseMimeType: "application/json" });
  expect(body?.systemInstruction).toEqual({ parts: [{ text: instruction }] });
});

test("an openai-compatible endpoint is only told the schema in words", async () => {
  const body = await requestFor(compatible, "tiny");
  expect(body?.response_format).toBeUndefined();
  expect(body?.messages).toContainEqual({ role: "system", content: instruction });
});

test("an openai-compatible endpoint that takes schemas is handed it too", async () => {
  const body = await requestFor(compatible, "tiny", (url) => ({
    ...(compatible.settings(url) as ProviderSettings & { type: "openai-compatible" }),
    structuredOutputs: true,
  }));
  expect(body?.response_format).toEqual({
    type: "json_schema",
    json_schema: { strict: false, name: "response", schema },
  });
  expect(body?.messages).toContainEqual({ role: "system", content: instruction });
});

test("ollama is handed the schema and its model is told it", async () => {
  const body = await requestFor(compatible, "llama3:latest", (url) => ({
    name: "ollama",
    type: "ollama",
    baseUrl: url,
  }));
  expect(body?.response_format).toMatchObject({ json_schema: { schema } });
  expect(body?.messages).toContainEqual({ role: "system", content: instruction });
});

for (const model of ["claude-opus-5-5", "claude-not-known-yet"]) {
  test(`${model}, which can't be made to call a tool, is told the schema in words`, async () => {
    const body = await requestFor(anthropic, model);
    expect([body?.tools, body?.output_config]).toEqual([undefined, undefined]);
    expect(body?.system).toMatchObject([{ type: "text", text: instruction }]);
  });
}

const usage = { input_tokens: 5, output_tokens: 4 };
const toolUse = { type: "tool_use", id: "toolu_1", name: "json" };

function event(data: { type: string; [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

test("claude's schema becomes a tool that it has to call, whose input is the answer's text", async () => {
  const whole = {
    ...anthropic.whole(""),
    content: [{ ...toolUse, input: JSON.parse(document) }],
    stop_reason: "tool_use",
  };
  await using upstream = startUpstream(() => Response.json(whole));
  const provider = await createProvider({ name: "anthropic", type: "anthropic", key, baseUrl: upstream.url });
  const answer = await provider.generate("claude-sonnet-4-5", ask("plan", { schema }), { signal: patience });
  expect(JSON.parse(answer.text)).toEqual(JSON.parse(document));
  expect(answer.finishReason).toBe("stop");
  expect(upstream.received[0]?.body).toMatchObject({
    tools: [{ name: "json", input_schema: schema }],
    tool_choice: { type: "any" },
    system: [{ type: "text", text: "Be brief." }],
  });
});

test("the input of claude's tool arrives as text, piece by piece", async () => {
  const pieces = ['{"step": ', '{"verb": ', '"get"}}'];
  const events = [
    event({
      type: "message_start",
      message: { ...anthropic.whole(""), content: [], stop_reason: null, usage },
    }),
    event({ type: "content_block_start", index: 0, content_block: { ...toolUse, input: {} } }),
    ...pieces.map((partial_json) =>
      event({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json } }),
    ),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage }),
    event({ type: "message_stop" }),
  ];
  await using upstream = startUpstream(() => eventStream(events));
  const provider = await createProvider({ name: "anthropic", type: "anthropic", key, baseUrl: upstream.url });
  const parts = await collect(provider.stream("claude-sonnet-4-5", ask("plan", { schema }), { signal: patience }));
  expect(parts.flatMap((part) => (part.type === "text" ? [part.text] : []))).toEqual(pieces);
  expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "stop" });
});
