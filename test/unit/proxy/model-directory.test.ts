import { describe, expect, test } from "bun:test";
import { ModelError } from "../../../src/errors.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import { ModelDirectory } from "../../../src/proxy/model-directory.ts";

/** A provider with a list of models and nothing behind it. */
function listing(name: string, list: () => readonly string[]): Provider {
  const unused = () => {
    throw new Error("only the list is asked for here");
  };
  return {
    name,
    models: async () => list().map((model) => ({ name: model, displayName: model, streaming: true })),
    generate: unused,
    stream: unused,
  };
}

interface Setting {
  aliases?: Record<string, string>;
  refreshAfterMs?: number;
  problems?: string[];
}

function directoryOf(providers: Provider[], { aliases = {}, refreshAfterMs = 60_000, problems = [] }: Setting = {}) {
  return new ModelDirectory({ providers, aliases, refreshAfterMs, onProblem: (name) => void problems.push(name) });
}

const anthropic = listing("anthropic", () => ["claude-haiku-4-5", "claude-sonnet-4-5", "claude-sonnet-4-0"]);
const openai = listing("openai", () => ["gpt-4", "gpt-4o", "shared"]);
const ollama = listing("ollama", () => ["llama3:latest", "qwen3:8b", "shared"]);

describe("a model answers to", () => {
  const directory = directoryOf([anthropic, openai, ollama], {
    aliases: { mine: "openai/gpt-4o", "gpt-4": "ollama:llama3" },
  });
  test.each([
    ["anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"],
    ["claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"],
    ["anthropic:claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"],
    ["claude-4.5-sonnet", "anthropic/claude-sonnet-4-5"],
    ["claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"],
    ["claude-3.7-sonnet", "anthropic/claude-sonnet-4-5"],
    ["claude-4-sonnet", "anthropic/claude-sonnet-4-5"],
    ["gpt-4o", "openai/gpt-4o"],
    ["ollama:llama3", "ollama/llama3:latest"],
    ["llama3", "ollama/llama3:latest"],
    ["qwen3:8b", "ollama/qwen3:8b"],
    ["mine", "openai/gpt-4o"],
    ["gpt-4", "ollama/llama3:latest"],
    ["shared", "openai/shared"],
    ["ollama:shared", "ollama/shared"],
  ])("%s", async (name, id) => {
    expect((await directory.resolve(name)).id).toBe(id);
  });

  test("names that are told to clients, each to one model alone", async () => {
    const { models, byName } = await directory.offer();
    const told = models.flatMap(({ id, aliases }) => [id, ...aliases]);
    expect(new Set(told).size).toBe(told.length);
    expect(new Set(told)).toEqual(new Set(byName.keys()));
  });
});

describe("a name that no model has", () => {
  const directory = directoryOf([openai]);
  test.each([
    ["gpt-4oo", "Did you mean gpt-4o?"],
    ["mistral-large", "It offers openai/gpt-4, openai/gpt-4o, openai/shared."],
    ["constructor", "It offers"],
    ["__proto__", "It offers"],
  ])("%s is MODEL_NOT_FOUND with a way out", async (name, hint) => {
    const error = await directory.resolve(name).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).code).toBe("MODEL_NOT_FOUND");
    expect((error as ModelError).hint).toContain(hint);
  });
});

test("without a choice the default is the first provider's", async () => {
  expect(await directoryOf([anthropic, openai]).defaultModel()).toBe("anthropic/claude-sonnet-4-5");
  expect(await directoryOf([ollama, anthropic]).defaultModel()).toBe("ollama/llama3:latest");
  expect(await directoryOf([]).defaultModel()).toBeUndefined();
});

test("a provider that comes to offer models gives the default from then on", async () => {
  const names: string[] = [];
  const directory = directoryOf([listing("ollama", () => names)], { refreshAfterMs: 0 });
  expect(await directory.defaultModel()).toBeUndefined();
  names.push("a");
  await directory.resolve("a");
  expect(await directory.defaultModel()).toBe("ollama/a");
});

test("an alias may stand for another, in any order, and for a name by rule; a circle stands for nothing", async () => {
  const aliases = { chain: "fast", fast: "openai/gpt-4o", old: "claude-3.7-sonnet", a: "b", b: "a" };
  const directory = directoryOf([anthropic, openai], { aliases });
  expect((await directory.resolve("chain")).id).toBe("openai/gpt-4o");
  expect((await directory.resolve("old")).id).toBe("anthropic/claude-sonnet-4-5");
  await expect(directory.resolve("a")).rejects.toThrow(ModelError);
});

test("a model that its provider has since come to offer is found once the list is old", async () => {
  const names = ["a"];
  const directory = directoryOf([listing("ollama", () => names)], { refreshAfterMs: 0 });
  await directory.offer();
  names.push("b");
  expect((await directory.resolve("b")).id).toBe("ollama/b");
});

