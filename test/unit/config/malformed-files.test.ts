import { describe, expect, test } from "bun:test";
import { loadConfiguration } from "../../../src/config/load.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { configurationFiles } from "./configuration-files.ts";
import { aliasesAndTags } from "./malformed/aliases-and-tags.ts";
import { contradictions } from "./malformed/contradictions.ts";
import { contradictionsOfModels } from "./malformed/contradictions-of-models.ts";
import { duplicatesAndNumbers } from "./malformed/duplicates-and-numbers.ts";
import type { MalformedFile } from "./malformed/malformed-file.ts";
import { otherValues } from "./malformed/other-values.ts";
import { providerAccess } from "./malformed/provider-access.ts";
import { routes } from "./malformed/routes.ts";
import { serverValues } from "./malformed/server-values.ts";
import { wrongShapes } from "./malformed/shapes.ts";
import { strangeKeys } from "./malformed/strange-keys.ts";
import { slipsOfSyntax } from "./malformed/syntax.ts";
import { unknownKeys } from "./malformed/unknown-keys.ts";

const { examine, problemsOf, write } = configurationFiles();

const tables: Readonly<Record<string, readonly MalformedFile[]>> = {
  syntax: slipsOfSyntax,
  "keys twice, numbers and truths": duplicatesAndNumbers,
  "aliases and tags": aliasesAndTags,
  "strange keys": strangeKeys,
  shapes: wrongShapes,
  "values of the server": serverValues,
  "other values": otherValues,
  "unknown keys": unknownKeys,
  "the way to providers": providerAccess,
  "routes, retries and workers": routes,
  contradictions: contradictions,
  "contradictions of models": contradictionsOfModels,
};

/** Whether a problem is the one that was expected, where `…` stands for anything. */
function isLike(problem: string | undefined, expected: string): boolean {
  const pattern = expected.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return problem !== undefined && new RegExp(`^${pattern.join(".*")}$`, "s").test(problem);
}

for (const [kind, table] of Object.entries(tables)) {
  describe(`of malformed files (${kind}) one is refused, with all its problems and their places, that has`, () => {
    test.each(table)("$name", async ({ text, problems: expected }) => {
      const problems = await problemsOf({ text });
      expect(
        problems.map((problem, index) => (isLike(problem, expected[index] ?? "") ? expected[index] : problem)),
      ).toEqual([...expected]);
      expect(new Set(problems).size).toBe(problems.length);
    });
  });
}

test("every malformed file has a name of its own, and there are more than three hundred", () => {
  const names = Object.values(tables).flatMap((table) => table.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(300);
});

test("an error that is thrown names all problems, a line each, and what to do", async () => {
  const file = write("server: { port: abc, prot: 1 }");
  const loading = loadConfiguration({ environment: {}, paths: resolvePaths({ HOME: "/nowhere" }), file });
  const error: unknown = await loading.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  const { message, hint } = error as ConfigurationError;
  expect(message.split("\n")).toEqual([
    `${file}:1:11: server.port: expected a whole number from 0 to 65535, found "abc"`,
    `${file}:1:22: unknown key server.prot; did you mean port?`,
  ]);
  expect(hint).toContain("config schema");
});

describe("where unknown keys are let pass", () => {
  test("they are warned of, with place and nearest key, and the rest is in force", async () => {
    const text = "server: { port: 1, prot: 2 }\nsever: {}\njwt:\n  isuer: a\nproviders: { echo: { typ: a } }\n";
    const { loaded, warnings, file = "" } = await examine({ text, lenient: true });
    expect(loaded?.configuration.server.port).toBe(1);
    expect(Object.keys(loaded?.configuration.providers.echo ?? { wrong: true })).toEqual([]);
    expect(warnings.map((warning) => warning.replace(file, "FILE")).sort()).toEqual([
      "FILE:1:20: unknown key server.prot; did you mean port?",
      "FILE:2:1: unknown key sever; did you mean server?",
      "FILE:4:3: unknown key jwt.isuer; did you mean issuer?",
      "FILE:5:22: unknown key providers.echo.typ; did you mean type?",
    ]);
  });

  test("also in the items of a list, of which the rest is in force", async () => {
    const text = "model_routes: { a: [{ model: b, wieght: 2 }, { model: c, weight: 1, colour: d }] }";
    const { loaded, warnings } = await examine({ text, lenient: true });
    expect(loaded?.configuration.model_routes).toEqual({ a: [{ model: "b" }, { model: "c", weight: 1 }] });
    expect(warnings.map((warning) => warning.replace(/^.*yaml:/, ""))).toEqual([
      "1:33: unknown key model_routes.a.0.wieght; did you mean weight?",
      "1:69: unknown key model_routes.a.1.colour; known here: model, weight",
    ]);
  });

  test("what is wrong beside them is refused still", async () => {
    expect(await problemsOf({ text: "server: { prot: 1, port: abc }", lenient: true })).toHaveLength(1);
    expect(await problemsOf({ text: "server: { prot: 1, cert_file: a }", lenient: true })).toHaveLength(1);
    expect(await problemsOf({ text: "jwt: { colour: 1, algorithm: RS256 }", lenient: true })).toHaveLength(1);
    expect(await problemsOf({ text: "server: { __proto__: { port: 1 } }", lenient: true })).toHaveLength(1);
  });

  test.each(unknownKeys.filter(({ problems }) => problems.every((each) => each.includes("unknown key"))))(
    "a file is taken that has $name",
    async ({ text, problems }) => {
      const { loaded, warnings } = await examine({ text, lenient: true });
      expect(loaded).toBeDefined();
      expect(warnings).toHaveLength(problems.length);
    },
  );
});
