import { expect, test } from "bun:test";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { countPieces } from "../../../src/providers/token-pieces.ts";

const manual = await Bun.file(new URL("../../../docs/architecture.md", import.meta.url)).text();
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

test("a short text has the tokens that OpenAI counts", () => {
  expect(countPieces("hello world")).toBe(2);
  expect(countPieces("")).toBe(0);
  expect(countPieces("kubectl get pods --all-namespaces")).toBe(
    countTokens("kubectl get pods --all-namespaces", asText),
  );
});

test("prose that is cut into pieces has as many tokens as in one", () => {
  expect(Math.abs(countPieces(manual) / countTokens(manual, asText) - 1)).toBeLessThan(0.002);
});

test("a control token of a model is counted as the text that it is", () => {
  const text = "say <|endoftext|> and <|im_start|>";
  expect(countPieces(text)).toBe(countTokens(text, asText));
  expect(countPieces(text)).toBeGreaterThan(8);
});

test("a pair of surrogates is never cut in two", () => {
  for (const shift of ["", "x"]) {
    const text = shift + "😀".repeat(600);
    expect(Math.abs(countPieces(text) / countTokens(text, asText) - 1)).toBeLessThan(0.02);
  }
});

for (const [name, text] of [
  ["without a boundary", "漢字かな".repeat(16_384)],
  ["of one letter", "a".repeat(65_536)],
  ["of spaces", " ".repeat(65_536)],
  ["of line ends", "\n".repeat(65_536)],
  ["of signs", "=".repeat(65_536)],
] as const) {
  test(`a run of 64 Ki characters ${name} takes no longer than another text`, () => {
    countPieces("warm");
    const startedAt = performance.now();
    expect(countPieces(text)).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
}
