import { expect, test } from "bun:test";
import { createProvider } from "../../../src/providers/registry.ts";
import { ask, everythingIn, failingCall, failingStream, patience } from "./calls.ts";
import { eventStream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, key, wires } from "./wires.ts";

const secretPrompt = "my very private question about the payroll";

for (const wire of wires) {
  test(`an error of ${wire.type} that echoes key and headers back shows neither, nor the prompt`, async () => {
    await using upstream = startUpstream(({ headers }) => {
      const sent = [...headers].map(([name, value]) => `${name}: ${value}`).join(", ");
      return Response.json(wire.error(`bad key ${key}; you sent ${sent}`), { status: 400 });
    });
    const provider = await createProvider(wire.settings(upstream.url));
    const whole = await failingCall(provider, wire.model, ask(secretPrompt));
    const { error: streamed } = await failingStream(provider, wire.model, ask(secretPrompt));
    for (const error of [whole, streamed]) {
      expect(error.message).toContain("bad key [redacted]");
      expect(everythingIn(error)).not.toContain(key);
      expect(everythingIn(error)).not.toContain("payroll");
    }
  });

  test(`an answer of ${wire.type} that can't be read leaves no trace of itself in the error`, async () => {
    await using upstream = startUpstream(({ body, path }) =>
      body.stream === true || path.includes("stream")
        ? eventStream([`data: {"oops": "${key} payroll"\n\n`])
        : new Response(`{"oops": "${key} payroll"`, { headers: { "content-type": "application/json" } }),
    );
    const provider = await createProvider(wire.settings(upstream.url));
    const whole = await failingCall(provider, wire.model, ask(secretPrompt));
    const { error: streamed } = await failingStream(provider, wire.model, ask(secretPrompt));
    for (const error of [whole, streamed]) {
      expect(error.code).toBe("PROVIDER_PROTOCOL");
      expect(everythingIn(error)).not.toContain(key);
      expect(everythingIn(error)).not.toContain("payroll");
    }
  });

  test(`an unreachable ${wire.type} shows its address to the log alone, without user and password`, async () => {
    const settings = { ...wire.settings("http://127.0.0.1:1"), baseUrl: "http://user:hush@127.0.0.1:1/v1?token=hush" };
    const error = await failingCall(await createProvider(settings), wire.model, ask(secretPrompt));
    expect(error.message).not.toContain("127.0.0.1");
    expect(everythingIn(error)).toContain("127.0.0.1:1");
    expect(everythingIn(error)).not.toContain("hush");
    expect(everythingIn(error)).not.toContain("payroll");
  });
}

test("a key in the name of an unknown end does not show", async () => {
  const odd = JSON.stringify(compatible.whole("Hel")).replace('"stop"', JSON.stringify(key));
  await using upstream = startUpstream(() => new Response(odd, { headers: { "content-type": "application/json" } }));
  const error = await failingCall(await createProvider(compatible.settings(upstream.url)), compatible.model);
  expect(error.message).toEndWith('it ended with "[redacted]"');
});

test("keys and addresses in the environment are never used", async () => {
  const names = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "GOOGLE_GENERATIVE_AI_API_KEY",
  ];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = name.endsWith("URL") ? "http://127.0.0.1:1" : "from-the-environment";
  try {
    for (const wire of wires) {
      await using upstream = startUpstream(() => Response.json(wire.whole("ok")));
      const provider = await createProvider(wire.settings(upstream.url));
      await provider.generate(wire.model, ask("hello"), { signal: patience });
      expect(JSON.stringify([...(upstream.received[0]?.headers ?? [])])).toContain(key);
    }
    await using upstream = startUpstream(() => Response.json(compatible.whole("ok")));
    const keyless = await createProvider({
      name: "local",
      type: "openai-compatible",
      baseUrl: upstream.url,
      models: ["tiny"],
    });
    await keyless.generate("tiny", ask("hello"), { signal: patience });
    expect(upstream.received[0]?.headers.get("authorization")).toBeNull();
    for (const type of ["anthropic", "openai", "google"] as const) {
      await expect(createProvider({ name: type, type })).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
    }
  } finally {
    names.forEach((name, index) => {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    });
  }
});

test("a prompt that has a part of the key does not bring the rest of it to light", async () => {
  const part = key.slice(0, -4);
  await using upstream = startUpstream(() =>
    Response.json(anthropic.error(`the key ${key} is not for ${part}`), { status: 400 }),
  );
  const provider = await createProvider(anthropic.settings(upstream.url));
  const error = await failingCall(provider, anthropic.model, ask(`what is ${part} good for`));
  expect(everythingIn(error)).not.toContain(key.slice(-4));
});
