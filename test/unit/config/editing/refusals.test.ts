import { describe, expect, test } from "bun:test";
import { removeFromText, setInText } from "../../../../src/config/editing/edit-text.ts";
import { ConfigurationError } from "../../../../src/errors.ts";

function refusalOf(action: () => unknown): ConfigurationError {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.hint).toBeString();
    return error;
  }
  throw new Error("nothing was refused");
}

describe("a text is refused", () => {
  test.each([
    ["with a key that stands twice", "a: 1\nb: 2\na: 3\n", "line 3, column 1: the key stands there a second time"],
    ["with a key that stands twice, as number and text", 'a: { 1: x, "1": y }', "the key stands there a second time"],
    ["with two documents", "a: 1\n---\nb: 1\n", "line 2, column 1: a second document begins there"],
    ["with a tab as indentation", "a:\n\tb: 1\n", "a tab can't indent"],
    ["with an open bracket", "a: [1\n", "line "],
    ["with an open quote", 'a: "x\n', "line "],
    ["with an alias of nothing", "a: *x\n", "anchors and aliases"],
    ["that is a list", "- a\n", "holds a list, not a map"],
    ["that is text", "hello\n", "holds a single value, not a map"],
  ])("%s, to set and to remove", (_, text, found) => {
    expect(refusalOf(() => setInText(text, ["z"], 1)).message).toContain(found);
    expect(refusalOf(() => removeFromText(text, ["z"])).message).toContain(found);
  });

  test("with aliases that would grow without end", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      const alias = `*a${level - 1}`;
      lines.push(`a${level}: &a${level} [${Array(10).fill(alias).join(", ")}]`);
    }
    expect(refusalOf(() => setInText(lines.join("\n"), ["z"], 1)).message).toContain("anchors and aliases");
  });

  test("and nothing of it is repeated, for it may be a secret", () => {
    for (const text of ['a: "s3cret" s3cret\n', "a: [s3cret\n", "a: 1\n s3cret: 1\n", "a: *s3cret\n", "a: b: s3cret"]) {
      expect(refusalOf(() => setInText(text, ["z"], 1)).message).not.toContain("s3cret");
    }
  });
});

describe("a change is refused", () => {
  const byHand = "Edit the file by hand: vibectl-server config edit";

  test.each([
    ["of a value that an alias repeats", "a: &x 1\nb: *x\n", ["a"]],
    ["below an alias", "a: &x { p: 1 }\nb: *x\n", ["b", "p"]],
    ["of a map that an alias repeats", "a: &x\n  p: 1\nb: *x\n", ["a", "p"]],
    ["of a new key there", "a: &x\n  p: 1\nb: *x\n", ["a", "q"]],
    ["of a value that a merge repeats", "a: &x { p: 1 }\nb: { <<: *x, q: 1 }\n", ["a", "p"]],
    ["of a map within one that is merged", "a: &x { p: { r: 1, s: 2 } }\nb:\n  <<: *x\n", ["b", "p", "r"]],
    ["within a map that holds itself", "a: &x\n  b: *x\n", ["a", "b", "c"]],
  ])("%s", (_, text, path) => {
    const { message, hint } = refusalOf(() => setInText(text, path, 2));
    expect(message).toBe(`${path.join(".")} can't be changed on its own: it is shared by an anchor or alias`);
    expect(hint).toBe(byHand);
  });

  test.each([
    ["that an alias repeats", "a: &x 1\nb: *x\n", ["a"]],
    ["below an alias", "a: &x { p: 1 }\nb: *x\n", ["b", "p"]],
    ["that comes from a merge", "a: &x { p: 1 }\nb:\n  <<: *x\n", ["b", "p"]],
    ["that would then come from a merge", "a: &x { p: 1 }\nb:\n  <<: *x\n  p: 2\n", ["b", "p"]],
    ["of a section whose anchor is used", "a: &x { p: 1 }\nb:\n  <<: *x\n", ["a"]],
  ])("that removes a key %s", (_, text, path) => {
    const { message, hint } = refusalOf(() => removeFromText(text, path));
    expect(message).toContain("is shared by an anchor or alias");
    expect(hint).toBe(byHand);
  });

  test.each([
    ["a: 1\n", ["a", "b"], "a is a single value, so there can be no a.b"],
    ["a: { b: [1] }\n", ["a", "b", "0"], "a.b is a list, so there can be no a.b.0"],
  ])("where %p holds no section", (text, path, message) => {
    expect(refusalOf(() => setInText(text, path, 1)).message).toBe(message);
    expect(removeFromText(text, path)).toBeUndefined();
  });

  test("without a key, with a NUL, and to what is no number", () => {
    expect(refusalOf(() => setInText("", [], 1)).message).toBe("No key was named");
    expect(refusalOf(() => removeFromText("", [])).message).toBe("No key was named");
    for (const act of [() => setInText("", ["a"], "s3cret\0"), () => setInText("", ["a\0"], 1)]) {
      const { message } = refusalOf(act);
      expect(message).toContain("NUL");
      expect(message).not.toContain("s3cret");
    }
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refusalOf(() => setInText("", ["a"], [number])).message).toContain(`${number} is no number`);
    }
  });
});
