import { expect, test } from "bun:test";
import { knownModel, offeredModels } from "../../../src/providers/model-catalog.ts";

const vendors = ["anthropic", "google", "openai"] as const;

for (const vendor of vendors) {
  test(`${vendor}'s models answer text, and their limits are known`, () => {
    const models = offeredModels(vendor);
    expect(models.length).toBeGreaterThan(10);
    for (const { name, displayName, streaming, contextLength = 0, maxOutputTokens = 0 } of models) {
      expect(name).not.toMatch(
        /image|audio|realtime|live|tts|transcribe|embedding|computer-use|robotics|deep-research/,
      );
      expect(displayName).not.toBeEmpty();
      expect(streaming).toBe(true);
      expect(contextLength).toBeGreaterThanOrEqual(maxOutputTokens);
      expect(maxOutputTokens).toBeGreaterThan(0);
    }
  });

  test(`${vendor}'s models come in the order of their names, each once`, () => {
    const names = offeredModels(vendor).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
  });
}

test("the models that vibectl's users write are known", () => {
  for (const name of ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5"]) {
    expect(knownModel("anthropic", name)).toMatchObject({ maxOutputTokens: 64000, forcedToolChoice: true });
  }
  for (const name of ["gpt-4", "gpt-4o", "gpt-4.1"]) expect(knownModel("openai", name)).toBeDefined();
  expect(knownModel("google", "gemini-2.5-flash")).toBeDefined();
});

test("a list of one's own is offered in its order, with what is known of each", () => {
  expect(offeredModels("anthropic", ["claude-next", "claude-sonnet-4-5"])).toEqual([
    { name: "claude-next", displayName: "claude-next", streaming: true },
    {
      name: "claude-sonnet-4-5",
      displayName: "Claude Sonnet 4.5",
      streaming: true,
      contextLength: 200000,
      maxOutputTokens: 64000,
    },
  ]);
});

test("where two sources differ on a context, the smaller one is told", () => {
  expect(knownModel("anthropic", "claude-sonnet-4-5")?.contextLength).toBe(200000);
});
