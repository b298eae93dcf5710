import { describe, expect, test } from "bun:test";
import { parseDocument } from "yaml";
import { removeFromText } from "../../../../src/config/editing/edit-text.ts";

type Row = readonly [what: string, before: string, path: string, after: string];

function check(_: string, before: string, path: string, after: string): void {
  const keys = path.split(".");
  expect(removeFromText(before, keys)).toBe(after);
  expect(removeFromText(after, keys)).toBeUndefined();
  expect(removeFromText(before.replaceAll("\n", "\r\n"), keys)).toBe(after.replaceAll("\n", "\r\n"));
  expect(removeFromText(`\ufeff${before}`, keys)).toBe(`\ufeff${after}`);
}

describe("a key that is removed", () => {
  test.each<Row>([
    ["from the beginning", "# top\na: 1 # one\nb: 2\n", "a", "# top\nb: 2\n"],
    ["from the middle", "a: 1\n# two\nb: 2 # two\n\nc: 3\n", "b", "a: 1\n# two\n\nc: 3\n"],
    ["from the end", "a: 1\nb: 2\n# end\n", "b", "a: 1\n# end\n"],
    ["from the last line, which has no end", "a: 1\nb: 2", "b", "a: 1"],
    ["with all else", "a: 1\n", "a", ""],
    ["with all but comments", "# top\na: 1\n# end\n", "a", "# top\n# end\n"],
    ["between marks", "---\na: 1\n...\n", "a", "---\n...\n"],
    ["from a section", "s:\n  a: 1\n  b: 2\nt: 1\n", "s.a", "s:\n  b: 2\nt: 1\n"],
    ["with its section", "r: 1\ns: # s\n  a: 1\n\n# t\nt: 1\n", "s.a", "r: 1\n\n# t\nt: 1\n"],
    ["with all sections above it", "r: 1\ns:\n  t:\n    u:\n      a: 1\nv: 1\n", "s.t.u.a", "r: 1\nv: 1\n"],
    ["from a section that holds a comment above", "s:\n  # about a\n  a: 1\nt: 1\n", "s.a", "s:\n  # about a\nt: 1\n"],
    ["from a section that holds a comment below", "s:\n  a: 1\n\n  # b: 2\nt: 1\n", "s.a", "s:\n\n  # b: 2\nt: 1\n"],
    ["from a section within one", "s:\n  t:\n    a: 1\n  # b: 2\nu: 1\n", "s.t.a", "s:\n  # b: 2\nu: 1\n"],
    ["that is a section", "s:\n  # in\n  a: 1\n  # in\n\n  # in\n# t\nt: 1\n", "s", "# t\nt: 1\n"],
    ["that is a section of comments", "s:\n  # a: 1\nt: 1\n", "s", "t: 1\n"],
    ["that is a list", "a:\n- 1\n- 2\nb: 1\n", "a", "b: 1\n"],
    ["that is a block", "a: |\n  x\n\nb: 1\n", "a", "\nb: 1\n"],
    ["that is a block with blank lines", "a: |+\n  x\n\nb: 1\n", "a", "b: 1\n"],
    ["that is text over lines", "a: x\n  y # c\nb: 1\n", "a", "b: 1\n"],
    ["that is null", "a:\nb: ~\n", "b", "a:\n"],
    ["that is braces over lines", "a: {\n  x: 1\n} # c\nb: 1\n", "a", "b: 1\n"],
    ["from the beginning of braces", "s: { a: 1, b: 2, c: 3 } # c\n", "s.a", "s: { b: 2, c: 3 } # c\n"],
    ["from the middle of braces", "s: { a: 1, b: 2, c: 3 }\n", "s.b", "s: { a: 1, c: 3 }\n"],
    ["from the end of braces", "s: {a: 1,b: 2}\n", "s.b", "s: {a: 1}\n"],
    ["from braces that end in a comma", "s: { a: 1, b: 2, }\n", "s.b", "s: { a: 1, }\n"],
    ["alone in braces", "r: 1\ns: { a: 1 } # c\nt: 1\n", "s.a", "r: 1\nt: 1\n"],
    ["alone in braces within braces", "s: { t: { a: 1 }, b: 2 }\n", "s.t.a", "s: { b: 2 }\n"],
    ["alone in all braces", "{ s: { t: { a: 1 } } } # c\n", "s.t.a", "{} # c\n"],
    ["alone in braces with a comment", "s: {\n  # in\n  a: 1, # a\n}\n", "s.a", "s: {\n  # in\n}\n"],
    [
      "from the beginning of braces over lines",
      "s: {\n  a: 1, # one\n  # two\n  b: 2\n}\n",
      "s.a",
      "s: {\n  # two\n  b: 2\n}\n",
    ],
    ["from the end of braces over lines", "s: {\n  a: 1, # one\n  b: 2 # two\n}\n", "s.b", "s: {\n  a: 1 # one\n}\n"],
    ["from the end of braces over lines with a comma", "s: {\n  a: 1,\n  b: 2,\n}\n", "s.b", "s: {\n  a: 1,\n}\n"],
    ["from braces that begin in the line", "s: { a: 1,\n     b: 2 }\n", "s.a", "s: { b: 2 }\n"],
    ["from braces that end in the line", "s: { a: 1,\n     b: 2 }\n", "s.b", "s: { a: 1 }\n"],
    [
      "below a comment, from braces that end in the line",
      "s: { a: 1, # one\n     b: 2 }\n",
      "s.b",
      "s: { a: 1 # one\n      }\n",
    ],
    ["from braces, with a map in braces", "s: { a: { x: 1, y: [1, 2] }, b: 2 }\n", "s.a", "s: { b: 2 }\n"],
    ["from JSON", '{ "a": 1, "b": { "c": 1 } }\n', "b", '{ "a": 1 }\n'],
    ["from JSON over lines", '{\n  "a": 1,\n  "b": 2\n}\n', "b", '{\n  "a": 1\n}\n'],
    ["with all else from JSON over lines", '{\n  "a": {\n    "b": 1\n  }\n}\n', "a.b", "{}\n"],
    ["with an anchor and a tag", "&k a: &v !!str 1\nb: 1\n", "a", "b: 1\n"],
    ["with a number as its key", "123: 1\nb: 1\n", "123", "b: 1\n"],
    ["below a question mark", "? a # c\n: 1 # c\nb: 2\n", "a", "b: 2\n"],
  ])("%s", check);

  test("is not there in a map that lacks it, a list, a value, or an empty file", () => {
    const text = "a: 1\nb: [x]\nc: { d: }\n";
    for (const path of ["x", "a.x", "b.0", "b.length", "c.x", "c.d.x", "toString", "__proto__"]) {
      expect(removeFromText(text, path.split("."))).toBeUndefined();
    }
    expect(removeFromText("", ["a"])).toBeUndefined();
    expect(removeFromText("# a: 1\n", ["a"])).toBeUndefined();
  });

  test("may be an alias, or an override of what is not merged", () => {
    expect(removeFromText("a: &x 1\nb: *x\n", ["b"])).toBe("a: &x 1\n");
    const text = "a: &x { p: 1 }\nb:\n  <<: *x\n  q: 2\n";
    const after = removeFromText(text, ["b", "q"]);
    expect(after).toBe("a: &x { p: 1 }\nb:\n  <<: *x\n");
    expect(parseDocument(after ?? "", { merge: true }).toJS()).toEqual({ a: { p: 1 }, b: { p: 1 } });
  });
});
