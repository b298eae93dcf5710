import { expect, test } from "bun:test";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { JsonSchema } from "../../../src/providers/provider.ts";
import { sampleOf } from "../../../src/providers/schema-sample.ts";
import schemas from "./pydantic-schemas.json" with { type: "json" };

function problemsOf(schema: JsonSchema, document: unknown): unknown {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  return ajv.validate(schema, document) ? [] : ajv.errors;
}

for (const [name, schema] of Object.entries<JsonSchema>(schemas)) {
  test(`the sample of ${name} satisfies its schema, and is the same every time`, () => {
    const document = sampleOf(schema);
    expect(problemsOf(schema, document)).toEqual([]);
    expect(JSON.stringify(sampleOf(schema))).toBe(JSON.stringify(document));
  });
}

test("a sample has what is required and what tells members of a union apart", () => {
  expect(sampleOf(schemas["vibectl LLMPlannerResponse"])).toEqual({
    action: { action_type: "THOUGHT", text: "string" },
  });
});

const small: ReadonlyArray<readonly [schema: JsonSchema, document: unknown]> = [
  [{}, null],
  [{ type: ["string", "null"] }, null],
  [{ type: ["integer", "string"], minimum: 3 }, 3],
  [{ type: "array", items: { type: "string" } }, []],
  [{ type: "array", items: { type: "string" }, minItems: 2 }, ["string", "string"]],
  [{ allOf: [{ $ref: "#/$defs/A" }], $defs: { A: { type: "object", properties: { a: { const: 1 } } } } }, { a: 1 }],
  [{ $ref: "#/$defs/a~1b", $defs: { "a/b": { const: "found" } } }, "found"],
  [{ type: "string", pattern: "^v[0-9]+$" }, "v1"],
  [{ type: "string", pattern: "^[A-Z]{2}\\d{3}-x$" }, "AA000-x"],
  [{ type: "string", pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", maxLength: 3 }, "a"],
];

for (const [schema, document] of small) {
  test(`the sample of ${JSON.stringify(schema)} is ${JSON.stringify(document)}`, () => {
    expect(sampleOf(schema)).toEqual(document);
  });
}

const chain = Object.fromEntries(
  Array.from({ length: 16 }, (_, level) => {
    const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
    const next = { $ref: `#/$defs/L${level + 1}` };
    return [
      `L${level}`,
      { type: "object", properties: Object.fromEntries(names.map((name) => [name, next])), required: names },
    ];
  }),
);

const endless: ReadonlyArray<readonly [name: string, schema: JsonSchema]> = [
  ["refers to itself", { $ref: "#" }],
  ["needs itself", { type: "object", properties: { again: { $ref: "#" } }, required: ["again"] }],
  ["needs a thousand million items", { type: "array", items: {}, minItems: 1e9 }],
  ["needs a thousand million characters", { type: "string", minLength: 1e9 }],
  ["branches without end", { $defs: { ...chain, L16: { type: "string" } }, $ref: "#/$defs/L0" }],
];

for (const [name, schema] of endless) {
  test(`a schema that ${name} is refused`, () => {
    expect(() => sampleOf(schema)).toThrow(expect.objectContaining({ code: "INVALID_REQUEST" }));
  });
}
