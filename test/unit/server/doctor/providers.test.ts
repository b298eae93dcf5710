import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkProviders } from "../../../../src/server/doctor/providers.ts";
import { startUpstream } from "../../../integration/providers/scripted-upstream.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const folder = temporaryFolder();
const key = "sk-canary-0123456789";

function contextOf(providers: object, environment: Record<string, string> = {}, online = false) {
  return makeHome({ configuration: { providers }, environment }).context({ online });
}

describe("a provider", () => {
  test("is fine with its type, its address and where its key is from", async () => {
    const context = await contextOf(
      { local: { type: "openai-compatible", base_url: "http://user:canary@127.0.0.1:9/v1?key=canary", key } },
      { ANTHROPIC_API_KEY: key },
    );
    expect(told(await checkProviders(context))).toEqual([
      "ok: local: openai-compatible, key from providers.local.key, at http://127.0.0.1:9/v1",
      "ok: anthropic: anthropic, key from ANTHROPIC_API_KEY",
    ]);
  });

  test("fails without a key, and the others are looked at all the same", async () => {
    const [openai, echo, google] = told(
      await checkProviders(await contextOf({ openai: {}, echo: {}, google: { key_file: join(folder, "none") } })),
    );
    expect(openai).toStartWith("failed: providers.openai has no API key\nhint: Set providers.openai.key_file");
    expect(echo).toBe("ok: echo: echo, no key");
    expect(google).toStartWith(`failed: providers.google.key_file names ${join(folder, "none")}, which can't be read`);
  });

  test("is a warning when others can read its key's file, or its address is http elsewhere", async () => {
    const file = join(folder, "key");
    writeFileSync(file, key);
    chmodSync(file, 0o644);
    const base_url = "http://llm.example.org/v1";
    const context = await contextOf({ far: { type: "openai-compatible", base_url, key_file: file, models: ["a"] } });
    const [text] = told(await checkProviders(context));
    expect(text).toStartWith(`warning: far: openai-compatible, key from ${file}, at http://llm.example.org/v1\n`);
    expect(text).toContain("travel unencrypted");
    expect(text).toContain(`chmod 600 ${file}`);
  });

  test("is missed where there is none", async () => {
    expect(told(await checkProviders(await contextOf({})))[0]).toStartWith(
      "warning: there is none: only the built-in echo",
    );
  });
});

describe("online", () => {
  const compatible = (url: string, more: object = {}) => ({
    local: { type: "openai-compatible", base_url: `${url}/v1`, key, ...more },
  });

  test("a provider is asked for its models", async () => {
    await using upstream = startUpstream(() => Response.json({ data: [{ id: "tiny" }, { id: "small" }] }));
    const online = await contextOf(compatible(upstream.url, { models: ["tiny", "huge"] }), {}, true);
    const [text] = told(await checkProviders(online));
    expect(text).toBe(
      `warning: local: openai-compatible, key from providers.local.key, at ${upstream.url}/v1, 2 models\nIts list does not have huge`,
    );
    expect(upstream.received.map(({ path }) => path)).toEqual(["/v1/models"]);
    expect(upstream.received[0]?.headers.get("authorization")).toBe(`Bearer ${key}`);
    await checkProviders(await contextOf(compatible(upstream.url)));
    expect(upstream.received).toHaveLength(1);
  });

  test.each([
    ["anthropic", "x-api-key", key, "/v1/models", { data: [{ id: "one" }] }],
    ["openai", "authorization", `Bearer ${key}`, "/v1/models", { data: [{ id: "one" }] }],
    ["google", "x-goog-api-key", key, "/v1beta/models", { models: [{ name: "one" }] }],
  ])("%s is asked for its list, to try the key", async (type, header, value, path, body) => {
    await using upstream = startUpstream(() => Response.json(body));
    const context = await contextOf({ [type]: { base_url: upstream.url, key } }, {}, true);
    expect(told(await checkProviders(context))).toEqual([
      `ok: ${type}: ${type}, key from providers.${type}.key, at ${upstream.url}/, 1 model at the vendor's`,
    ]);
    expect(upstream.received[0]?.headers.get(header)).toBe(value);
    expect(upstream.received[0]?.path).toBe(path);
  });

  test("a key that is refused fails, and is not told", async () => {
    await using upstream = startUpstream(() =>
      Response.json({ error: { message: `bad key ${key}` } }, { status: 401 }),
    );
    const providers = { ...compatible(upstream.url), anthropic: { base_url: upstream.url, key } };
    for (const text of told(await checkProviders(await contextOf(providers, {}, true)))) {
      expect(text).toStartWith("failed: ");
      expect(text).toContain("\nhint: ");
      expect(text).not.toContain("canary");
    }
  });

  test("a provider that can't be reached fails", async () => {
    const [text] = told(await checkProviders(await contextOf(compatible("http://127.0.0.1:1"), {}, true)));
    expect(text).toContain("nothing listens at its address");
    expect(text).toStartWith("failed: local");
  });

  test("a provider without a list is a warning where its models are named", async () => {
    await using upstream = startUpstream(() => new Response("no such page", { status: 404 }));
    const [named] = told(await checkProviders(await contextOf(compatible(upstream.url, { models: ["a"] }), {}, true)));
    expect(named).toEndWith("It answers, but gives no list of models: its key was not tried");
    const [unnamed] = told(await checkProviders(await contextOf(compatible(upstream.url), {}, true)));
    expect(unnamed).toStartWith("failed: ");
  });
});
