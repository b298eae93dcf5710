import { describe, expect, test } from "bun:test";
import { defaultFileText, schemaFileName } from "../../../src/config/default-file.ts";
import { anyName, configurationKeys } from "../../../src/config/keys.ts";
import { formatPath } from "../../../src/config/tree.ts";
import { differences, effectiveEntries } from "../../../src/config/view.ts";
import { configurationFiles } from "./configuration-files.ts";

const { examine } = configurationFiles();
const text = defaultFileText();

describe("the file for a new server", () => {
  test("names the schema in its first line, for editors", () => {
    expect(text.split("\n")[0]).toBe(`# yaml-language-server: $schema=./${schemaFileName}`);
    expect(text).toEndWith("\n");
  });

  test("is valid, without a warning, and differs from the defaults by being safe", async () => {
    const { loaded, problems, warnings } = await examine({ text });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    const found = loaded ? differences(effectiveEntries(loaded, { reveal: true })) : [];
    expect(found.map((entry) => [formatPath(entry.path), entry.value])).toEqual([
      ["server.require_auth", true],
      ["server.use_tls", true],
    ]);
  });

  test("has every key, or its example, with what it means", () => {
    const words = text.replace(/\n *# /g, " ");
    for (const { path, meta } of configurationKeys().filter(({ path }) => !path.includes(anyName))) {
      expect(text).toMatch(new RegExp(`^ *#? ?${path.at(-1)}:`, "m"));
      if (path.length > 1) expect(words).toContain(meta.description);
    }
  });

  test("is valid too where every comment that is an example is made true", async () => {
    const examples = text.replace(/^(providers|model_[a-z]+): \{\}$/gm, "$1:").replace(/^#( {2}[a-z"*]+: .*)$/gm, "$1");
    const { loaded, problems } = await examine({ text: examples });
    expect(problems).toEqual([]);
    expect(Object.keys(loaded?.configuration.providers ?? {})).toEqual(["anthropic", "local"]);
    expect(loaded?.configuration.model_aliases).toEqual({ small: "local/tiny" });
    expect(Object.keys(loaded?.configuration.model_routes ?? {})).toEqual(["fast", "mixed"]);
    expect(loaded?.configuration.model_fallbacks).toEqual({ "*": ["local/tiny"] });
    const nulls = text.replace(/^( *)# ([a-z_]+: null)$/gm, "$1$2");
    expect((await examine({ text: nulls })).problems).toEqual([]);
  });

  test("has no line that is too long to read", () => {
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(102);
  });
});
