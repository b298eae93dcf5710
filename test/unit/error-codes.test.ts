import { expect, test } from "bun:test";
import { join } from "node:path";
import { modelErrorCodes } from "../../src/errors.ts";
import { remedies } from "../../src/proxy/routing/retry-policy.ts";

const text = await Bun.file(join(import.meta.dir, "..", "..", "docs", "errors.md")).text();

/** The rows of the table below a heading, each as its cells. */
function rowsBelow(heading: string): string[][] {
  const [, section = ""] = text.split(`## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  const rows = own.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("docs/errors.md lists every code that an answer can have, in order, and no other", () => {
  expect(rowsBelow("Errors in the answer").map(([code]) => code ?? "")).toEqual([...modelErrorCodes]);
});

test("docs/errors.md says what is done about each code, as it is done", () => {
  const told = rowsBelow("What is tried before an error is told").flatMap(([codes = "", again, next, illness]) =>
    codes.split(", ").map((code) => [code, { again, next, illness }] as const),
  );
  expect(told.map(([code]) => code).toSorted()).toEqual([...modelErrorCodes].toSorted());
  for (const [code, { again, next, illness }] of told) {
    const known = modelErrorCodes.find((each) => each === code);
    const remedy = remedies[known ?? "EXECUTION_FAILED"];
    expect({ code, next }).toEqual({
      code,
      next: { always: "yes", larger: "one with a larger context", never: "no" }[remedy.fallback],
    });
    expect({ code, illness: illness === "yes" }).toEqual({ code, illness: remedy.illness });
    if (remedy.retry) expect({ code, again }).not.toEqual({ code, again: "no" });
  }
});
