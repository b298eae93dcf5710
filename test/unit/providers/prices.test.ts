import { expect, test } from "bun:test";
import { costOf } from "../../../src/providers/prices.ts";

const model = "claude-sonnet-4-5";

test("tokens cost what the vendor's list says", async () => {
  const cost = await costOf({ vendor: "anthropic", model, usage: { inputTokens: 1000, outputTokens: 100 } });
  expect(cost).toBeCloseTo(0.003 + 0.0015, 9);
});

test("what is read from the cache costs less, and what is written to it more", async () => {
  const priceOf = async (cache: object) =>
    (await costOf({ vendor: "anthropic", model, usage: { inputTokens: 1000, outputTokens: 0, ...cache } })) ?? 0;
  expect(await priceOf({ cacheReadTokens: 1000 })).toBeCloseTo(0.0003, 9);
  expect(await priceOf({ cacheWriteTokens: 1000 })).toBeCloseTo(0.00375, 9);
  expect(await priceOf({ cacheReadTokens: 500, cacheWriteTokens: 200 })).toBeCloseTo(0.0009 + 0.00015 + 0.00075, 9);
});

test("an endpoint whose address the list knows has its prices", async () => {
  const usage = { inputTokens: 1000, outputTokens: 10 };
  const known = await costOf({ baseUrl: "https://api.groq.com/openai/v1", model: "llama-3.3-70b-versatile", usage });
  expect(known).toBeGreaterThan(0);
  expect(await costOf({ baseUrl: "http://127.0.0.1:8089/v1", model: "gpt-4o", usage })).toBeUndefined();
});

test("an unknown model, and counts that are missing or contradict each other, have no price", async () => {
  const usage = { inputTokens: 10, outputTokens: 10 };
  expect(await costOf({ vendor: "anthropic", model: "no-such-model", usage })).toBeUndefined();
  expect(await costOf({ vendor: "anthropic", model, usage: { outputTokens: 10 } })).toBeUndefined();
  expect(await costOf({ vendor: "anthropic", model, usage: { inputTokens: 10 } })).toBeUndefined();
  expect(await costOf({ vendor: "anthropic", model, usage: { ...usage, cacheReadTokens: 500 } })).toBeUndefined();
  expect(await costOf({ vendor: "anthropic", model, usage: { inputTokens: -1, outputTokens: 1 } })).toBeUndefined();
});
