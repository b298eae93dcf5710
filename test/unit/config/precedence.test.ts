import { describe, expect, test } from "bun:test";
import { variablesOf } from "../../../src/config/environment.ts";
import { anyName, type ConfigurationKey, configurationKeys } from "../../../src/config/keys.ts";
import { formatPath, valueAt, withValue } from "../../../src/config/tree.ts";
import { configurationFiles } from "./configuration-files.ts";
import { companionsOf, goodValueOf } from "./good-values.ts";

const { examine } = configurationFiles();

const keys = configurationKeys().filter(({ path }) => !path.includes(anyName));

/** Another value than that of {@link goodValueOf}. */
function otherValueOf(key: ConfigurationKey): unknown {
  const value = goodValueOf(key)[1];
  if (key.kind === "boolean") return !value;
  if (key.kind === "number") return Number(value) + 1;
  if (key.kind === "list") return ["c"];
  if (key.kind !== "map") {
    const particular: Readonly<Record<string, string>> = {
      debug: "error",
      json: "text",
      "1.2": "1.3",
      none: "require",
      HS512: "HS384",
      "https://a.example/jwks": "https://b.example/jwks",
    };
    return particular[String(value)] ?? "/other/text";
  }
  const maps: Readonly<Record<string, unknown>> = {
    providers: { echo: { chunk_delay_ms: 1 } },
    model_aliases: { slow: "echo" },
    model_routes: { slow: [{ model: "c" }] },
    model_fallbacks: { "*": ["c"] },
  };
  return maps[formatPath(key.path)] ?? { bot: { max_input_length: 1 } };
}

describe("a default gives way to the file, the file to a variable, a variable to a flag:", () => {
  test.each(keys.map((key) => [formatPath(key.path), key] as const))("%s", async (_name, key) => {
    const [variable = ""] = variablesOf(key);
    const [text, inEnvironment] = goodValueOf(key);
    const inFile = otherValueOf(key);
    const companions = companionsOf(key);
    const content = JSON.stringify(withValue({}, key.path, inFile));
    const read = async (given: Parameters<typeof examine>[0]) => {
      const { loaded, problems } = await examine(given);
      expect(problems).toEqual([]);
      return { value: valueAt(loaded?.configuration, key.path), origin: loaded?.originOf(key.path) };
    };
    const fallback = await read({});
    expect(fallback).toEqual({ value: key.default as never, origin: "default" });
    const file = await read({ text: content, environment: companions });
    expect(file.value).toEqual(inFile as never);
    expect(file.origin).toMatch(/\.yaml:1:\d+$/);
    const environment = { ...companions, [variable]: text };
    expect(await read({ text: content, environment })).toEqual({ value: inEnvironment as never, origin: variable });
    const overrides = [{ path: key.path, value: inFile, origin: "--flag" }];
    expect(await read({ text: content, environment, overrides })).toEqual({ value: inFile as never, origin: "--flag" });
  });
});

describe("of a secret and a file that holds it", () => {
  const pairs = [
    [["jwt", "secret_key"], "VIBECTL_JWT_SECRET"],
    [["jwt", "previous_secret_key"], "VIBECTL_JWT_PREVIOUS_SECRET"],
    [["providers", "openai", "key"], "VIBECTL_OPENAI_API_KEY"],
    [["providers", "local", "key"], "VIBECTL_LOCAL_API_KEY"],
  ] as const;
  const local = "{ type: openai-compatible, base_url: 'http://a' }";
  const start = (path: readonly string[]) =>
    path[1] === "local" ? { providers: { local: Bun.YAML.parse(local) } } : {};
  const fileOf = (path: readonly string[]) => [...path.slice(0, -1), `${path.at(-1)}_file`];
  const contentOf = (values: readonly (readonly [readonly string[], string])[], path: readonly string[]) =>
    JSON.stringify(values.reduce<object>((content, [each, value]) => withValue(content, each, value), start(path)));

  test.each(pairs)(
    "%p: a variable that names the file wins over a secret of the configuration file",
    async (path, variable) => {
      const { loaded } = await examine({
        text: contentOf([[path, "weak"]], path),
        environment: { [`${variable}_FILE`]: "/strong" },
      });
      expect(valueAt(loaded?.configuration, path) ?? null).toBeNull();
      expect(valueAt(loaded?.configuration, fileOf(path))).toBe("/strong");
      expect(loaded?.originOf(path)).toBe("default");
      expect(loaded?.originOf(fileOf(path))).toBe(`${variable}_FILE`);
    },
  );

  test.each(pairs)(
    "%p: a variable with the secret wins over a file that the configuration names",
    async (path, variable) => {
      const { loaded } = await examine({
        text: contentOf([[fileOf(path), "/weak"]], path),
        environment: { [variable]: "strong" },
      });
      expect(valueAt(loaded?.configuration, path)).toBe("strong");
    },
  );

  test.each(pairs)("%p: both of one kind are kept, and the secret comes first", async (path, variable) => {
    const inFile = await examine({
      text: contentOf(
        [
          [path, "first"],
          [fileOf(path), "/second"],
        ],
        path,
      ),
    });
    expect(valueAt(inFile.loaded?.configuration, path)).toBe("first");
    const environment = { [variable]: "first", [`${variable}_FILE`]: "/second" };
    const inEnvironment = await examine({ text: contentOf([], path), environment });
    expect(valueAt(inEnvironment.loaded?.configuration, path)).toBe("first");
    expect(valueAt(inEnvironment.loaded?.configuration, fileOf(path))).toBe("/second");
  });

  test("a vendor's usual variable comes last", async () => {
    const environment = { OPENAI_API_KEY: "usual" };
    const path = ["providers", "openai", "key"];
    const keyOf = async (text: string, more: Record<string, string> = {}) => {
      const { loaded } = await examine({ text, environment: { ...environment, ...more } });
      return [valueAt(loaded?.configuration, path), loaded?.originOf(path)];
    };
    expect(await keyOf("")).toEqual(["usual", "OPENAI_API_KEY"]);
    expect((await keyOf("providers: { openai: { key: k } }"))[0]).toBe("k");
    expect((await keyOf("providers: { openai: { key_file: k } }"))[0]).toBeUndefined();
    expect((await keyOf("", { VIBECTL_OPENAI_API_KEY_FILE: "/k" }))[0]).toBeUndefined();
  });
});

