import { expect, test } from "bun:test";
import { parseDuration } from "../../../src/cli/duration.ts";

test.each([
  ["90s", 90],
  ["5min", 300],
  ["12h", 43_200],
  ["30d", 2_592_000],
  ["30", 2_592_000],
  ["2w", 1_209_600],
  ["6m", 15_552_000],
  ["6mo", 15_552_000],
  ["1y", 31_536_000],
  [" 1D ", 86_400],
])("%p lasts %p seconds", (text, seconds) => {
  expect(parseDuration(text, "--expires-in")).toBe(seconds);
});

test.each(["", "0", "0d", "-1d", "1.5d", "d", "1x", "1 d", "101y", "999999999999d", "1d2h", "١d"])(
  "%p is refused with the flag and the value",
  (text) => {
    expect(() => parseDuration(text, "--expires-in")).toThrow(`--expires-in is ${JSON.stringify(text)}`);
  },
);
