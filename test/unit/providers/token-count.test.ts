import { expect, test } from "bun:test";
import { guessTokens, TextSample, type TokenCounter } from "../../../src/providers/token-count.ts";

/** Counts characters, and keeps what it was given. */
function characterCounter() {
  const counted: string[] = [];
  const counter: TokenCounter = {
    async count(text) {
      counted.push(text);
      return text.length;
    },
  };
  return { counted, counter };
}

test("a short text is counted as a whole", async () => {
  const { counted, counter } = characterCounter();
  const sample = new TextSample();
  for (const piece of ["get ", "", "pods"]) sample.push(piece);
  expect(sample.length).toBe(8);
  expect(await sample.tokens(counter)).toBe(8);
  expect(counted).toEqual(["get pods"]);
});

test("of a long text the beginning is kept and counted, and the rest is taken to be like it", async () => {
  const { counted, counter } = characterCounter();
  const sample = new TextSample(10);
  for (let piece = 0; piece < 1000; piece++) sample.push("12345678");
  expect(sample.length).toBe(8000);
  expect(await sample.tokens(counter)).toBe(8000);
  expect(counted).toEqual(["1234567812"]);
});

test("what comes while it is counted belongs to the next count", async () => {
  const sample = new TextSample(4);
  sample.push("1234");
  const counting = sample.tokens({ count: async () => 2 });
  sample.push("5678");
  expect(await counting).toBe(2);
  expect(await sample.tokens({ count: async () => 2 })).toBe(4);
});

test("no text has no tokens, and nobody is asked", async () => {
  const { counted, counter } = characterCounter();
  expect(await new TextSample().tokens(counter)).toBe(0);
  expect(counted).toBeEmpty();
});

test("a guess takes four characters for a token, and begins a new one for what is left", () => {
  expect([0, 1, 4, 5, 4000].map(guessTokens)).toEqual([0, 1, 1, 2, 1000]);
});
