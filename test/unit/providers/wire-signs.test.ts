import { expect, test } from "bun:test";
import { SignReader, type Wire } from "../../../src/providers/wire-signs.ts";

function read(wire: Wire, ...documents: readonly unknown[]): SignReader {
  const reader = new SignReader(wire);
  for (const document of documents) reader.see(document);
  return reader;
}

test("an end is the last thing that is said of an answer, and what comes later is past it", () => {
  const signs = new SignReader("chat");
  const steps = [
    { choices: [{ delta: { content: "a" }, finish_reason: null }] },
    { choices: [{ delta: { content: "b" }, finish_reason: "" }] },
    { choices: [{ delta: { content: "c" }, finish_reason: "stop" }] },
    { choices: [], usage: { prompt_tokens: 1 } },
  ];
  const seen = steps.map((step) => {
    signs.see(step);
    return [signs.end, signs.isPast];
  });
  expect(seen).toEqual([
    [undefined, false],
    [undefined, false],
    ["stop", false],
    ["stop", true],
  ]);
});

test("of two ends the first one counts", () => {
  const end = (finish_reason: string) => ({ choices: [{ delta: {}, finish_reason }] });
  expect(read("chat", end("length"), end("stop")).end).toBe("length");
});

test("a stream of Anthropic's ends with its own marker, not with the stop reason before it", () => {
  const delta = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } };
  expect(read("messages", delta).end).toBeUndefined();
  expect(read("messages", { type: "message", stop_reason: "end_turn" }).end).toBe("end_turn");
});

test("what Anthropic counts at the beginning and at the end is put together", () => {
  const start = { type: "message_start", message: { usage: { input_tokens: 7, cache_read_input_tokens: 5 } } };
  const delta = { type: "message_delta", usage: { input_tokens: null, output_tokens: 3 } };
  expect(read("messages", start, { type: "ping" }, delta).usage).toEqual({
    input_tokens: 7,
    cache_read_input_tokens: 5,
    output_tokens: 3,
  });
});

test("OpenAI's events name an end only when the response has one", () => {
  const response = (type: string, status: string, rest: object = {}) => ({ type, response: { status, ...rest } });
  expect(read("responses", response("response.in_progress", "in_progress")).end).toBeUndefined();
  expect(read("responses", response("response.completed", "completed")).end).toBe("completed");
  expect(read("responses", { type: "response.completed" }).end).toBe("response.completed");
  const details = { incomplete_details: { reason: "content_filter" } };
  expect(read("responses", response("response.incomplete", "incomplete", details)).end).toBe("content_filter");
  expect(read("responses", { status: "in_progress", output: [] }).end).toBe("in_progress");
});

test("OpenAI's refusals are found in events, in whole answers, and in chat completions", () => {
  const pieces = ["I ", "can't."].map((delta) => ({ type: "response.refusal.delta", delta }));
  expect(read("responses", ...pieces).explanation).toBe("I can't.");
  const output = [{ type: "message", content: [{ type: "refusal", refusal: "I can't." }] }];
  expect(read("responses", { status: "completed", output })).toMatchObject({ isRefusal: true, end: "completed" });
  expect(read("chat", { choices: [{ message: { content: null, refusal: "I can't." } }] }).isRefusal).toBe(true);
  expect(read("chat", { choices: [{ message: { content: "yes", refusal: null } }] }).isRefusal).toBe(false);
});

test("an answer that Google continues by itself has not ended", () => {
  const candidate = { finishReason: "CONTINUATION", continuationToken: "next" };
  expect(read("gemini", { candidates: [candidate] }).end).toBeUndefined();
  expect(read("gemini", { candidates: [{ finishReason: "CONTINUATION" }] }).end).toBe("CONTINUATION");
});

test("Google's words on an end are kept", () => {
  const signs = read("gemini", { candidates: [{ finishReason: "SAFETY", finishMessage: "Blocked." }] });
  expect(signs).toMatchObject({ end: "SAFETY", explanation: "Blocked.", isRefusal: false });
});

for (const wire of ["messages", "responses", "gemini", "chat"] as const) {
  test(`documents of another shape say nothing in ${wire}`, () => {
    const odd = [null, undefined, 7, "text", [], [[]], {}, { choices: 7, candidates: [7], usage: "x", type: 7 }];
    const signs = read(wire, ...odd, { choices: [null], output: [null], usageMetadata: null, response: 7, delta: 7 });
    expect(signs).toMatchObject({ end: undefined, isRefusal: false, explanation: undefined, usage: undefined });
  });
}

test("a document that holds an error is one, whatever else it holds", () => {
  const whole = { choices: [{ message: { content: "hello" }, finish_reason: "stop" }] };
  for (const error of [{ message: "Overloaded" }, "Overloaded"]) {
    const signs = new SignReader("chat");
    signs.see({ ...whole, error });
    expect(signs.error).toEqual({ ...whole, error });
  }
  const signs = new SignReader("responses");
  signs.see({ status: "completed", error: null });
  expect(signs.error).toBeUndefined();
});
