import { expect, test } from "bun:test";
import { createProvider } from "../../../src/providers/registry.ts";
import { patience } from "./calls.ts";
import { startUpstream } from "./scripted-upstream.ts";
import { key } from "./wires.ts";

test("an openai-compatible endpoint without a list is asked for its models", async () => {
  await using upstream = startUpstream(() =>
    Response.json({
      object: "list",
      data: [
        { id: "tiny", object: "model", max_model_len: 4096 },
        { id: "large", name: "Large One", context_length: 8192 },
        { id: "odd", name: 7 },
      ],
    }),
  );
  const provider = await createProvider({
    name: "local",
    type: "openai-compatible",
    key,
    baseUrl: `${upstream.url}/v1/`,
  });
  expect(await provider.models(patience)).toEqual([
    { name: "tiny", displayName: "tiny", streaming: true, contextLength: 4096 },
    { name: "large", displayName: "Large One", streaming: true, contextLength: 8192 },
    { name: "odd", displayName: "odd", streaming: true },
  ]);
  expect(upstream.received[0]?.path).toBe("/v1/models");
  expect(upstream.received[0]?.headers.get("authorization")).toBe(`Bearer ${key}`);
});

test("an openai-compatible endpoint with a list is not asked", async () => {
  const settings = {
    name: "local",
    type: "openai-compatible",
    baseUrl: "http://127.0.0.1:1/v1",
    models: ["tiny"],
  } as const;
  const provider = await createProvider(settings);
  expect(await provider.models(patience)).toEqual([{ name: "tiny", displayName: "tiny", streaming: true }]);
});

test("ollama's models are those of its running server that can answer, with their context", async () => {
  const facts: Record<string, object> = {
    "llama3:latest": {
      capabilities: ["completion", "tools"],
      model_info: { "general.architecture": "llama", "llama.context_length": 8192 },
    },
    "nomic-embed-text:latest": { capabilities: ["embedding"], model_info: { "nomic-bert.context_length": 2048 } },
    "old:7b": {},
  };
  await using upstream = startUpstream(({ path, body }) => {
    if (path === "/api/tags") {
      return Response.json({
        models: [...Object.keys(facts), "broken:1b"].map((name) => ({ name, digest: `digest of ${name}` })),
      });
    }
    const known = facts[String(body.model)];
    return known ? Response.json(known) : Response.json({ error: "no" }, { status: 500 });
  });
  const provider = await createProvider({ name: "ollama", type: "ollama", baseUrl: `${upstream.url}/v1` });
  const expected = [
    { name: "llama3:latest", displayName: "llama3:latest", streaming: true, contextLength: 8192 },
    { name: "old:7b", displayName: "old:7b", streaming: true },
    { name: "broken:1b", displayName: "broken:1b", streaming: true },
  ];
  expect(await provider.models(patience)).toEqual(expected);
  expect(upstream.received).toHaveLength(5);

  // Only what is not known yet is asked again.
  expect(await provider.models(patience)).toEqual(expected);
  expect(upstream.received.slice(5).map(({ path, body }) => body.model ?? path)).toEqual(["/api/tags", "broken:1b"]);
});

test("a list that can't be had is an error that names the provider", async () => {
  await using upstream = startUpstream(({ path }) =>
    path.startsWith("/html") ? new Response("<html>") : new Response("404 page not found", { status: 404 }),
  );
  const unreachable = await createProvider({ name: "ollama", type: "ollama", baseUrl: "http://127.0.0.1:1" });
  await expect(unreachable.models(patience)).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    message: expect.stringContaining("ollama"),
  });
  const astray = await createProvider({ name: "local", type: "openai-compatible", baseUrl: upstream.url });
  await expect(astray.models(patience)).rejects.toMatchObject({
    code: "PROVIDER_PROTOCOL",
    hint: expect.stringContaining("address"),
  });
  const page = await createProvider({ name: "local", type: "openai-compatible", baseUrl: `${upstream.url}/html` });
  await expect(page.models(patience)).rejects.toMatchObject({ code: "PROVIDER_PROTOCOL" });
});

test("asking for a list ends with the signal's reason", async () => {
  await using upstream = startUpstream(() => new Promise<Response>(() => undefined));
  const provider = await createProvider({ name: "local", type: "openai-compatible", baseUrl: upstream.url });
  const caller = new AbortController();
  const reason = new Error("enough");
  const outcome = provider.models(caller.signal).catch((error: unknown) => error);
  caller.abort(reason);
  expect(await outcome).toBe(reason);
});
