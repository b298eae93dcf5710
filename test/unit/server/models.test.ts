import { expect, test } from "bun:test";
import { configurationSchema } from "../../../src/config/schema.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import type { Logger } from "../../../src/observe/logger.ts";
import { loadModels } from "../../../src/server/models.ts";

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined } as unknown as Logger;

/** A provider that has to be asked for its models, and that nobody reaches. */
const away = { type: "openai-compatible", base_url: "http://127.0.0.1:1/v1" };

async function load(content: object) {
  const models = await loadModels(
    { configuration: configurationSchema.parse(content), originOf: () => "test" },
    silent,
  );
  await models.close();
  return models;
}

test("a default model that is a route waits for the providers of its models, as a model does", async () => {
  const content = {
    server: { default_model: "fast" },
    providers: { away, other: away },
    model_routes: { fast: ["away/one", { model: "other/two", weight: 1 }] },
  };
  const { defaultModel, warnings } = await load(content);
  expect(defaultModel).toBe("fast");
  expect(warnings).toContain("the default model fast waits for its provider away");
});

test("a default model that is a route to providers that are not there is refused, with their name", async () => {
  const content = {
    server: { default_model: "fast" },
    providers: { echo: { type: "echo" } },
    model_routes: { fast: ["nowhere/one"] },
  };
  const refusal = await load(content).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ConfigurationError);
  expect(refusal).toMatchObject({ message: expect.stringContaining("there is no provider nowhere here") });
});

test("what routes and fallbacks name that nobody offers is told", async () => {
  const { warnings } = await load({
    providers: { echo: { type: "echo" } },
    model_routes: { fast: ["nowhere/one", "echo"], "echo/echo": ["echo"] },
    model_fallbacks: { unknown: ["echo"], "*": ["nowhere/two"] },
  });
  expect(warnings).toEqual([
    "model_routes.fast names nowhere/one, which no provider offers now",
    "model_routes.echo/echo has no effect: echo/echo is a model's own id",
    "model_fallbacks.* names nowhere/two, which no provider offers now",
    "model_fallbacks.unknown is for a name that no provider offers now",
  ]);
});
