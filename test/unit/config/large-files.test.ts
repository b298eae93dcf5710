import { describe, expect, test } from "bun:test";
import { formatProblem } from "../../../src/config/problems.ts";
import { configurationFiles, type Given } from "./configuration-files.ts";

const { examine } = configurationFiles();

/** The time that a file of 1 MiB may take, in ms, on a machine that has much else to do. */
const patience = 10_000;

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

async function timed(given: Given) {
  const start = performance.now();
  const examined = await examine(given);
  return { ...examined, elapsed: performance.now() - start };
}

describe("very many problems are counted after the first hundred:", () => {
  test.each<[name: string, text: string, count: number]>([
    ["unknown keys at the top", lines(10_000, (index) => `k${index}: 1`), 10_000],
    ["a map of 100,000 unknown keys", lines(100_000, (index) => `k${index}: 1`), 100_000],
    ["unknown keys without values", lines(20_000, (index) => `k${index}:`), 20_000],
    ["a key 20,000 times", lines(20_000, () => "server: 1"), 19_999],
    ["providers that are numbers", `providers:\n${lines(15_000, (index) => ` k${index}: 1`)}`, 15_000],
    ["providers with wrong names", `providers:\n${lines(15_000, (index) => ` K${index}: {}`)}`, 15_000],
    ["providers without a type", `providers:\n${lines(15_000, (index) => ` k${index}: {}`)}`, 15_000],
    ["aliases that are numbers", `model_aliases:\n${lines(15_000, (index) => ` k${index}: 1`)}`, 15_000],
    [
      "a circle of aliases",
      `model_aliases:\n${lines(20_000, (index) => ` k${index}: k${(index + 1) % 20_000}`)}`,
      20_000,
    ],
    ["a list of strange numbers", `tls:\n  hosts:\n${lines(15_000, () => "  - 0x1")}`, 15_000],
    ["a list of numbers", `tls:\n  hosts:\n${lines(15_000, () => "  - 1")}`, 15_000],
  ])("%s", async (_name, text, count) => {
    const { problems, file, elapsed } = await timed({ text });
    expect(problems).toHaveLength(101);
    expect(formatProblem(problems[100] ?? { place: "", text: "" })).toBe(`${file}: there are ${count - 100} more`);
    expect(problems.map(formatProblem).join("\n").length).toBeLessThan(100_000);
    expect(elapsed).toBeLessThan(patience);
  });

  test("and so are warnings", async () => {
    const { warnings, loaded } = await examine({ text: lines(10_000, (index) => `k${index}: 1`), lenient: true });
    expect(loaded).toBeDefined();
    expect(warnings).toHaveLength(101);
    expect(warnings[100]).toEndWith(": there are 9900 more");
  });

  test("but a hundred are all told", async () => {
    expect((await examine({ text: lines(100, (index) => `k${index}: 1`) })).problems).toHaveLength(100);
  });
});

describe("a large file takes no more than its time:", () => {
  test.each<[name: string, text: string]>([
    ["20,000 aliases, each of the next", `model_aliases:\n${lines(20_000, (index) => ` k${index}: k${index + 1}`)}`],
    ["20,000 providers", `providers:\n${lines(20_000, (index) => ` k${index}: { type: openai }`)}`],
    [
      "15,000 subjects with numbers in quotes",
      `server:\n limits:\n  per_token:\n${lines(15_000, (index) => `   k${index}: { max_input_length: '5' }`)}`,
    ],
    ["a text of 500 kB", `jwt: { issuer: ${"x".repeat(500_000)} }`],
    ["half a million comments", "#\n".repeat(500_000)],
    ["a million empty lines", "\n".repeat(1_000_000)],
  ])("%s", async (_name, text) => {
    const { loaded, elapsed } = await timed({ text, environment: { OPENAI_API_KEY: "k" } });
    expect(loaded).toBeDefined();
    expect(elapsed).toBeLessThan(patience);
  });
});

describe("what is nested without end is refused:", () => {
  const deep = 100_000;
  test.each<[name: string, text: string]>([
    ["brackets", `tls: { hosts: ${"[".repeat(deep)}`],
    ["brackets that are closed", `tls: { hosts: ${"[".repeat(deep)}${"]".repeat(deep)} }`],
    ["braces", "{ a: ".repeat(deep)],
    ["dashes", "- ".repeat(deep)],
    ["question marks", "? ".repeat(deep)],
    ["sections", lines(700, (index) => `${" ".repeat(index)}a:`)],
    ["tags", `server: ${"!a ".repeat(deep)}{}`],
    ["anchors", `server: ${"&a ".repeat(deep)}{}`],
  ])("%s", async (_name, text) => {
    const { problems, elapsed } = await timed({ text });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThan(102);
    expect(elapsed).toBeLessThan(patience);
  });
});

test("a text of 500 kB in a wrong place is not repeated", async () => {
  const { problems } = await examine({ text: `server: { port: ${"x y ".repeat(125_000)} }` });
  expect(problems.map(formatProblem).join("\n").length).toBeLessThan(300);
});
