import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfiguration } from "../../../src/config/load.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import { resolveProviders } from "../../../src/config/provider-settings.ts";
import type { Configuration } from "../../../src/config/schema.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function resolve(providers: Configuration["providers"], environment: Record<string, string> = {}) {
  const configuration = file("config.yaml", JSON.stringify({ providers }));
  const paths = resolvePaths({ HOME: folder });
  return await resolveProviders(await loadConfiguration({ environment, paths, file: configuration }));
}

describe("a provider's key", () => {
  const all = {
    VIBECTL_ANTHROPIC_API_KEY: "key-1",
    VIBECTL_ANTHROPIC_API_KEY_FILE: file("two", "key-2\n"),
    ANTHROPIC_API_KEY: "key-5",
  };
  const entry = { key: "key-3", key_file: file("four", "key-4") };

  test("comes from the first of its five places that has one", async () => {
    const environment: Record<string, string> = { ...all };
    const seen: unknown[] = [];
    const look = async (anthropic: Configuration["providers"][string]) => {
      const [settings] = await resolve({ anthropic }, environment);
      seen.push([settings?.key, settings?.keySource]);
    };
    await look(entry);
    delete environment.VIBECTL_ANTHROPIC_API_KEY;
    await look(entry);
    delete environment.VIBECTL_ANTHROPIC_API_KEY_FILE;
    await look(entry);
    await look({ key_file: entry.key_file });
    await look({});
    expect(seen).toEqual([
      ["key-1", "VIBECTL_ANTHROPIC_API_KEY"],
      ["key-2", join(folder, "two")],
      ["key-3", "providers.anthropic.key"],
      ["key-4", join(folder, "four")],
      ["key-5", "ANTHROPIC_API_KEY"],
    ]);
  });

  test.each([
    ["VIBECTL_ANTHROPIC_API_KEY", "two words"],
    ["ANTHROPIC_API_KEY", "schlüssel"],
    ["ANTHROPIC_API_KEY", "   "],
  ])("in %s that can't be one is refused without being repeated", async (variable, value) => {
    const problem = await resolve({}, { [variable]: value }).catch((error: Error) => error.message);
    expect(problem).toContain(variable);
    expect(problem).not.toContain(value);
  });

  test("in a file that is not there is refused by name", async () => {
    await expect(resolve({ anthropic: { key_file: join(folder, "none") } })).rejects.toThrow(
      /providers.anthropic.key_file names .*none/,
    );
  });
});

test("a vendor whose key is in the environment is offered without any configuration", async () => {
  const settings = await resolve({}, { OPENAI_API_KEY: "a", GEMINI_API_KEY: "b", OLLAMA_HOST: "0.0.0.0" });
  expect(settings.map(({ name, key, baseUrl }) => [name, key, baseUrl])).toEqual([
    ["openai", "a", undefined],
    ["google", "b", undefined],
    ["ollama", undefined, "http://0.0.0.0:11434"],
  ]);
});

test("nothing is offered where nothing is set", async () => {
  expect(await resolve({})).toEqual([]);
});

test("a named endpoint takes its key from the variable of its own name", async () => {
  const local = { type: "openai-compatible" as const, base_url: "http://127.0.0.1:1/v1" };
  const [settings] = await resolve({ "my-local": local }, { VIBECTL_MY_LOCAL_API_KEY: "k" });
  expect(settings).toMatchObject({ name: "my-local", key: "k", baseUrl: "http://127.0.0.1:1/v1" });
});

test.each([
  ["an unknown name without a type", { mistral: {} }, "providers.mistral has no type"],
  ["an endpoint without an address", { local: { type: "openai-compatible" } }, "providers.local has no base_url"],
  ["a vendor without a key", { anthropic: {} }, "providers.anthropic has no API key"],
  ["a delay for a vendor", { anthropic: { key: "k", delay_ms: 5 } }, "providers.anthropic.delay_ms has no meaning"],
  ["a key for echo", { echo: { key: "k" } }, "providers.echo.key has no meaning"],
  ["structured_outputs for a vendor", { openai: { key: "k", structured_outputs: true } }, "has no meaning"],
] satisfies ReadonlyArray<[string, Configuration["providers"], string]>)(
  "%s is refused",
  async (_what, providers, expected) => {
    await expect(resolve(providers)).rejects.toThrow(expected);
  },
);

describe("a provider that variables alone define has its key", () => {
  const entry = "{ local: { type: anthropic } }";
  test.each<[string, Record<string, string>, string]>([
    ["its own variable", { VIBECTL_LOCAL_API_KEY: "key-1" }, "VIBECTL_LOCAL_API_KEY"],
    ["the file in it", { VIBECTL_LOCAL_API_KEY_FILE: file("local", "key-1") }, join(folder, "local")],
  ])("from %s", async (_name, key, source) => {
    for (const definition of [
      { VIBECTL_SERVER_PROVIDERS_LOCAL_TYPE: "anthropic" },
      { VIBECTL_SERVER_PROVIDERS: entry },
    ]) {
      const [settings] = await resolve({}, { ...definition, ...key });
      expect(settings).toMatchObject({ name: "local", type: "anthropic", key: "key-1", keySource: source });
    }
  });

  test("also where its name has two words", async () => {
    const environment = { VIBECTL_SERVER_PROVIDERS_MY_OWN_TYPE: "openai", VIBECTL_MY_OWN_API_KEY: "key-1" };
    const [settings] = await resolve({}, environment);
    expect(settings).toMatchObject({ name: "my_own", type: "openai", key: "key-1" });
  });
});
