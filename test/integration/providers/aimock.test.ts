import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { LLMock } from "@copilotkit/aimock";
import { createProvider } from "../../../src/providers/registry.ts";
import type { ProviderSettings } from "../../../src/providers/settings.ts";
import { ask, collect, failingCall, failingStream, patience } from "./calls.ts";
import { key } from "./wires.ts";

const answer = "Pods are the smallest deployable units that Kubernetes runs.";
const mock = new LLMock({ port: 0, chunkSize: 10 });

beforeAll(async () => {
  mock.onMessage(/pods/, {
    content: answer,
    usage: {
      input_tokens: 12,
      output_tokens: 9,
      prompt_tokens: 12,
      completion_tokens: 9,
      promptTokenCount: 12,
      candidatesTokenCount: 9,
      totalTokenCount: 21,
    },
  });
  await mock.start();
});
afterEach(() => mock.clearRequests());
afterAll(() => mock.stop());

interface Peer {
  settings: () => ProviderSettings;
  model: string;
  /** Whether the price list knows the model. */
  priced: boolean;
}

const peers: Readonly<Record<string, Peer>> = {
  anthropic: {
    settings: () => ({ name: "anthropic", type: "anthropic", key, baseUrl: mock.url }),
    model: "claude-sonnet-4-5",
    priced: true,
  },
  openai: {
    settings: () => ({ name: "openai", type: "openai", key, baseUrl: mock.url }),
    model: "gpt-4o",
    priced: true,
  },
  google: {
    settings: () => ({ name: "google", type: "google", key, baseUrl: mock.url }),
    model: "gemini-2.5-flash",
    priced: true,
  },
  ollama: {
    settings: () => ({ name: "ollama", type: "ollama", baseUrl: mock.url }),
    model: "llama3:latest",
    priced: false,
  },
  "openai-compatible": {
    settings: () => ({ name: "local", type: "openai-compatible", baseUrl: `${mock.url}/v1` }),
    model: "tiny",
    priced: false,
  },
};

for (const [type, { settings, model, priced }] of Object.entries(peers)) {
  test(`a mock of the ${type} API streams piece by piece, with usage and price`, async () => {
    const provider = await createProvider(settings());
    const parts = await collect(provider.stream(model, ask("what are pods?"), { signal: patience }));
    const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.join("")).toBe(answer);
    const end = parts.at(-1);
    expect(end).toMatchObject({ type: "end", finishReason: "stop", usage: { inputTokens: 12, outputTokens: 9 } });
    expect(end?.type === "end" && end.costUsd !== undefined && end.costUsd > 0).toBe(priced);
  });

  test(`a mock of the ${type} API sees system and user in their own roles`, async () => {
    const provider = await createProvider(settings());
    const { text } = await provider.generate(model, ask("what are pods?"), { signal: patience });
    expect(text).toBe(answer);
    const { messages } = (mock.getLastRequest()?.body ?? {}) as { messages?: { role: string; content: unknown }[] };
    expect(messages?.map(({ role, content }) => [role, content])).toEqual([
      ["system", "Be brief."],
      ["user", "what are pods?"],
    ]);
  });

  for (const [status, code] of [
    [401, "PROVIDER_AUTH"],
    [429, "PROVIDER_RATE_LIMITED"],
    [500, "PROVIDER_UNAVAILABLE"],
  ] as const) {
    test(`a ${status} from a mock of the ${type} API is ${code}, in one try`, async () => {
      const provider = await createProvider(settings());
      mock.nextRequestError(status, { message: "no luck today", type: "some_error" });
      const { error, texts } = await failingStream(provider, model, ask("what are pods?"));
      expect(error.code).toBe(code);
      expect(error.message).toContain(`(HTTP ${status}): no luck today`);
      expect(texts).toBeEmpty();
      mock.nextRequestError(status, { message: "no luck today", type: "some_error" });
      expect((await failingCall(provider, model, ask("what are pods?"))).code).toBe(code);
      expect(mock.getRequests()).toHaveLength(2);
    });
  }
}
