import { expect, test } from "bun:test";
import { completeUsage, soundUsage, usageUntilNow } from "../../../src/providers/answer-usage.ts";
import { TextSample, type TokenCounter } from "../../../src/providers/token-count.ts";
import type { Fields } from "../../../src/providers/wire-signs.ts";

function chat(prompt_tokens: unknown, completion_tokens: unknown, rest: Fields = {}) {
  return soundUsage("chat", { prompt_tokens, completion_tokens, ...rest }, true);
}

test("each vendor's counts are read, the cached ones as a part of the input", () => {
  expect(
    soundUsage(
      "messages",
      { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      true,
    ),
  ).toEqual({ inputTokens: 127, outputTokens: 3, cacheReadTokens: 100, cacheWriteTokens: 20 });
  expect(
    soundUsage(
      "responses",
      { input_tokens: 7, output_tokens: 3, total_tokens: 10, input_tokens_details: { cached_tokens: 2 } },
      true,
    ),
  ).toEqual({ inputTokens: 7, outputTokens: 3, cacheReadTokens: 2 });
  expect(
    soundUsage(
      "gemini",
      {
        promptTokenCount: 7,
        candidatesTokenCount: 3,
        thoughtsTokenCount: 50,
        cachedContentTokenCount: 4,
        totalTokenCount: 60,
      },
      true,
    ),
  ).toEqual({ inputTokens: 7, outputTokens: 53, cacheReadTokens: 4 });
  expect(chat(7, 3, { total_tokens: 10, prompt_tokens_details: { cached_tokens: 5 } })).toEqual({
    inputTokens: 7,
    outputTokens: 3,
    cacheReadTokens: 5,
  });
});

for (const [name, count] of [
  ["missing", undefined],
  ["zero", 0],
  ["negative", -5],
  ["broken", 2.5],
  ["endless", Number.POSITIVE_INFINITY],
  ["no number", "7"],
  ["beyond reason", 5e12],
] as const) {
  test(`an input that is ${name} is no count, and the output stays one`, () => {
    expect(chat(count, 3)).toEqual({ inputTokens: undefined, outputTokens: 3 });
  });

  test(`an output that is ${name} is no count, and the input stays one`, () => {
    expect(chat(7, count)).toEqual({ inputTokens: 7, outputTokens: undefined });
  });
}

test("an output of zero is true when nothing was said", () => {
  const usage = { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 };
  expect(soundUsage("chat", usage, false)).toEqual({ inputTokens: 7, outputTokens: 0 });
});

test("more cached tokens than there are make the input doubtful", () => {
  expect(chat(7, 3, { prompt_tokens_details: { cached_tokens: 8 } })).toEqual({
    inputTokens: undefined,
    outputTokens: 3,
  });
  expect(chat(7, 3, { prompt_tokens_details: { cached_tokens: -1 } }).inputTokens).toBeUndefined();
  const wrong = { input_tokens: -50, cache_read_input_tokens: 30, output_tokens: 3 };
  expect(soundUsage("messages", wrong, true)).toEqual({ inputTokens: undefined, outputTokens: 3 });
});

test("a sum that is far from its parts makes both doubtful, and one that is near neither", () => {
  expect(chat(700, 300, { total_tokens: 100_000 })).toEqual({});
  expect(chat(700, 300, { total_tokens: 3 })).toEqual({});
  expect(chat(700, 300, { total_tokens: 1004 })).toEqual({ inputTokens: 700, outputTokens: 300 });
  expect(chat(700, 300, { total_tokens: 0 })).toEqual({ inputTokens: 700, outputTokens: 300 });
});

test("reasoning that a vendor counts beside the answer is a part of the output", () => {
  const details = { completion_tokens_details: { reasoning_tokens: 5000 } };
  expect(chat(7, 3, { total_tokens: 5010, ...details }).outputTokens).toBe(5003);
  expect(chat(7, 5003, { total_tokens: 5010, ...details }).outputTokens).toBe(5003);
});

test("a long reasoning before a short answer is no contradiction", () => {
  expect(chat(7, 60_000, { total_tokens: 60_007 }).outputTokens).toBe(60_000);
});

test("null is what is not said", () => {
  const details = { prompt_tokens_details: { cached_tokens: null }, total_tokens: null };
  expect(chat(7, 3, details)).toEqual({ inputTokens: 7, outputTokens: 3 });
  const usage = { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: null };
  expect(soundUsage("messages", usage, true)).toEqual({ inputTokens: 7, outputTokens: 3 });
});

test("no counts at all are none", () => {
  expect(soundUsage("chat", undefined, true)).toEqual({});
  expect(chat(undefined, undefined, { prompt_tokens_details: null, total_tokens: 10 })).toEqual({});
});

const byCharacters: TokenCounter = { count: async (text) => text.length };

function sample(text: string): TextSample {
  const made = new TextSample();
  made.push(text);
  return made;
}

const texts = { prompt: sample("a prompt"), output: sample("an answer") };

test("only the half that is missing is counted, and the usage says so", async () => {
  expect(await completeUsage({ inputTokens: 700 }, texts, byCharacters)).toEqual({
    inputTokens: 700,
    outputTokens: 9,
    estimated: true,
  });
  expect(await completeUsage({ outputTokens: 700 }, texts, byCharacters)).toEqual({
    inputTokens: 8,
    outputTokens: 700,
    estimated: true,
  });
  expect(await completeUsage({}, texts, byCharacters)).toMatchObject({ inputTokens: 8, outputTokens: 9 });
});

test("whole counts are taken as they are, and nothing is counted", async () => {
  const usage = { inputTokens: 700, outputTokens: 300, cacheReadTokens: 1 };
  expect(await completeUsage(usage, texts, { count: () => Promise.reject(new Error("counted")) })).toBe(usage);
});

test("an answer that broke off has used what came of it, or what its provider had counted when that is more", async () => {
  const started = { inputTokens: 127, outputTokens: 1, cacheReadTokens: 100 };
  expect(await usageUntilNow(started, texts, byCharacters)).toEqual({ ...started, outputTokens: 9, estimated: true });
  expect(await usageUntilNow({ inputTokens: 7, outputTokens: 900 }, texts, byCharacters)).toEqual({
    inputTokens: 7,
    outputTokens: 900,
    estimated: true,
  });
});
