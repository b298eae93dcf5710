import { expect, test } from "bun:test";
import { createProvider, createProviderSet } from "../../../src/providers/registry.ts";
import { ask, failingCall, patience } from "./calls.ts";
import { startUpstream } from "./scripted-upstream.ts";
import { compatible, wires } from "./wires.ts";

const keys = [
  { label: "main", key: "canary-main-1", weight: 3 },
  { label: "spare", key: "canary-spare-2", weight: 1 },
];

for (const wire of wires) {
  test(`${wire.type} is made once for each key, over the same connections`, async () => {
    await using upstream = startUpstream(() => Response.json(wire.whole("ok")));
    const { keyed, close } = await createProviderSet(wire.settings(upstream.url), keys);
    expect(keyed.map(({ label, weight }) => [label, weight])).toEqual([
      ["main", 3],
      ["spare", 1],
    ]);
    for (const { provider } of keyed) await provider.generate(wire.model, ask("hello"), { signal: patience });
    for (const [index, { key }] of keys.entries()) {
      expect(JSON.stringify([...(upstream.received[index]?.headers ?? [])])).toContain(key);
    }
    expect(new Set(upstream.received.map(({ peerPort }) => peerPort)).size).toBe(1);
    await close();
  });
}

test("a key of the set does not show in an error, and the settings' own is not used", async () => {
  await using upstream = startUpstream(({ headers }) =>
    Response.json(compatible.error(`bad ${headers.get("authorization")}`), { status: 401 }),
  );
  const settings = { ...compatible.settings(upstream.url), key: "canary-settings-3" };
  const { keyed } = await createProviderSet(settings, keys);
  for (const [index, { provider }] of keyed.entries()) {
    const error = await failingCall(provider, compatible.model);
    expect(error.code).toBe("PROVIDER_AUTH");
    expect(Bun.inspect(error, { depth: 20 })).not.toContain("canary");
    expect(upstream.received[index]?.headers.get("authorization")).toBe(`Bearer ${keys[index]?.key}`);
  }
});

test("a provider without a key is a set of one, and so is echo", async () => {
  await using upstream = startUpstream(() => Response.json(compatible.whole("ok")));
  const local = { name: "local", type: "openai-compatible", baseUrl: upstream.url, models: ["tiny"] } as const;
  for (const settings of [local, { name: "echo", type: "echo" } as const]) {
    const { keyed, close } = await createProviderSet(settings, []);
    expect(keyed.map(({ label, weight }) => [label, weight])).toEqual([["", 1]]);
    const [first] = keyed;
    expect((await first?.provider.generate("tiny", ask("ok"), { signal: patience }))?.text).toContain("ok");
    await close();
  }
  expect(upstream.received[0]?.headers.get("authorization")).toBeNull();
});

test("a vendor that needs a key is not made without one", async () => {
  await expect(createProviderSet({ name: "openai", type: "openai" }, [])).rejects.toMatchObject({
    code: "CONFIGURATION_INVALID",
  });
});

test("a set that is closed closes its idle connections, and calls that run come to their end", async () => {
  const held = Promise.withResolvers<Response>();
  let isHeld = false;
  await using upstream = startUpstream(() => (isHeld ? held.promise : Response.json(compatible.whole("ok"))));
  const { keyed, close } = await createProviderSet(compatible.settings(upstream.url), keys);
  const [first] = keyed;
  await first?.provider.generate(compatible.model, ask("hello"), { signal: patience });
  isHeld = true;
  const late = first?.provider.generate(compatible.model, ask("hello"), { signal: patience });
  while (upstream.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const closed = close();
  held.resolve(Response.json(compatible.whole("late")));
  expect((await late)?.text).toBe("late");
  await closed;
});

test("nothing of the HTTP client is loaded before a provider needs it", async () => {
  const script = `
    const { createProviderSet } = await import(${JSON.stringify(`${import.meta.dir}/../../../src/providers/registry.ts`)});
    const isLoaded = () => Object.keys(require.cache).some((file) => file.includes("/undici/"));
    await createProviderSet({ name: "echo", type: "echo" }, []);
    console.log(isLoaded());
    await createProviderSet({ name: "local", type: "ollama" }, []);
    console.log(isLoaded());
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toBe("false\ntrue\n");
  expect(await child.exited).toBe(0);
});

test("a transport that is given is used in place of one of its own", async () => {
  let asked = 0;
  const send = async () => {
    asked++;
    return Response.json(compatible.whole("ok"));
  };
  const transport = Object.assign(send, { preconnect: () => undefined, close: async () => undefined });
  const settings = { name: "local", type: "openai-compatible", baseUrl: "http://nobody.invalid", transport } as const;
  await (await createProvider(settings)).generate("tiny", ask("hello"), { signal: patience });
  expect(asked).toBe(1);
});
