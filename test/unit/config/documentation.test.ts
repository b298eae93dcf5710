import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { defaultFileText } from "../../../src/config/default-file.ts";
import { configurationFiles } from "./configuration-files.ts";

const { examine } = configurationFiles();
const guide = await Bun.file(join(import.meta.dir, "..", "..", "..", "docs", "configuration.md")).text();
const examples = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);

describe("an example of the guide is a good file:", () => {
  test.each(examples)("%s", async (text) => {
    const { problems, warnings, loaded } = await examine({ text });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(loaded).toBeDefined();
  });

  test("one of several", () => {
    expect(examples.length).toBeGreaterThan(3);
  });
});

test("sections that the guide has examples of are in the file for a new server too", () => {
  for (const section of ["providers", "model_aliases", "model_routes", "model_fallbacks", "retries", "breaker"]) {
    expect(guide).toContain(section);
    expect(defaultFileText()).toMatch(new RegExp(`^${section}:`, "m"));
  }
});
