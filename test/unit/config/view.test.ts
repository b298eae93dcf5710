import { describe, expect, test } from "bun:test";
import { configurationSchema } from "../../../src/config/schema.ts";
import { formatPath } from "../../../src/config/tree.ts";
import { differences, effectiveEntries, entriesBelow, mask, toTree } from "../../../src/config/view.ts";
import { configurationFiles } from "./configuration-files.ts";

const { examine } = configurationFiles();

async function entriesOf(
  text: string,
  { reveal = false, environment = {} }: { reveal?: boolean; environment?: Record<string, string> } = {},
) {
  const { loaded, problems } = await examine({ text, environment });
  expect(problems).toEqual([]);
  return loaded ? effectiveEntries(loaded, { reveal }) : [];
}

const valueIn = (entries: Awaited<ReturnType<typeof entriesOf>>, name: string) =>
  entries.find((entry) => formatPath(entry.path) === name)?.value;

const secrets =
  "jwt: { secret_key: s3cr3t, previous_secret_key: s3cr3t }\nproviders: { openai: { key: s3cr3t }, a: { type: openai, keys: { one: { key: s3cr3t, weight: 2 } }, headers: { x.team: s3cr3t } } }";

describe("the configuration in force", () => {
  test("has every key with a value and where that is from", async () => {
    const entries = await entriesOf("server: { port: 1 }", { environment: { VIBECTL_JWT_ISSUER: "i" } });
    expect(entries.find(({ path }) => formatPath(path) === "server.port")).toMatchObject({
      value: 1,
      origin: expect.stringMatching(/:1:11$/),
    });
    expect(entries.find(({ path }) => formatPath(path) === "jwt.issuer")).toMatchObject({
      value: "i",
      origin: "VIBECTL_JWT_ISSUER",
    });
    expect(entries.find(({ path }) => formatPath(path) === "server.cert_file")).toMatchObject({
      value: null,
      origin: "default",
    });
    expect(new Set(entries.map(({ path }) => formatPath(path))).size).toBe(entries.length);
  });

  test("has its secrets masked, unless they are asked for", async () => {
    expect(JSON.stringify(await entriesOf(secrets))).not.toContain("s3cr3t");
    const names = [
      "jwt.secret_key",
      "jwt.previous_secret_key",
      "providers.openai.key",
      "providers.a.keys.one.key",
      'providers.a.headers."x.team"',
    ];
    const [hidden, shown] = [await entriesOf(secrets), await entriesOf(secrets, { reveal: true })];
    expect(names.map((name) => valueIn(hidden, name))).toEqual(Array(5).fill(mask));
    expect(names.map((name) => valueIn(shown, name))).toEqual(Array(5).fill("s3cr3t"));
  });

  test("has the masks of secrets where there are any, and null where there are none", async () => {
    expect(valueIn(await entriesOf(""), "jwt.secret_key")).toBeNull();
  });

  test.each([
    ["http://user:s3cr3t@a.example/v1", `http://${mask}@a.example/v1`],
    ["HTTPS://user:s3cr3t@a.example", `HTTPS://${mask}@a.example`],
    ["http://a.example/v1?api-key=s3cr3t&b=c", `http://a.example/v1?api-key=${mask}&b=c`],
  ])("has an address without its password: %j", async (address, shown) => {
    const entries = await entriesOf(JSON.stringify({ providers: { ollama: { base_url: address } } }));
    expect(valueIn(entries, "providers.ollama.base_url")).toBe(shown);
  });

  test("has a proxy without its password", async () => {
    const entries = await entriesOf("providers: { ollama: { proxy: 'http://user:s3cr3t@proxy:3128' } }");
    expect(valueIn(entries, "providers.ollama.proxy")).toBe(`http://${mask}@proxy:3128`);
  });

  test("has what stands deeper in a provider, each key by itself, and routes as they are", async () => {
    const text =
      "providers: { ollama: { timeouts: { call_seconds: 5 }, max_connections: 3 } }\nmodel_routes: { a: [b, { model: c, weight: 2 }] }";
    const entries = await entriesOf(text);
    expect(valueIn(entries, "providers.ollama.timeouts.call_seconds")).toBe(5);
    expect(valueIn(entries, "providers.ollama.max_connections")).toBe(3);
    expect(valueIn(entries, "model_routes.a")).toEqual(["b", { model: "c", weight: 2 }]);
    expect(valueIn(entries, "retries.max_retries")).toBe(2);
  });

  test("is a tree that loads to the same", async () => {
    const text = `${secrets}\nserver: { limits: { per_token: { a.b: { max_input_length: 5 }, c: {} } } }\nmodel_aliases: { "x.y": openai/z }`;
    const tree = toTree(await entriesOf(text, { reveal: true }));
    const { loaded } = await examine({ text });
    expect(configurationSchema.parse(tree)).toMatchObject(loaded?.configuration ?? { wrong: true });
  });

  test("can be looked at in parts", async () => {
    const entries = await entriesOf("model_aliases: { serverx: a }");
    expect(entriesBelow(entries, ["server", "limits", "global"])).toHaveLength(4);
    expect(entriesBelow(entries, ["model_aliases"]).map(({ path }) => formatPath(path))).toEqual([
      "model_aliases.serverx",
    ]);
    expect(entriesBelow(entries, ["server", "port"])).toHaveLength(1);
    expect(entriesBelow(entries, ["nowhere"])).toEqual([]);
    expect(entriesBelow(entries, [])).toHaveLength(entries.length);
  });
});

test("what differs from the defaults is told with them", async () => {
  expect(differences(await entriesOf(""))).toEqual([]);
  expect(differences(await entriesOf("server: { port: 50051, host: 127.0.0.1 }"))).toEqual([]);
  const found = differences(
    await entriesOf("server: { port: 1 }\ntls: { hosts: [a] }\nproviders: { ollama: }\nmodel_aliases: { a: b }"),
  );
  expect(found.map((entry) => [formatPath(entry.path), entry.value, entry.default])).toEqual([
    ["server.port", 1, 50051],
    ["tls.hosts", ["a"], []],
    ["model_aliases.a", "b", null],
  ]);
});