test("a provider that can't be asked keeps what it last offered, is told of once, and holds nobody up", async () => {
  let down = false;
  const problems: string[] = [];
  const shaky = listing("ollama", () => {
    if (down) throw new Error("down");
    return ["a"];
  });
  const directory = directoryOf([shaky, openai], { refreshAfterMs: 0, problems });
  await directory.offer();
  down = true;
  await expect(directory.resolve("none")).rejects.toThrow(ModelError);
  await expect(directory.resolve("none")).rejects.toThrow(ModelError);
  const { models } = await directory.offer();
  expect(models.map(({ id }) => id)).toEqual(["ollama/a", "openai/gpt-4", "openai/gpt-4o", "openai/shared"]);
  expect(problems).toEqual(["ollama"]);
});

test("a name that the operator has given away is not taken by a rule while its model is away", async () => {
  const directory = directoryOf([anthropic], { aliases: { "claude-3.7-sonnet": "ollama/llama3" } });
  await expect(directory.resolve("claude-3.7-sonnet")).rejects.toThrow(ModelError);
});

test("an alias that is a model's own id takes nothing from it", async () => {
  const aliases = { "openai/gpt-4": "openai/gpt-4o", x: "openai/gpt-4" };
  const directory = directoryOf([openai], { aliases });
  expect((await directory.resolve("openai/gpt-4")).id).toBe("openai/gpt-4");
  expect((await directory.resolve("x")).id).toBe("openai/gpt-4");
});

test("who may not use a model is not told of it by a name that is nearly right", async () => {
  const directory = directoryOf([anthropic, openai]);
  const hintFor = async (isTold: (id: string) => boolean) =>
    await directory
      .resolve("gpt-4oo", ({ id }) => isTold(id))
      .then(
        () => undefined,
        (error: unknown) => (error instanceof ModelError ? error.hint : undefined),
      );
  expect(await hintFor(() => true)).toBe("Did you mean gpt-4o?");
  expect(await hintFor((id) => id.startsWith("anthropic/"))).not.toContain("gpt");
  expect(await hintFor(() => false)).toBe("This token may not use any of those that it offers.");
});

describe("the models that can answer to", () => {
  const names = new ModelDirectory({
    providers: [anthropic, openai, ollama],
    aliases: { mine: "openai/gpt-4o", away: "gone/model" },
    routes: {
      fast: [{ model: "gpt-4" }, { model: "gone/model" }, { model: "claude-4.5-haiku" }],
      mixed: [{ model: "mine", weight: 1 }, { model: "llama3", weight: 3 }, { model: "gpt-4" }],
      lost: [{ model: "gone/model" }],
      "openai/gpt-4": [{ model: "llama3" }],
    },
    fallbacks: {
      mine: ["llama3", "gone/model", "claude-sonnet-4-5"],
      "openai/gpt-4": ["qwen3:8b"],
      away: ["gpt-4"],
      "*": ["shared"],
    },
    onProblem: () => undefined,
  });
  const planOf = async (name: string, random = 0) => {
    const { route, asked, fallbacks } = await names.plan(name, () => random);
    return { route, asked: asked.map(({ id }) => id), fallbacks: fallbacks.map(({ id }) => id) };
  };

  test("a route are those of its list that are on offer, in order, with the fallbacks of the first that has some", async () => {
    expect(await planOf("fast")).toEqual({
      route: "fast",
      asked: ["openai/gpt-4", "anthropic/claude-haiku-4-5"],
      fallbacks: ["ollama/qwen3:8b"],
    });
  });

  test("a route with weights begin with the one that is drawn", async () => {
    expect((await planOf("mixed", 0.2)).asked).toEqual(["openai/gpt-4o", "ollama/llama3:latest", "openai/gpt-4"]);
    expect((await planOf("mixed", 0.3)).asked).toEqual(["ollama/llama3:latest", "openai/gpt-4o", "openai/gpt-4"]);
  });

  test("an alias are its model and then the alias's fallbacks", async () => {
    expect(await planOf("mine")).toEqual({
      route: undefined,
      asked: ["openai/gpt-4o"],
      fallbacks: ["ollama/llama3:latest", "anthropic/claude-sonnet-4-5"],
    });
  });

  test("a model are itself and its own fallbacks, or those of every name", async () => {
    expect((await planOf("gpt-4")).fallbacks).toEqual(["ollama/qwen3:8b"]);
    expect((await planOf("claude-sonnet-4-5")).fallbacks).toEqual(["openai/shared"]);
  });

  test("a model that is its own fallback are itself, once", async () => {
    expect(await planOf("shared")).toMatchObject({ asked: ["openai/shared"], fallbacks: [] });
  });

  test("an alias whose model is away are its fallbacks", async () => {
    expect(await planOf("away")).toMatchObject({ asked: [], fallbacks: ["openai/gpt-4"] });
  });

  test("a name that nobody has given are none, whatever there is for every name", async () => {
    await expect(planOf("unheard-of")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(planOf("lost")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });

  test("a model's own id are itself, though a route has that name", async () => {
    expect(await planOf("openai/gpt-4")).toMatchObject({ route: undefined, asked: ["openai/gpt-4"] });
  });

  test("clients are told of a route as another name of its first model", async () => {
    const { byName } = await names.offer();
    expect(byName.get("fast")?.id).toBe("openai/gpt-4");
    expect(byName.get("fast")?.aliases).toContain("fast");
    expect(byName.has("lost")).toBe(false);
  });
});
