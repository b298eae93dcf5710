import { describe, expect, test } from "bun:test";
import { checkDefaultModel } from "../../../../src/server/doctor/default-model.ts";
import { startUpstream } from "../../../integration/providers/scripted-upstream.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();

async function modelTold(configuration: object, online = false): Promise<string> {
  return told(await checkDefaultModel(await makeHome({ configuration }).context({ online }))).join("\n\n");
}

const anthropic = { anthropic: { key: "sk-x" } };

describe("the default model", () => {
  test("is echo where there is no provider", async () => {
    expect(await modelTold({})).toBe("ok: echo/echo, since server.default_model is not set");
  });

  test("is found by its id, and by an alias", async () => {
    const server = { default_model: "mine" };
    const model_aliases = { mine: "anthropic/claude-sonnet-4-5" };
    expect(await modelTold({ server, model_aliases, providers: anthropic })).toBe(
      "ok: mine, which stands for anthropic/claude-sonnet-4-5",
    );
    expect(await modelTold({ server: { default_model: "echo" }, providers: anthropic })).toBe(
      "ok: echo, which stands for echo/echo",
    );
  });

  test("fails when no provider offers it", async () => {
    const text = await modelTold({ server: { default_model: "claude-sonet-4-5" }, providers: anthropic });
    expect(text).toStartWith("failed: claude-sonet-4-5 is not on offer\nhint: Did you mean ");
  });

  test("is only told online where a provider has to be asked", async () => {
    await using upstream = startUpstream(() => Response.json({ data: [{ id: "tiny" }] }));
    const providers = { local: { type: "openai-compatible", base_url: `${upstream.url}/v1` } };
    const configuration = (default_model: string | null) => ({ server: { default_model }, providers });
    expect(await modelTold(configuration("local/tiny"))).toStartWith("skipped: whether local/tiny is on offer");
    expect(await modelTold(configuration(null))).toStartWith("skipped: ");
    expect(upstream.received).toEqual([]);
    expect(await modelTold(configuration("local/tiny"), true)).toBe("ok: local/tiny");
    expect(await modelTold(configuration(null), true)).toBe("ok: local/tiny, since server.default_model is not set");
    expect(await modelTold(configuration("local/huge"), true)).toStartWith("failed: local/huge is not on offer");
  });

  test("is a warning while its provider can't be asked", async () => {
    const providers = { local: { type: "openai-compatible", base_url: "http://127.0.0.1:1/v1" } };
    const text = await modelTold({ server: { default_model: "local/tiny" }, providers }, true);
    expect(text).toStartWith("warning: local/tiny is not on offer while local can't be asked");
  });
});
