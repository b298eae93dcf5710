import { expect, test } from "bun:test";
import { textsOf, withoutEchoes } from "../../../src/providers/echoed-text.ts";

const prompt = "Please tell me who earns what on the payroll of Example Ltd.";

test("what a message quotes of a prompt is taken out, and its other words stay", () => {
  expect(withoutEchoes(`can't answer "${prompt}" here`, [prompt])).toBe('can\'t answer "[redacted]" here');
  expect(withoutEchoes("in: who earns what on the payroll; refused", [prompt])).toBe("in:[redacted]; refused");
  expect(withoutEchoes(`${prompt}${prompt}`, ["other", prompt])).toBe("[redacted][redacted]");
  expect(withoutEchoes(prompt, [prompt])).toBe("[redacted]");
});

test("words that both have by chance stay", () => {
  const message = "The model gpt-4o-mini is overloaded, please try again";
  expect(withoutEchoes(message, ["Is gpt-4o-mini good?", "please t"])).toBe(message);
  expect(withoutEchoes("short", ["short"])).toBe("short");
  expect(withoutEchoes("", [prompt])).toBe("");
  expect(withoutEchoes(message, [])).toBe(message);
});

test("the beginning and the end of a very long prompt are found, in a time that only its length decides", () => {
  const long = `${prompt}${"-".repeat(4 << 20)}the last of all words`;
  const began = performance.now();
  expect(withoutEchoes(`${"-".repeat(8000)}: the last of all words`, [long])).toBe("[redacted]: [redacted]");
  expect(withoutEchoes(`you said: ${prompt}`, [long])).toBe("you said: [redacted]");
  expect(performance.now() - began).toBeLessThan(2000);
});

test("all texts of a prompt count, and its schema", () => {
  const turns = [{ role: "user", text: "u" } as const];
  expect(textsOf({ system: "s", turns })).toEqual(["s", "u"]);
  expect(textsOf({ system: "s", turns, schema: { type: "object" } })).toEqual(["s", "u", '{"type":"object"}']);
});
