import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfiguration } from "../../../src/config/load.ts";
import { namedFiles } from "../../../src/config/named-files.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import { providerKeyFiles, resolveProviders } from "../../../src/config/provider-settings.ts";
import type { Configuration } from "../../../src/config/schema.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function load(providers: Configuration["providers"], environment: Record<string, string> = {}) {
  const configuration = file("config.yaml", JSON.stringify({ providers }));
  const paths = resolvePaths({ HOME: folder });
  return await loadConfiguration({ environment: { HOME: folder, ...environment }, paths, file: configuration });
}

async function resolve(providers: Configuration["providers"], environment: Record<string, string> = {}) {
  return await resolveProviders(await load(providers, environment));
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

describe("of a provider's keys", () => {
  test("a single one is the only one, under the name key", async () => {
    const [settings] = await resolve({ openai: { key: "k" } });
    expect(settings?.keys).toEqual([{ label: "key", key: "k", keySource: "providers.openai.key", weight: 1 }]);
    const [vendor] = await resolve({}, { OPENAI_API_KEY: "k" });
    expect(vendor?.keys).toEqual([{ label: "key", key: "k", keySource: "OPENAI_API_KEY", weight: 1 }]);
  });

  test("there are none where none is needed", async () => {
    const settings = await resolve({ ollama: {}, echo: {} });
    expect(settings.map(({ keys, key }) => [keys, key])).toEqual([
      [[], undefined],
      [[], undefined],
    ]);
  });

  test("several are in their order, each from its own place, and the first stands for all", async () => {
    const keys = {
      b: { key: "key-b", weight: 3 },
      a: { key_file: file("a", "key-a\n") },
      c: { key: "key-c", weight: 0 },
    };
    const environment = { VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS_D_KEY: "key-d", OPENAI_API_KEY: "usual" };
    const [settings] = await resolve({ openai: { keys, key_choice: "weighted" } }, environment);
    expect(settings?.keys).toEqual([
      { label: "b", key: "key-b", keySource: "providers.openai.keys.b.key", weight: 3 },
      { label: "a", key: "key-a", keySource: join(folder, "a"), weight: 1 },
      { label: "c", key: "key-c", keySource: "providers.openai.keys.c.key", weight: 0 },
      { label: "d", key: "key-d", keySource: "VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS_D_KEY", weight: 1 },
    ]);
    expect(settings).toMatchObject({ key: "key-b", keySource: "providers.openai.keys.b.key", keyChoice: "weighted" });
  });

  test("one that can't be one is refused by its place, without being repeated", async () => {
    const problem = await resolve({ openai: { keys: { a: { key: "k" }, b: { key: "two words" } } } }).catch(String);
    expect(problem).toContain("The API key from providers.openai.keys.b.key has spaces");
    expect(problem).not.toContain("two words");
    const missing = { openai: { keys: { a: { key_file: join(folder, "none") } } } };
    await expect(resolve(missing)).rejects.toThrow(
      /providers.openai.keys.a.key_file names .*none, which can't be read/,
    );
  });
});

describe("the way to a provider", () => {
  test("is the usual one where its entry says nothing of it", async () => {
    const [settings, echo] = await resolve({ ollama: {}, echo: {} });
    expect(settings).toEqual({
      name: "ollama",
      type: "ollama",
      keys: [],
      maxConnections: 1000,
      connectMs: 10_000,
      firstByteMs: 30_000,
      betweenChunksMs: 30_000,
      callMs: 300_000,
    });
    expect(echo).toEqual({ name: "echo", type: "echo", keys: [] });
  });

  test("is what its entry says, in milliseconds", async () => {
    const [settings] = await resolve({
      ollama: {
        proxy: "http://user:p%40ss@proxy:3128",
        headers: { "x-team": "platform" },
        max_connections: 5,
        timeouts: { connect_seconds: 0.05, first_byte_seconds: 1.1, call_seconds: 7 },
      },
    });
    expect(settings).toMatchObject({
      proxy: "http://user:p%40ss@proxy:3128",
      headers: { "x-team": "platform" },
      maxConnections: 5,
      connectMs: 50,
      firstByteMs: 1100,
      betweenChunksMs: 30_000,
      callMs: 7000,
    });
  });

  test("is not read from the environment's proxy variables", async () => {
    const [settings] = await resolve({ ollama: {} }, { HTTPS_PROXY: "http://proxy:3128" });
    expect(settings?.proxy).toBeUndefined();
  });
});

test("every file of keys and CAs is watched, and named with its home folder", async () => {
  const loaded = await load({
    openai: { keys: { a: { key_file: "~/a" }, b: { key: "k", key_file: "~/unused" }, c: { key_file: "/c" } } },
    anthropic: { key_file: "~/d", ca_file: "~/e" },
    google: { key: "k", key_file: "/f", ca_file: "/g" },
  });
  const own = (name: string) => join(folder, name);
  expect(providerKeyFiles(loaded)).toEqual([own("a"), "/c", own("d"), own("e"), "/g"]);
  const named = new Set(namedFiles(loaded.configuration));
  for (const each of [own("a"), own("unused"), "/c", own("d"), own("e"), "/f", "/g"]) expect(named).toContain(each);
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
