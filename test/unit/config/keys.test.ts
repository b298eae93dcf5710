import { describe, expect, test } from "bun:test";
import { allowedBy } from "../../../src/config/allowed.ts";
import {
  anyName,
  configurationKeys,
  isMapOfNames,
  isSecret,
  isSection,
  keyAt,
  namesBelow,
  secretsIn,
  typeAt,
} from "../../../src/config/keys.ts";
import { formatPath } from "../../../src/config/tree.ts";

const keys = configurationKeys();
const names = keys.map(({ path }) => formatPath(path));

test("every key is there once, has a description of its own, and is found by its path", () => {
  expect(new Set(names).size).toBe(names.length);
  for (const key of keys) {
    expect(key.meta.description).toMatch(/^\w.*[^.]$/);
    expect(keyAt(key.path)).toEqual(key);
  }
});

test("the keys that are fixed by contract are there", () => {
  for (const name of [
    "server.host",
    "server.port",
    "server.default_model",
    "server.require_auth",
    "server.use_tls",
    "server.cert_file",
    "server.key_file",
    "server.limits.global.max_requests_per_minute",
    "server.limits.global.max_concurrent_requests",
    "server.limits.global.max_input_length",
    "server.limits.global.request_timeout_seconds",
    "server.limits.per_token",
    `server.limits.per_token.${anyName}.max_input_length`,
    "jwt.secret_key",
    "jwt.secret_key_file",
    "jwt.algorithm",
    "jwt.issuer",
    "jwt.expiration_days",
    "providers",
    `providers.${anyName}.key`,
    `providers.${anyName}.key_file`,
    `providers.${anyName}.base_url`,
    `providers.${anyName}.keys.${anyName}.key_file`,
    `providers.${anyName}.timeouts.first_byte_seconds`,
    `providers.${anyName}.headers`,
    "model_aliases",
    "model_routes",
    "model_fallbacks",
    "server.max_workers",
    "server.max_queued",
    "retries.budget_percent",
    "breaker.open_seconds",
  ]) {
    expect(names).toContain(name);
  }
});

describe("a path leads", () => {
  test.each<[path: string[], kind: string | undefined]>([
    [["server", "port"], "number"],
    [["server", "use_tls"], "boolean"],
    [["server", "log_level"], "choice"],
    [["tls", "hosts"], "list"],
    [["tls", "hosts", "0"], "text"],
    [["providers"], "map"],
    [["providers", "mine", "key"], "text"],
    [["server", "limits", "per_token", "a.b", "max_input_length"], "number"],
    [["model_aliases", "x"], "text"],
    [["providers", "mine", "keys"], "map"],
    [["providers", "mine", "keys", "main"], undefined],
    [["providers", "mine", "keys", "main", "weight"], "number"],
    [["providers", "mine", "headers", "x-team"], "text"],
    [["providers", "mine", "timeouts"], undefined],
    [["providers", "mine", "timeouts", "call_seconds"], "number"],
    [["model_routes", "fast"], "list"],
    [["model_routes", "fast", "0"], "text"],
    [["model_routes", "fast", "0", "weight"], "number"],
    [["model_routes", "fast", "0", "colour"], undefined],
    [["server"], undefined],
    [["providers", "mine"], undefined],
    [["server", "prot"], undefined],
    [["server", "port", "x"], undefined],
    [["toString"], undefined],
    [["server", "constructor"], undefined],
    [["server", "__proto__"], undefined],
    [[], undefined],
  ])("from %p to a key of the kind %p", (path, kind) => {
    expect(keyAt(path)?.kind).toBe(kind as never);
  });

  test("to sections, and names are known below them", () => {
    const section = typeAt(["server", "limits"]);
    expect(section && isSection(section)).toBe(true);
    expect(namesBelow(["server", "limits"])).toEqual(["global", "per_token"]);
    expect(namesBelow([])).toEqual([
      "server",
      "tls",
      "jwt",
      "providers",
      "model_aliases",
      "model_routes",
      "model_fallbacks",
      "retries",
      "breaker",
    ]);
    expect(namesBelow(["model_routes", "a", "0"])).toEqual(["model", "weight"]);
    expect(namesBelow(["providers", "a", "keys", "b"])).toEqual(["key", "key_file", "weight"]);
    expect(namesBelow(["model_aliases"])).toEqual([]);
    expect(namesBelow(["nowhere"])).toEqual([]);
  });
});

test("a map of the operator's own names is told from other sections", () => {
  for (const name of ["providers", "providers.a.keys", "providers.a.headers", "model_routes"]) {
    expect(isMapOfNames(name.split("."))).toBe(true);
  }
  for (const name of ["server", "providers.a", "providers.a.timeouts", "model_routes.a", "nowhere"]) {
    expect(isMapOfNames(name.split("."))).toBe(false);
  }
});

test("the secrets that a value holds are named by their paths", () => {
  const provider = { key: "a", keys: { b: { key: "c", key_file: "d" } }, headers: { "x.y": "e" } };
  expect(secretsIn({ providers: { p: provider } }).map((path) => formatPath(path))).toEqual([
    "providers.p.key",
    "providers.p.keys.b.key",
    'providers.p.headers."x.y"',
  ]);
  expect(secretsIn({ "x-team": "a" }, ["providers", "p", "headers"])).toHaveLength(1);
});

test("secrets are known as such, and nothing else is", () => {
  const secrets = keys.filter(({ path }) => isSecret(path)).map(({ path }) => formatPath(path));
  expect(secrets).toEqual([
    "jwt.secret_key",
    "jwt.previous_secret_key",
    `providers.${anyName}.key`,
    `providers.${anyName}.keys.${anyName}.key`,
  ]);
  expect(isSecret(["providers", "mine", "headers", "x-team"])).toBe(true);
  expect(isSecret(["providers", "mine", "headers"])).toBe(false);
  expect(isSecret(["providers", "mine", "key"])).toBe(true);
  expect(isSecret(["key"])).toBe(false);
});

describe("what a key takes is said in words:", () => {
  test.each([
    ["server.port", "a whole number from 0 to 65535"],
    ["server.shutdown_grace_seconds", "a number from 0 to 3600"],
    ["server.limits.global.max_input_length", "a whole number from 1 up"],
    ["server.use_tls", "true or false"],
    ["server.cert_file", "a path"],
    ["server.host", "text"],
    ["server.log_format", "one of text, json"],
    ["server.limits.per_token", "a map"],
    ["server.limits", "a map of global, per_token"],
    ["tls.hosts", "a list of texts"],
    ["jwt.expiration_days", "a number above 0, up to 36500"],
    ["providers.a.models", "a list of one text or more"],
    ["providers.a.base_url", "an http or https address"],
    ["providers.a.keys", 'a map of one key or more, under names of lower-case letters, digits, "-" and "_"'],
    ["providers.a.timeouts.call_seconds", "a number from 0.05 to 3600"],
    ["providers.a.headers.x-team", "one line of visible ASCII characters"],
    ["model_routes.a", "a list of one model or more"],
    ["model_routes.a.0", "a model, or a map of model and weight"],
  ])("%s", (name, allowed) => {
    const type = typeAt(name.split("."));
    expect(type && allowedBy(type)).toBe(allowed);
  });
});
