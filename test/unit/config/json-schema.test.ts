import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { defaultFileText } from "../../../src/config/default-file.ts";
import { configurationJsonSchema } from "../../../src/config/json-schema.ts";
import { configurationKeys } from "../../../src/config/keys.ts";
import { isMapping, valueAt } from "../../../src/config/tree.ts";
import { duplicatesAndNumbers } from "./malformed/duplicates-and-numbers.ts";
import { otherValues } from "./malformed/other-values.ts";
import { providerAccess } from "./malformed/provider-access.ts";
import { routes } from "./malformed/routes.ts";
import { serverValues } from "./malformed/server-values.ts";
import { wrongShapes } from "./malformed/shapes.ts";
import { unknownKeys } from "./malformed/unknown-keys.ts";

const schema = configurationJsonSchema();
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

describe("the JSON Schema accepts", () => {
  test("an empty file, the defaults, and the file that is made for a new server", () => {
    expect(validate({})).toBe(true);
    validate(parse(defaultFileText()));
    expect(validate.errors).toBeNull();
  });

  test.each([
    "server: { port: 0, default_model: null, limits: { per_token: { a: { max_input_length: null } } } }",
    "providers: { anthropic: { key_file: /run/secrets/a }, local: { type: openai-compatible, base_url: 'http://a', models: [b] } }",
    "providers: { ollama: null }",
    "jwt: { secret_key_file: null, algorithm: HS256, issuer: a, expiration_days: 0.5, audience: [a] }",
    "providers: { openai: { keys: { a: { key: b, weight: 0.5 }, c: { key_file: /d } }, key_choice: least_busy } }",
    "providers: { openai: { proxy: none, ca_file: /a, headers: { x-team: b }, max_connections: 5, timeouts: null } }",
    "providers: { openai: { timeouts: { connect_seconds: 0.5, call_seconds: 60 } } }",
    "model_aliases: { a: b }",
    "model_routes: { a: [b, { model: c }, { model: d, weight: 2 }] }",
    "model_fallbacks: { '*': [a], b: [c, d] }",
    "retries: { max_retries: 0 }\nbreaker:\n",
    "tls: { min_version: '1.2', client_auth: null }",
  ])("%s", (text) => {
    expect(validate(parse(text))).toBe(true);
  });
});

describe("the JSON Schema refuses what has", () => {
  test.each([
    ["an item of a route that holds nothing", "model_routes: { a: [null] }"],
    ["a route of no model", "model_routes: { a: [{ weight: 1 }] }"],
    ["a header with a line break", 'providers: { openai: { headers: { x: "a\\nb" } } }'],
    ["a header's name with a blank", "providers: { openai: { headers: { 'a b': c } } }"],
  ])("%s", (_what, text) => {
    expect(validate(parse(text))).toBe(false);
  });

  /** Files that the schema of values and keys is enough to refuse. */
  const bad = [
    ...serverValues,
    ...otherValues,
    ...providerAccess,
    ...routes,
    ...wrongShapes,
    ...unknownKeys,
    ...duplicatesAndNumbers,
  ].filter(
    ({ problems }) =>
      problems.some((problem) => /expected|unknown key/.test(problem)) &&
      !problems.some((problem) => /address/.test(problem)),
  );

  test.each(bad)("$name", ({ text }) => {
    expect(validate(parse(text, { logLevel: "silent" }))).toBe(false);
  });

  test("a hundred of the malformed files", () => {
    expect(bad.length).toBeGreaterThan(100);
  });
});

test("every key is described in the JSON Schema, with its variable", () => {
  for (const { path, meta } of configurationKeys()) {
    let part: unknown = schema;
    for (const name of path) {
      const open =
        isMapping(part) && Array.isArray(part.anyOf)
          ? part.anyOf.find((each) => isMapping(each) && "properties" in each)
          : part;
      part = valueAt(open, ["properties", name]) ?? valueAt(open, ["additionalProperties"]);
    }
    expect(valueAt(part, ["description"])).toStartWith(meta.description);
    if (!path.some((name) => name.startsWith("<")))
      expect(valueAt(part, ["description"])).toContain("Variable: VIBECTL_");
  }
});

test("files of the Python server are not what the JSON Schema is for, and it says so of old keys only", () => {
  const folder = join(import.meta.dir, "..", "..", "fixtures", "python-server");
  for (const name of readdirSync(folder)) {
    if (validate(parse(readFileSync(join(folder, name), "utf8")))) continue;
    const complaints = (validate.errors ?? []).map(
      ({ params, instancePath }) => params.additionalProperty ?? instancePath,
    );
    for (const complaint of complaints)
      expect(complaint).toMatch(
        /^(acme|enabled|hsts|cert_file|key_file|expiration_hours|\/server\/limits\/global\/max_input_length|\/server\/log_level)$/,
      );
  }
});