describe("of one key of a provider and several", () => {
  const several = "providers: { openai: { keys: { main: { key: weak } }, key_choice: weighted } }";
  const single = "providers: { openai: { key: weak, key_file: /weak } }";
  const read = async (text: string, environment: Record<string, string>) => {
    const { loaded, problems, warnings, file = "" } = await examine({ text, environment });
    const { key, key_file, keys } = loaded?.configuration.providers.openai ?? {};
    return { found: { key, key_file, keys }, problems, warnings: warnings.map((each) => each.replace(file, "FILE")) };
  };

  test.each([
    ["VIBECTL_OPENAI_API_KEY", { key: "strong" }],
    ["VIBECTL_SERVER_PROVIDERS_OPENAI_KEY", { key: "strong" }],
    ["VIBECTL_OPENAI_API_KEY_FILE", { key_file: "strong" }],
  ])("%s wins over the several of the file, with a warning", async (variable, expected) => {
    expect(await read(several, { [variable]: "strong" })).toEqual({
      found: { key: undefined, key_file: undefined, keys: undefined, ...expected },
      problems: [],
      warnings: [`FILE:1:24: providers.openai.keys has no effect while ${variable} is set`],
    });
  });

  test("the several of variables win over the one of the file", async () => {
    const environment = { VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS: "{ a: { key: strong } }" };
    const { found, warnings } = await read(single, environment);
    expect(found).toEqual({ key: undefined, key_file: undefined, keys: { a: { key: "strong" } } } as never);
    expect(warnings).toEqual([]);
    const [variable, text] = ["VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS_B_KEY_FILE", "/strong"];
    expect((await read(single, { [variable]: text })).found.keys).toEqual({ b: { key_file: text } });
  });

  test("a variable for one of several keys wins over that one, and its file over its key", async () => {
    const [variable, text] = ["VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS_MAIN_KEY_FILE", "/strong"];
    expect((await read(several, { [variable]: text })).found.keys).toEqual({ main: { key_file: text } });
  });

  test("both in variables contradict each other", async () => {
    const environment = {
      VIBECTL_OPENAI_API_KEY: "a",
      VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS: "{ b: { key: c } }",
    };
    expect((await read("", environment)).problems).toEqual([
      {
        place: "VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS",
        text: "providers.openai.keys and providers.openai.key are both set: keep one of them",
      },
    ]);
  });

  test("the vendor's usual variable adds none to several", async () => {
    const { found, warnings } = await read(several, { OPENAI_API_KEY: "usual" });
    expect(found.key).toBeUndefined();
    expect(Object.keys(found.keys ?? {})).toEqual(["main"]);
    expect(warnings).toEqual([]);
  });
});

test("a variable of a whole map takes the place of the file's, and one of a part of it is laid over both", async () => {
  const { loaded } = await examine({
    text: "providers: { openai: { key: a } }",
    environment: {
      VIBECTL_SERVER_PROVIDERS: "{ echo: { delay_ms: 1 } }",
      VIBECTL_SERVER_PROVIDERS_ECHO_CHUNK_DELAY_MS: "2",
    },
  });
  expect(loaded?.configuration.providers).toEqual({ echo: { delay_ms: 1, chunk_delay_ms: 2 } });
  expect(loaded?.originOf(["providers", "echo", "delay_ms"])).toBe("VIBECTL_SERVER_PROVIDERS");
  expect(loaded?.originOf(["providers", "echo", "chunk_delay_ms"])).toBe(
    "VIBECTL_SERVER_PROVIDERS_ECHO_CHUNK_DELAY_MS",
  );
});
