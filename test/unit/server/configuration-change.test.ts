import { expect, test } from "bun:test";
import { configurationSchema } from "../../../src/config/schema.ts";
import { compareConfigurations } from "../../../src/server/configuration-change.ts";

const loaded = (content: object) => ({
  configuration: configurationSchema.parse(content),
  file: undefined,
  warnings: [],
  originOf: () => "config.yaml:2:3",
});

test("what can change while the server runs is applied, by name and without its value", () => {
  const change = compareConfigurations(
    loaded({ jwt: { secret_key: "one" }, model_aliases: { a: "b" } }),
    loaded({ jwt: { secret_key: "two" }, providers: { echo: { type: "echo" } } }),
  );
  expect(change.applied.sort()).toEqual(["jwt.secret_key", "model_aliases.a", "providers.echo.type"]);
  expect(change.waiting).toEqual([]);
  expect(JSON.stringify(change.applied)).not.toContain("two");
});

test("what can't waits for the next start, and what is in force stays", () => {
  const change = compareConfigurations(loaded({}), loaded({ server: { port: 6000, log_level: "debug" } }));
  expect(change.applied).toEqual(["server.log_level"]);
  expect(change.waiting).toEqual([
    "server.port is 6000 by config.yaml:2:3, which takes effect at the next start; 50051 stays in force",
  ]);
  expect(change.next.configuration.server).toMatchObject({ port: 50051, log_level: "debug" });
});

test("nothing changes where nothing was changed", () => {
  const content = { server: { limits: { per_token: { "ci.bot": { max_requests_per_minute: 1 } } } } };
  expect(compareConfigurations(loaded(content), loaded(content))).toMatchObject({ applied: [], waiting: [] });
});
