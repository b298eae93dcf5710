import { describe, expect, test } from "bun:test";
import { parseDocument } from "yaml";
import { setInText } from "../../../../src/config/editing/edit-text.ts";
import type { PlainValue } from "../../../../src/config/editing/write-value.ts";

type Row = readonly [what: string, before: string, path: string, value: PlainValue, after: string];

/** Sets a key whose path has dots between its keys; the result has to hold what was set. */
function set(before: string, path: string | readonly string[], value: PlainValue): string {
  const keys = typeof path === "string" ? path.split(".") : path;
  const after = setInText(before, keys, value);
  const content = parseDocument(after, { merge: true, logLevel: "error" }).toJS() as Record<string, unknown>;
  expect(keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], content)).toEqual(value);
  expect(setInText(after, keys, value)).toBe(after);
  return after;
}

function check(_: string, before: string, path: string, value: PlainValue, after: string): void {
  expect(set(before, path, value)).toBe(after);
  const [windows, windowsAfter] = [before, after].map((text) => text.replaceAll("\n", "\r\n"));
  // With no line break in it there is none to follow.
  if (before.includes("\n")) expect(set(windows ?? "", path, value)).toBe(windowsAfter ?? "");
  expect(set(`\ufeff${before}`, path, value)).toBe(`\ufeff${after}`);
}

