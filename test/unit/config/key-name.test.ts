import { expect, test } from "bun:test";
import { findPath, isOwnName, keyNames, sectionAndKeyNames, valuesOfKey } from "../../../src/config/key-name.ts";
import { UsageError } from "../../../src/errors.ts";

function refusalOf(name: string): string {
  try {
    findPath(name);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint}`;
    throw error;
  }
  throw new Error(`${name} was found`);
}

test.each([
  ["server.port", ["server", "port"]],
  ["tls.enabled", ["server", "use_tls"]],
  ["model_aliases.claude-3.7-sonnet", ["model_aliases", "claude-3.7-sonnet"]],
  ['model_aliases."claude-3.7-sonnet"', ["model_aliases", "claude-3.7-sonnet"]],
  ["model_routes.claude-3.7-sonnet", ["model_routes", "claude-3.7-sonnet"]],
  ["model_routes.gpt-4.1", ["model_routes", "gpt-4.1"]],
  ["providers.a.headers.x.team", ["providers", "a", "headers", "x.team"]],
  ["providers.a.keys.main.key_file", ["providers", "a", "keys", "main", "key_file"]],
  ['providers."my.local".type', ["providers", "my.local", "type"]],
])("%s is found", (name, path) => {
  expect(findPath(name)).toEqual(path);
});

test.each([
  ["port", "server.port"],
  ["server.prot", "server.port"],
  ["providers.local.typ", "providers.local.type"],
  ["providers.my.local.type", 'providers."my.local".type'],
  ["server.limits.per_token.ci.bot", 'server.limits.per_token."ci.bot"'],
  [
    "server.limits.per_token.ci.bot.max_requests_per_minute",
    'server.limits.per_token."ci.bot".max_requests_per_minute',
  ],
  ["providers.a.timeouts.connect", "providers.a.timeouts.connect_seconds"],
  ["providers.a.keys.main.file", "providers.a.keys.main.key_file"],
  ["max_retries", "retries.max_retries"],
  ["max_requests_per_minute", "server.limits.global.max_requests_per_minute"],
])("%s is none, and %s may be meant", (name, meant) => {
  expect(refusalOf(name)).toEndWith(`| Did you mean ${meant}?`);
});

test("an item of a list is no key", () => {
  expect(refusalOf("tls.hosts.0")).toStartWith('There is no configuration key "tls.hosts.0"');
});

test("a secret in a key's place is not repeated", () => {
  for (const name of ["jwt.sk-abcdefghijklmnopqrst", "providers.a.sk-abcdefghijklmnopqrst.type"]) {
    expect(refusalOf(name)).not.toContain("sk-");
  }
});

test("a name of the operator's own is told from a section", () => {
  expect(
    ["providers.local", "model_aliases.a", "providers", "server.limits"].map((name) => isOwnName(findPath(name))),
  ).toEqual([true, true, false, false]);
});

test("every key and section that is offered is one", () => {
  expect(keyNames()).toContain("server.port");
  expect(sectionAndKeyNames()).toContain("server.limits");
  for (const name of sectionAndKeyNames()) expect(findPath(name).length).toBeGreaterThan(0);
});

test("the values of a key are offered where they are few", () => {
  expect(valuesOfKey("server.use_tls")).toEqual(["true", "false"]);
  expect(valuesOfKey("server.log_format")).toContain("json");
  expect(valuesOfKey("server.port")).toEqual([]);
});
