import { describe, expect, test } from "bun:test";
import {
  formatPath,
  parsePath,
  quoteText,
  valueAt,
  withoutValue,
  withoutValues,
  withValue,
  withValues,
} from "../../../src/config/tree.ts";
import { randomNumbers } from "../../random-numbers.ts";

describe("a path", () => {
  test.each<[path: string[], text: string]>([
    [["server", "port"], "server.port"],
    [["server", "limits", "per_token", "ci.bot"], 'server.limits.per_token."ci.bot"'],
    [["a", ""], 'a.""'],
    [['a"b'], '"a\\"b"'],
    [["a b"], "a b"],
    [[" a"], '" a"'],
    [["a\nb"], '"a\\nb"'],
    [["\u001b[31m"], '"\\u001b[31m"'],
    [["\u202ea"], '"\\u202ea"'],
    [["a\u00a0b"], '"a\\u00a0b"'],
    [["🚀", "ü"], "🚀.ü"],
    [["__proto__"], "__proto__"],
  ])("%p is written %s, and read again", (path, text) => {
    expect(formatPath(path)).toBe(text);
    expect(parsePath(text)).toEqual(path);
  });

  test.each(["", ".", "a.", ".a", "a..b", '"a', 'a"', '"a"b', '"\\x"', '"a\nb"', '"\\"', 'a."b".c"'])(
    "is none that is %p",
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );

  test("of any names is read as it was written", () => {
    const numbers = randomNumbers(11);
    const next = () => numbers.next().value;
    const letters = [...'ab."\\ \n\u0000\u001b\u202e\u00a0é🚀[]{}:,#'];
    for (let round = 0; round < 2000; round++) {
      const path = Array.from({ length: 1 + Math.floor(next() * 4) }, () =>
        Array.from({ length: Math.floor(next() * 5) }, () => letters[Math.floor(next() * letters.length)]).join(""),
      );
      expect(parsePath(formatPath(path))).toEqual(path);
    }
  });
});

test("text in quotes shows what is not seen", () => {
  expect(quoteText('a"\u009b\u200b\u2028b')).toBe('"a\\"\\u009b\\u200b\\u2028b"');
});

describe("a value", () => {
  test.each<[path: string[], value: unknown]>([
    [["a"], { b: [1, 2] }],
    [["a", "b", "1"], 2],
    [["a", "c"], undefined],
    [["a", "b", "1", "d"], undefined],
    [["toString"], undefined],
    [["__proto__"], undefined],
    [["a", "b", "length"], 2],
  ])("at %p is found", (path, value) => {
    expect(valueAt({ a: { b: [1, 2] } }, path)).toEqual(value as never);
  });

  test("is put in its place, and the content stays", () => {
    const content = { a: { b: 1 }, c: 2 };
    expect(withValue(content, ["a", "d", "e"], 3)).toEqual({ a: { b: 1, d: { e: 3 } }, c: 2 });
    expect(withValue(content, ["c", "d"], 3)).toEqual({ a: { b: 1 }, c: { d: 3 } });
    expect(withValue(undefined, ["a"], 1)).toEqual({ a: 1 });
    expect(content).toEqual({ a: { b: 1 }, c: 2 });
  });

  test("may have a name that objects have already", () => {
    const content = withValue({}, ["__proto__", "a"], 1);
    expect(Object.hasOwn(content, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype);
    expect(valueAt(content, ["__proto__", "a"])).toBe(1);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
    expect(Object.keys(withoutValue(content, ["__proto__", "a"]))).toEqual(["__proto__"]);
  });

  test("that is a map is not changed by what is put into it", () => {
    const inner = { x: 1 };
    const values = [[["a"], inner] as const, [["a", "y"], 2] as const];
    expect(withValues({}, values)).toEqual({ a: { x: 1, y: 2 } });
    expect(inner).toEqual({ x: 1 });
  });

  test("is taken out, and the content stays", () => {
    const content = { a: { b: 1, c: 2 }, d: [3] };
    expect(withoutValue(content, ["a", "b"])).toEqual({ a: { c: 2 }, d: [3] });
    expect(withoutValues(content, [["a"], ["a", "b"], ["d"]])).toEqual({});
    expect(withoutValues(content, [["x"], ["a", "x"], ["d", "0"], ["d", "0", "y"], []])).toEqual(content);
    expect(content).toEqual({ a: { b: 1, c: 2 }, d: [3] });
  });
});
