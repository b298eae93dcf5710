import { describe, expect, test } from "bun:test";
import { checkPattern, matchesModel } from "../../../src/auth/model-patterns.ts";

describe("a pattern", () => {
  test.each([
    ["*", ""],
    ["*", "anthropic/claude-sonnet-4-5"],
    ["anthropic/*", "anthropic/claude-sonnet-4-5"],
    ["*sonnet*", "anthropic/claude-sonnet-4-5"],
    ["*-4-?", "anthropic/claude-sonnet-4-5"],
    ["a*b*c", "a-b-b-c"],
    ["a**c", "ac"],
    ["echo", "echo"],
    ["?", "🦊"],
    ["gpt-4.1", "gpt-4.1"],
    ["[ab]", "[ab]"],
    ["a+(b)|c^$", "a+(b)|c^$"],
    ["ollama:*", "ollama:llama3"],
    ["*ab", "aab"],
    ["*a*a*a", "aaa"],
  ])("%p matches %p", (pattern, name) => {
    expect(matchesModel([pattern], [name])).toBe(true);
  });

  test.each([
    ["", "a"],
    ["?", ""],
    ["?", "ab"],
    ["echo", "echo2"],
    ["echo", "Echo"],
    ["echo", "my-echo"],
    ["gpt-4.1", "gpt-4x1"],
    ["[ab]", "a"],
    ["a*b", "a"],
    ["a*b", "abc"],
    ["*a*a*a", "aa"],
    ["anthropic/*", "google/anthropic/x"],
    ["a\\*", "a*"],
  ])("%p does not match %p", (pattern, name) => {
    expect(matchesModel([pattern], [name])).toBe(false);
  });

  test("that would take a backtracking matcher for ever takes no time", () => {
    const started = performance.now();
    expect(matchesModel([`${"a*".repeat(100)}b`], ["a".repeat(10_000)])).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test("one pattern and one name of a model that match are enough, and no pattern matches nothing", () => {
  expect(matchesModel(["gpt-*", "claude-*"], ["anthropic/claude-x", "claude-x"])).toBe(true);
  expect(matchesModel(["gpt-*"], ["anthropic/claude-x", "claude-x"])).toBe(false);
  expect(matchesModel([], ["claude-x"])).toBe(false);
  expect(matchesModel(["*"], [])).toBe(false);
});

test.each([
  ["", "is empty"],
  ["a b", "can't be seen"],
  ["a\n", "can't be seen"],
  ["\u200b", "can't be seen"],
  ["a\u0000", "can't be seen"],
  ["a\u202eb", "can't be seen"],
  ["\ud800", "can't be seen"],
  ["a".repeat(201), "has 201 characters; 200 are allowed"],
])("%p is no pattern", (text, problem) => {
  expect(checkPattern(text)).toContain(problem);
});

test.each(["*", "a".repeat(200), "🦊".repeat(200), "anthropic/claude-*", "é"])("%p is a pattern", (text) => {
  expect(checkPattern(text)).toBeUndefined();
});