describe("a value that is replaced", () => {
  test.each<Row>([
    ["a number", "# top\na: 1\nb: 2\n", "a", 3, "# top\na: 3\nb: 2\n"],
    ["with a comment beside it", "a: 1   # one\nb: 2\n", "a", 30, "a: 30   # one\nb: 2\n"],
    ["with a comment after a tab", "a: 1\t# one\n", "a", 2, "a: 2\t# one\n"],
    ["after a tab", "a:\t1\nb:\t2\n", "b", 3, "a:\t1\nb:\t3\n"],
    ["in the last line, which has no end", "a: 1\nb: 2", "b", 3, "a: 1\nb: 3"],
    ["in a section", "s:\n    a: 1\n    # c\n    b: 2\n", "s.b", 3, "s:\n    a: 1\n    # c\n    b: 3\n"],
    ["in braces", "s: { a: 1, b: 2 } # c\n", "s.a", 3, "s: { a: 3, b: 2 } # c\n"],
    ["in tight braces", "s: {a: 1,b: 2}\n", "s.b", "x", "s: {a: 1,b: x}\n"],
    [
      "in braces over lines",
      "s: {\n  a: 1, # one\n  b: 2 # two\n}\n",
      "s.b",
      3,
      "s: {\n  a: 1, # one\n  b: 3 # two\n}\n",
    ],
    ["empty in braces", "s: { a: , b: 2 }\n", "s.a", 1, "s: { a: 1 , b: 2 }\n"],
    ["without colon in braces", "s: { a, b: 2 }\n", "s.a", 1, "s: { a: 1, b: 2 }\n"],
    ["in single quotes by text", "a: 'x' # c\n", "a", "it's", "a: 'it''s' # c\n"],
    ["in double quotes by text", 'a: "x" # c\n', "a", "y", 'a: "y" # c\n'],
    ["in quotes by a number", "a: 'x'\n", "a", 1, "a: 1\n"],
    ["in single quotes by lines", "a: 'x'\n", "a", "1\n2", 'a: "1\\n2"\n'],
    ["in quotes over lines", "a: 'x\n  y' # c\nb: 1\n", "a", "z", "a: 'z' # c\nb: 1\n"],
    ["plain over lines", "a: x\n  y # c\nb: 1\n", "a", "z", "a: z # c\nb: 1\n"],
    ["a literal block", "a: | # c\n  x\n  y\n\nb: 1\n", "a", "z", "a: z # c\n\nb: 1\n"],
    ["a folded block", "a: >-\n  x\n\n  y\n# c\nb: 1\n", "a", 1, "a: 1\n# c\nb: 1\n"],
    ["a block that keeps its blank lines", "a: |+\n  x\n\n\nb: 1\n", "a", "z", "a: z\nb: 1\n"],
    ["a block at the end", "b: 1\na: |2-\n   x", "a", "z", "b: 1\na: z"],
    ["empty", "a:\nb: 1\n", "a", 1, "a: 1\nb: 1\n"],
    ["empty with a comment", "a:  # c\nb: 1\n", "a", 1, "a: 1  # c\nb: 1\n"],
    ["empty at the end", "a:", "a", 1, "a: 1"],
    ["null", "a: null # c\n", "a", 1, "a: 1 # c\n"],
    ["~", "a: ~\n", "a", "x", "a: x\n"],
    ["by null", "a: 1\n", "a", null, "a: null\n"],
    ["by true", "a: no\n", "a", true, "a: true\n"],
    ["a block list", "a: # c\n  - 1 # one\n  - 2 # two\nb: 1\n", "a", "x", "a: x # c\nb: 1\n"],
    ["a block list that is not indented", "a:\n- 1\n- 2\n# b\nb: 1\n", "a", [3], "a: [3]\n# b\nb: 1\n"],
    ["a section", "a:\n  # in\n  b: 1\n  # in too\n\n# c\nc: 1\n", "a", 1, "a: 1\n\n# c\nc: 1\n"],
    ["a section by a map", "a:\n  b: 1\nc: 1\n", "a", { d: [1, "x"], e: {} }, "a: { d: [1, x], e: {} }\nc: 1\n"],
    ["a number by a list", "a: 1 # c\n", "a", [1, "yes", null], 'a: [1, "yes", null] # c\n'],
    ["a list in brackets", "a: [1,\n  2] # c\nb: 1\n", "a", "x", "a: x # c\nb: 1\n"],
    ["braces", "a: { b: 1 }\n", "a", 5, "a: 5\n"],
    ["a section that ends in a block", "a:\n  b: |\n    x\n\nc: 1\n", "a", 5, "a: 5\n\nc: 1\n"],
    ["with a tag that goes on", "a: !!int 1\n", "a", 2, "a: !!int 2\n"],
    ["with a tag of another type", "a: !!str 1 # c\n", "a", 2, "a: 2 # c\n"],
    ["with an anchor", "a: &x 1\nb: 2\n", "a", 3, "a: &x 3\nb: 2\n"],
    ["an alias", "a: &x 1\nb: *x # c\n", "b", 3, "a: &x 1\nb: 3 # c\n"],
    ["with a key in quotes", "\"a\": 1\n'b' : 2\n", "b", 3, "\"a\": 1\n'b' : 3\n"],
    ["with a number as its key", "123: 1\n4: 2\n", "123", 3, "123: 3\n4: 2\n"],
    ["below a question mark", "? a\n: 1 # c\nb: 2\n", "a", 3, "? a\n: 3 # c\nb: 2\n"],
    ["after a question mark alone", "? a\nb: 2\n", "a", 3, "a: 3\nb: 2\n"],
    ["between marks", "%YAML 1.2\n---\na: 1\n...\n# end\n", "a", 2, "%YAML 1.2\n---\na: 2\n...\n# end\n"],
  ])("%s", check);
});

