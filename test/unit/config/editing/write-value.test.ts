import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { setInText } from "../../../../src/config/editing/edit-text.ts";
import { entryLines, entryText, valueText } from "../../../../src/config/editing/write-value.ts";

const yaml = { json: false };
const plain = [
  "a",
  "ci-bot",
  "hello world",
  "a.b",
  "/run/secrets/key",
  "~/key",
  "./key",
  "../key",
  "127.0.0.1",
  "0.0.0.0",
];
const moreOfPlain = ["anthropic/claude-sonnet-4-5", "grün", "日本", "a@b.de", "_x", "nope", "x1", "a+b", "NaN"];

const misread = [
  "",
  "y",
  "Y",
  "yes",
  "YES",
  "no",
  "on",
  "Off",
  "true",
  "False",
  "null",
  "Null",
  "~",
  "=",
  "<<",
  "-",
  "?",
  ":",
];
const numbers = [
  "1",
  "007",
  "1.3",
  "1e3",
  "e5",
  "E-1",
  "0x1f",
  "0o7",
  "0b1",
  "1_000",
  "190:20:30",
  "12:30",
  ".5",
  "-.inf",
  ".NaN",
  "+1",
];
const dates = ["2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43"];
const indicators = [
  "a: b",
  "a:",
  "a:b",
  "# x",
  "a #b",
  "a#b",
  "- a",
  "-a",
  "[a",
  "{a}",
  "a, b",
  "&a",
  "*a",
  "!a",
  "|",
  ">",
  "%a",
  "@a",
  "`a",
  "'a",
  '"a',
  "a]",
];
const blanks = [" a", "a ", "a  b", "\ta", "a\tb", "a\nb", "a\n", "\r\n", "---", "...", "--- a", "1.2.3.4.5", "a\\b"];
const strange = [
  "🙂",
  "a\u0085b",
  "\u2028",
  "\ufeffa",
  "\u0007",
  "\u007f",
  "\ud800",
  "a\u200db",
  "\ufffe",
  "1.2.3.4444",
];

describe("a string", () => {
  test.each([...plain, ...moreOfPlain])("%j is written as it is", (text) => {
    expect(valueText(text, yaml)).toBe(text);
  });

  test.each([...misread, ...numbers, ...dates, ...indicators, ...blanks, ...strange])(
    "%j gets double quotes",
    (text) => {
      const written = valueText(text, yaml);
      expect(written).toMatch(/^"[^\n\r\u0085\u2028]*"$/);
      expect(JSON.parse(written)).toBe(text);
    },
  );

  test("means the same to YAML 1.1 and 1.2, in blocks, brackets and braces, as value and as key", () => {
    for (const text of [plain, moreOfPlain, misread, numbers, dates, indicators, blanks, strange].flat()) {
      for (const version of ["1.1", "1.2"] as const) {
        const read = (written: string): unknown =>
          parse(written, { version, schema: version === "1.1" ? "yaml-1.1" : "core" });
        expect(read(entryLines(["k"], text, "", "  ").join("\n"))).toEqual({ k: text });
        expect(read(`${entryLines([text, text], 1, "", "  ").join("\n")}\n`)).toEqual({ [text]: { [text]: 1 } });
        expect(read(`[${valueText(text, yaml)},${valueText(text, yaml)}]`)).toEqual([text, text]);
        expect(read(`{${entryText([text, "k"], text, yaml)}}`)).toEqual({ [text]: { k: text } });
        expect(read(`k: ${valueText(text, { json: false, quotes: "single" })}`)).toEqual({ k: text });
      }
    }
  });

  test("is the same after it was set and read, whatever quotes stood there", () => {
    for (const before of [
      "k: 1\n",
      "k: 'x'\n",
      'k: "x"\n',
      "k: |\n  x\n",
      "{ k: 1 }\n",
      "{ k: 'x' }\n",
      '{ "k": "x" }\n',
    ]) {
      for (const text of [plain, misread, numbers, dates, indicators, blanks, strange].flat()) {
        expect(parse(setInText(before, ["k"], text))).toEqual({ k: text });
      }
    }
  });
});

test.each([
  [0, "0"],
  [-0, "-0"],
  [6000, "6000"],
  [-1.5, "-1.5"],
  [1e21, "1e+21"],
  [5e-324, "5e-324"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991"],
])("the number %p is written as %s", (number, written) => {
  expect(valueText(number, yaml)).toBe(written);
  expect(parse(setInText("", ["k"], number))).toEqual({ k: number });
  expect(parse(setInText('{ "k": null }', ["k"], number))).toEqual({ k: number });
});

test("lists and maps are written on one line, in JSON with quotes", () => {
  const value = { a: [1, "x", ["yes"], []], "my key": { b: null, c: true }, d: {} };
  expect(valueText(value, yaml)).toBe('{ a: [1, x, ["yes"], []], my key: { b: null, c: true }, d: {} }');
  expect(JSON.parse(valueText(value, { json: true }))).toEqual(value);
});
