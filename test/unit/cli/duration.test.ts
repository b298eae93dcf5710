import { describe, expect, test } from "bun:test";
import { describeDuration, looksLikeMinutes, parseDuration } from "../../../src/cli/duration.ts";
import { UsageError } from "../../../src/errors.ts";

const day = 86_400;

test.each([
  ["1s", 1],
  ["90s", 90],
  ["5min", 300],
  ["12h", 43_200],
  ["30d", 30 * day],
  ["30", 30 * day],
  ["007d", 7 * day],
  ["2w", 14 * day],
  ["6m", 180 * day],
  ["6M", 180 * day],
  ["6mo", 180 * day],
  ["1y", 365 * day],
  ["100y", 36_500 * day],
  ["3153600000s", 36_500 * day],
])("%p lasts %p seconds", (text, seconds) => {
  expect(parseDuration(text, "--expires-in")).toBe(seconds);
});

const noDuration = [
  ["nothing", ""],
  ["a blank", " "],
  ["a blank before", " 30d"],
  ["a blank behind", "30d "],
  ["a blank between", "30 d"],
  ["a no-break space", "30\u00a0d"],
  ["a tab", "30\td"],
  ["a line's end", "30d\n"],
  ["two lines", "30d\n30d"],
  ["a carriage return", "30d\r"],
  ["NUL", "30d\0"],
  ["NUL alone", "\0"],
  ["a zero-width space", "30\u200bd"],
  ["a byte order mark", "\ufeff30d"],
  ["text turned around", "\u202e30d"],
  ["an escape sequence", "\u001b[31m30d"],
  ["a unit alone", "d"],
  ["minutes alone", "min"],
  ["a minus", "-1d"],
  ["a minus alone", "-"],
  ["a plus", "+1d"],
  ["a typographic minus", "−1d"],
  ["a fraction", "1.5d"],
  ["a fraction with a comma", "1,5d"],
  ["a fraction without a whole", ".5d"],
  ["a point behind", "1.d"],
  ["thousands", "1,000d"],
  ["an underscore", "1_000d"],
  ["an apostrophe", "1'000d"],
  ["an exponent", "1e3"],
  ["an exponent with a unit", "1e3d"],
  ["hexadecimal", "0x1e"],
  ["hexadecimal with a unit", "0x1eh"],
  ["binary", "0b11d"],
  ["octal", "0o17d"],
  ["infinity", "Infinity"],
  ["inf", "inf"],
  ["not a number", "NaN"],
  ["null", "null"],
  ["never", "never"],
  ["forever", "forever"],
  ["Arabic digits", "١d"],
  ["full-width digits", "３０d"],
  ["a superscript", "3²d"],
  ["a Roman number", "Ⅻd"],
  ["a full-width unit", "30ｄ"],
  ["a Cyrillic unit", "30с"],
  ["ISO 8601", "P30D"],
  ["ISO 8601 with a time", "PT12H"],
  ["a time of day", "12:00"],
  ["a date", "2026-12-31"],
  ["two units", "1d2h"],
  ["two units with a blank", "1d 2h"],
  ["years and months", "1y6m"],
  ["a unit twice", "1dd"],
  ["the unit first", "d30"],
  ["another unit", "1x"],
  ["milliseconds", "100ms"],
  ["microseconds", "100us"],
  ["a word", "30days"],
  ["a word's short form", "30sec"],
  ["capital seconds", "30S"],
  ["capital hours", "30H"],
  ["capital days", "30D"],
  ["capital weeks", "2W"],
  ["capital years", "1Y"],
  ["capital minutes", "30Min"],
  ["all capital minutes", "30MIN"],
  ["capital mo", "6Mo"],
  ["a name that every object has", "1constructor"],
  ["a prototype", "1__proto__"],
  ["a percentage", "50%"],
  ["a formula", "1*2d"],
  ["a variable", "$DAYS"],
  ["a quoted number", '"30d"'],
  ["a flag", "--json"],
  ["more digits than there are seconds", "99999999999s"],
  ["a megabyte of digits", "9".repeat(1 << 20)],
  ["a megabyte of blanks", " ".repeat(1 << 20)],
] as const;

describe("no duration", () => {
  test.each(noDuration)("%s is refused, with the flag, the value and the way out", (_, text) => {
    let refusal: unknown;
    try {
      parseDuration(text, "--expires-in");
    } catch (error) {
      refusal = error;
    }
    if (!(refusal instanceof UsageError)) throw new Error(`${JSON.stringify(text)} was taken`);
    expect(refusal.message).toMatch(/^--expires-in is ".*", which is no duration$/);
    expect(refusal.message.length).toBeLessThan(300);
    expect(refusal.message).not.toMatch(/[\p{Cc}\p{Cf}\u00a0]/u);
    expect(refusal.hint).toContain("30min");
  });

  test("the table is as long as it has to be", () => {
    expect(noDuration.length).toBeGreaterThanOrEqual(60);
  });
});

test.each(["0", "0d", "000", "0s"])("%p is refused unless nothing is asked for", (text) => {
  expect(() => parseDuration(text, "--expires-in")).toThrow(`--expires-in is "${text}", which is no time at all`);
  expect(parseDuration(text, "--overlap", { zero: true })).toBe(0);
});

test.each(["101y", "1300mo", "3153600001s", "9999999999", "36501"])("%p is too long", (text) => {
  expect(() => parseDuration(text, "--expires-in")).toThrow(`--expires-in is "${text}", which is too long`);
});

test("months may be taken for minutes where they are written m", () => {
  expect(["30m", "6M"].every(looksLikeMinutes)).toBe(true);
  expect(["30min", "6mo", "30", "m"].some(looksLikeMinutes)).toBe(false);
});

test.each([
  [1, "1 second"],
  [59, "59 seconds"],
  [90, "90 seconds"],
  [5400, "90 minutes"],
  [3600, "1 hour"],
  [day, "1 day"],
  [36 * 3600, "36 hours"],
  [180 * day, "180 days"],
  [0, "0 seconds"],
])("%p seconds are %p", (seconds, text) => {
  expect(describeDuration(seconds)).toBe(text);
});
