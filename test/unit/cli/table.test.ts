import { expect, test } from "bun:test";
import { formatTable } from "../../../src/cli/table.ts";

test("columns are as wide as their widest cell, and no line ends in blanks", () => {
  const text = formatTable(["NAME", "STATE", ""], [["a", "valid", "x"], ["longer", "", ""], ["b"]], { colour: false });
  expect(text).toBe("NAME    STATE\na       valid  x\nlonger\nb");
});

test("a head can be left out, and a table can be empty", () => {
  expect(formatTable(undefined, [["a", "b"]], { colour: false })).toBe("a  b");
  expect(formatTable(["NAME"], [], { colour: false })).toBe("NAME");
  expect(formatTable(undefined, [], { colour: false })).toBe("");
});

test("wide characters count as two", () => {
  expect(
    formatTable(
      undefined,
      [
        ["日本", "x"],
        ["abcd", "y"],
      ],
      { colour: false },
    ),
  ).toBe("日本  x\nabcd  y");
});

test("colours change no column's width, and are left out where they are not wanted", () => {
  const rows = [
    [{ text: "ok", tint: "green" } as const, "x"],
    ["longer", "y"],
  ];
  expect(formatTable(undefined, rows, { colour: true })).toBe("\u001b[32mok\u001b[39m      x\nlonger  y");
  expect(formatTable(undefined, rows, { colour: false })).toBe("ok      x\nlonger  y");
});

test("what would move a terminal's cursor is shown instead, and nothing is cut", () => {
  const long = "x".repeat(5000);
  const text = formatTable(["NAME", "VALUE"], [["a\u001b[2J\n", long]], { colour: true });
  expect(text).toBe(`NAME              VALUE\na\\u001b[2J\\u000a  ${long}`);
});