describe("a new key", () => {
  test.each<Row>([
    [
      "at the end of its section",
      "s:\n   a: 1 # c\n\n# t\nt:\n  b: 1\n",
      "s.c",
      2,
      "s:\n   a: 1 # c\n   c: 2\n\n# t\nt:\n  b: 1\n",
    ],
    [
      "below what is in comments",
      "s:\n  a: 1\n\n    # deeper\n  # more\nt: 1\n",
      "s.c",
      2,
      "s:\n  a: 1\n\n    # deeper\n  c: 2\n  # more\nt: 1\n",
    ],
    ["in a section at the end, without line end", "s:\n  a: 1", "s.c", 2, "s:\n  a: 1\n  c: 2"],
    ["after a section within", "s:\n  a:\n    x: 1\nt: 1\n", "s.c", 2, "s:\n  a:\n    x: 1\n  c: 2\nt: 1\n"],
    ["after a block", "s:\n  a: |\n    x\n\nt: 1\n", "s.c", 2, "s:\n  a: |\n    x\n  c: 2\n\nt: 1\n"],
    [
      "after a block that keeps blank lines",
      "s:\n  a: |+\n    x\n\nt: 1\n",
      "s.c",
      2,
      "s:\n  a: |+\n    x\n\n  c: 2\nt: 1\n",
    ],
    ["after a list", "s:\n  a:\n  - 1\n  -\nt: 1\n", "s.c", 2, "s:\n  a:\n  - 1\n  -\n  c: 2\nt: 1\n"],
    ["after an empty one", "s:\n  a: # c\nt: 1\n", "s.c", 2, "s:\n  a: # c\n  c: 2\nt: 1\n"],
    ["in braces", "s: { a: 1 } # c\n", "s.b", 2, "s: { a: 1, b: 2 } # c\n"],
    ["in braces that end in a comma", "s: { a: 1, }\n", "s.b", 2, "s: { a: 1, b: 2, }\n"],
    ["in braces after an empty one", "s: { a: }\n", "s.b", 2, "s: { a:, b: 2 }\n"],
    ["in empty braces", "s: {} # c\nt: 1\n", "s.b", 2, "s: { b: 2 } # c\nt: 1\n"],
    ["in braces with a comment only", "s: { # c\n  }\n", "s.b", 2, "s: { # c\n    b: 2\n  }\n"],
    [
      "in braces over lines",
      "s: {\n  a: 1, # one\n  b: 2 # two\n}\n",
      "s.c",
      3,
      "s: {\n  a: 1, # one\n  b: 2, # two\n  c: 3\n}\n",
    ],
    ["in braces over lines without a comment", "s: {\n  a: 1\n}\n", "s.c", 3, "s: {\n  a: 1,\n  c: 3\n}\n"],
    [
      "in braces over lines with a last comma",
      "s: {\n  a: 1, # one\n}\n",
      "s.c",
      3,
      "s: {\n  a: 1, # one\n  c: 3,\n}\n",
    ],
    [
      "in braces that end beside the last one",
      "s: { a: 1,\n     b: 2 }\n",
      "s.c",
      3,
      "s: { a: 1,\n     b: 2,\n     c: 3 }\n",
    ],
    ["in a section that is empty", "s: # c\nt: 1\n", "s.a", 1, "s: # c\n  a: 1\nt: 1\n"],
    ["in an empty section with comments", "s:\n  # a: 0\nt:\n", "s.a", 1, "s:\n  a: 1\n  # a: 0\nt:\n"],
    ["in an empty section at the end", "s:", "s.a", 1, "s:\n  a: 1"],
    ["in a section that is null", "s: null  # c\nt: 1\n", "s.a", 1, "s:  # c\n  a: 1\nt: 1\n"],
    ["in a section that is ~", "s: ~\nt:\n    a: 1\n", "s.a", 1, "s:\n    a: 1\nt:\n    a: 1\n"],
    ["in an empty section in braces", "s: { t: , u: 1 }\n", "s.t.a", 1, "s: { t: { a: 1 } , u: 1 }\n"],
    ["in a section with an anchor", "s: &x # c\n  a: 1\n", "s.b", 2, "s: &x # c\n  a: 1\n  b: 2\n"],
    ["in a section with a merge", "b: &b { a: 1 }\ns:\n  <<: *b\n", "s.a", 2, "b: &b { a: 1 }\ns:\n  <<: *b\n  a: 2\n"],
    [
      "deep below what is there",
      "server:\n  port: 1\n",
      "server.limits.per_token.ci-bot.max",
      5,
      "server:\n  port: 1\n  limits:\n    per_token:\n      ci-bot:\n        max: 5\n",
    ],
    ["deep with the file's indentation", "a:\n    b: 1\n", "c.d.e", 1, "a:\n    b: 1\nc:\n    d:\n        e: 1\n"],
    ["deep in braces", "s: { a: 1 }\n", "s.b.c", 2, "s: { a: 1, b: { c: 2 } }\n"],
    ["a section at the end", "a: 1\n\n\n", "s.b", 2, "a: 1\ns:\n  b: 2\n\n\n"],
    [
      "a section below the last comment",
      "a:\n  b: 1\n  # c: 1\n\n# s:\n#   b: 1\n",
      "s.b",
      2,
      "a:\n  b: 1\n  # c: 1\n\n# s:\n#   b: 1\ns:\n  b: 2\n",
    ],
    ["a section without line end", "a: 1", "s.b", 2, "a: 1\ns:\n  b: 2"],
    ["a section below a comment without line end", "a: 1\n# c", "b", 2, "a: 1\n# c\nb: 2"],
    ["a section before the end mark", "---\na: 1\n# c\n...\n# end\n", "b", 2, "---\na: 1\n# c\nb: 2\n...\n# end\n"],
    ["a section after a block that keeps blank lines", "a: |+\n  x\n\n", "b", 2, "a: |+\n  x\n\nb: 2\n"],
    ["in an empty file", "", "s.a", 1, "s:\n  a: 1\n"],
    ["in a file of blank lines", "\n\n", "a", 1, "a: 1\n\n\n"],
    ["in a file of comments", "# one\n\n# two\n\n", "a", 1, "# one\n\n# two\na: 1\n\n"],
    ["in a file of a comment without line end", "# one", "a", 1, "# one\na: 1"],
    ["in a file of a mark", "---\n", "a", 1, "---\na: 1\n"],
    ["in a file of marks", "# c\n---\n# d\n...\n", "a", 1, "# c\n---\n# d\na: 1\n...\n"],
    ["in a file that says null", "null # c\n", "s.a", 1, "{ s: { a: 1 } } # c\n"],
    ["in a file that says {}", "{} # c\n", "s.a", 1, "{ s: { a: 1 } } # c\n"],
    [
      "in JSON on one line",
      '{ "server": { "port": 1 } }\n',
      "server.host",
      "::",
      '{ "server": { "port": 1, "host": "::" } }\n',
    ],
    ["in tight JSON", '{"a":{"b":1}}', "a.b", "x", '{"a":{"b":"x"}}'],
    [
      "in JSON over lines",
      '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
      "a.c.d",
      [true, "x"],
      '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": { "d": [true, "x"] }\n\t}\n}\n',
    ],
    ["in JSON at the top", '{\n  "a": 1\n}\n', "b", { c: null }, '{\n  "a": 1,\n  "b": { "c": null }\n}\n'],
  ])("%s", check);

  test.each([
    ["plain", "plain:"],
    ["with-dash_1", "with-dash_1:"],
    ["my key", "my key:"],
    ["a.b", "a.b:"],
    ["yes", '"yes":'],
    ["Null", '"Null":'],
    ["123", '"123":'],
    ["", '"":'],
    ["a: b", '"a: b":'],
    ["# x", '"# x":'],
    ["<<", '"<<":'],
    ["-", '"-":'],
    ["ollama:llama3", '"ollama:llama3":'],
    ["__proto__", "__proto__:"],
    ["constructor", "constructor:"],
  ])("named %p has quotes where it needs some", (key, written) => {
    expect(set("s:\n  z: 1\n", ["s", key], 1)).toBe(`s:\n  z: 1\n  ${written} 1\n`);
    expect(set("s: { z: 1 }\n", ["s", key], 1)).toBe(`s: { z: 1, ${written} 1 }\n`);
    const below = set("", [key, key], 1);
    expect(below).toBe(`${written}\n  ${written} 1\n`);
    expect(setInText(below, [key, key], 2)).toBe(`${written}\n  ${written} 2\n`);
  });
});

test("a value that the key holds already changes nothing", () => {
  const text = "a:   0x10\nb: { c:   [1,2] }\n";
  expect(setInText(text, ["a"], 16)).toBe(text);
  expect(setInText(text, ["b", "c"], [1, 2])).toBe(text);
  expect(setInText(text, ["b"], { c: [1, 2] })).toBe(text);
});

test("what splicing can't change is laid out anew, with its comments", () => {
  const text = '# top\n? "a"\n: ? b # key\n  : 1 # one\n# end\n';
  const after = set(text, "a.c", 2);
  for (const comment of ["# top", "# key", "# one", "# end"]) expect(after).toContain(comment);
});
