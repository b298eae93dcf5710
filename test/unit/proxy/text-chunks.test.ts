import { expect, test } from "bun:test";
import { TextChunker } from "../../../src/proxy/text-chunks.ts";

test("text passes as it comes", () => {
  const chunker = new TextChunker();
  expect([...chunker.push("one "), ...chunker.push(""), ...chunker.push("two"), ...chunker.flush()]).toEqual([
    "one ",
    "two",
  ]);
});

test("a pair of surrogates that arrives in two parts leaves in one", () => {
  const chunker = new TextChunker();
  const [high, low] = ["\ud83d", "\ude00"];
  expect(chunker.push(`a${high}`)).toEqual(["a"]);
  expect(chunker.push(`${low}b`)).toEqual(["😀b"]);
  expect(chunker.push(high)).toEqual([]);
  expect(chunker.push(low)).toEqual(["😀"]);
  expect(chunker.flush()).toEqual([]);
});

test("half a pair at the very end is not lost", () => {
  const chunker = new TextChunker();
  expect(chunker.push("a\ud83d")).toEqual(["a"]);
  expect(chunker.flush()).toEqual(["\ud83d"]);
  expect(chunker.flush()).toEqual([]);
});

test("a huge text is cut into pieces that are whole characters and together the text", () => {
  const text = `x${"😀".repeat(1_000_000)}`;
  const pieces = new TextChunker().push(text);
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join("")).toBe(text);
  for (const piece of pieces) {
    expect(piece.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(piece)).toBeLessThan(2 * 1024 * 1024);
  }
});
