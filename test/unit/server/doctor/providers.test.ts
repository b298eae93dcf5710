import { describe, expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkProviders } from "../../../../src/server/doctor/providers.ts";
import { startUpstream } from "../../../integration/providers/scripted-upstream.ts";
import { startProxy } from "../../../integration/providers/transport/connect-proxy.ts";
import { answering, plainAnswer, startTcp } from "../../../integration/providers/transport/tcp-server.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
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

  test("each of several keys is tried, and one that is refused is told by its name", async () => {
    await using upstream = startUpstream(({ headers }) =>
      headers.get("authorization") === "Bearer canary-good"
        ? Response.json({ data: [{ id: "one" }] })
        : Response.json({ error: { message: `bad key ${headers.get("authorization")}` } }, { status: 401 }),
    );
    const keys = { main: { key: "canary-good" }, spare: { key: "canary-bad" } };
    for (const [type, base_url] of [
      ["openai-compatible", `${upstream.url}/v1`],
      ["openai", upstream.url],
    ] as const) {
      const [text] = told(await checkProviders(await contextOf({ local: { type, base_url, keys } }, {}, true)));
      expect(text).toStartWith(
        `warning: local: ${type}, keys main from providers.local.keys.main.key, spare from providers.local.keys.spare.key`,
      );
      expect(text).toContain(", 1 model");
      expect(text).toContain("Its key spare can't be used: local refused the server's API key (HTTP 401): bad key");
      expect(text).not.toContain("canary");
    }
    const bad = { main: { key: "canary-1" }, spare: { key: "canary-2" } };
    const providers = { local: { type: "openai-compatible", base_url: `${upstream.url}/v1`, keys: bad } };
    const [text] = told(await checkProviders(await contextOf(providers, {}, true)));
    expect(text).toStartWith("failed: local refused the server's API key");
    expect(text).not.toContain("canary");
  });

  test("a provider is asked on the way that calls take: by its proxy, with its CA and its headers", async () => {
    const ca = new OpensslCa(folder, "corporate");
    const extensions = ["extendedKeyUsage=serverAuth", "subjectAltName=DNS:upstream.test"];
    const { cert, key: tlsKey } = ca.issue("upstream", { extensions });
    const seen: string[] = [];
    await using server = await startTcp(
      (socket) => {
        socket.on("data", (piece) => seen.push(piece.toString()));
        answering(plainAnswer('{"data":[]}'))(socket);
      },
      { cert, key: tlsKey },
    );
    await using proxy = await startProxy({ upstreamPort: server.port });
    for (const type of ["openai-compatible", "anthropic"] as const) {
      const access = { ca_file: ca.certFile, headers: { "x-team": "platform" } };
      const local = { type, base_url: "https://upstream.test/v1", key, ...access };
      const own = await contextOf({ local: { ...local, proxy: `http://127.0.0.1:${proxy.port}` } }, {}, true);
      const general = await contextOf({ local }, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, true);
      for (const context of [own, general]) {
        expect(told(await checkProviders(context))[0]).toStartWith(`ok: local: ${type}, key from `);
      }
    }
    expect(proxy.heads).toHaveLength(4);
    expect(seen).toHaveLength(4);
    for (const request of seen) expect(request).toContain("x-team: platform");
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
