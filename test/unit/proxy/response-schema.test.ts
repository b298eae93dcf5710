import { describe, expect, test } from "bun:test";
import { ModelError } from "../../../src/errors.ts";
import { readResponseSchema } from "../../../src/proxy/response-schema.ts";
import { SchemaThreads } from "../../../src/proxy/schema-threads.ts";

/** The shape that pydantic's `model_json_schema()` has: `$defs`, `$ref`, a discriminated union, defaults. */
const planner = JSON.stringify({
  $defs: {
    Command: {
      properties: {
        action_type: { const: "COMMAND", default: "COMMAND", title: "Action Type", type: "string" },
        commands: { anyOf: [{ items: { type: "string" }, type: "array" }, { type: "null" }], default: null },
      },
      title: "Command",
      type: "object",
    },
    Done: {
      properties: { action_type: { const: "DONE", type: "string" }, exit_code: { type: "integer", minimum: 0 } },
      required: ["action_type"],
      title: "Done",
      type: "object",
    },
  },
  properties: {
    action: {
      discriminator: { mapping: { COMMAND: "#/$defs/Command", DONE: "#/$defs/Done" }, propertyName: "action_type" },
      oneOf: [{ $ref: "#/$defs/Command" }, { $ref: "#/$defs/Done" }],
    },
  },
  required: ["action"],
  title: "Response",
  type: "object",
});

/** Definitions that each name the one before them twice. */
function doubling(depth: number): string {
  const $defs = Object.fromEntries(
    Array.from({ length: depth }, (_, index) => {
      const $ref = `#/$defs/d${index - 1}`;
      return [`d${index}`, index === 0 ? { type: "object" } : { allOf: [{ $ref }, { $ref }] }];
    }),
  );
  return JSON.stringify({ $defs, $ref: `#/$defs/d${depth - 1}` });
}

const never = new AbortController().signal;
const thread = new SchemaThreads();

async function judge(text: string, schema = planner) {
  return (await readResponseSchema(schema, thread, never)).judge(text, never);
}

const good = '{"action": {"action_type": "COMMAND", "commands": ["get", "pods"]}}';

test("a document that satisfies the schema passes as it is", async () => {
  expect(await judge(good)).toEqual({ valid: true, document: good });
});

test.each([
  ["```json\n", "\n```"],
  ["```\n", "\n```\n"],
  ["  \n", "  \n"],
  ["```JSON\r\n", "\n```  "],
])("a fence or space around it (%j) is taken off", async (before, after) => {
  expect(await judge(`${before}${good}${after}`)).toEqual({ valid: true, document: good });
});

test.each([
  ["Sure! Here it is: {}", /not one JSON document/],
  [`${good} ${good}`, /not one JSON document/],
  ["", /not one JSON document/],
  ["{}", /required property 'action'/],
  ["[]", /must be object/],
  ["null", /must be object/],
  ['{"action": {"action_type": "DONE", "exit_code": -1}}', /at \/action/],
  ['{"action": {"action_type": "NONE"}}', /at \/action/],
])("%j does not", async (text, problem) => {
  expect(await judge(text)).toEqual({ valid: false, problem: expect.stringMatching(problem) });
});

describe("a schema is refused as INVALID_REQUEST", () => {
  test.each([
    ["that is empty", "", "is not JSON"],
    ["that is no JSON", "{type: object}", "is not JSON"],
    ["that is a list", "[]", "has to be an object"],
    ["that is a text", '"object"', "has to be an object"],
    ["that is null", "null", "has to be an object"],
    ["whose type is none", '{"type": "banana"}', "is not a schema"],
    ["whose keyword has a wrong value", '{"required": "a"}', "is not a schema"],
    ["that refers to nothing", '{"$ref": "#/$defs/None"}', "is not a schema"],
    ["that is nested without end", `${'{"not":'.repeat(20_000)}{}${"}".repeat(20_000)}`, "is not a schema"],
    ["that refers to another host", '{"$ref": "https://example.org/schema.json"}', "is not a schema"],
    ["with a pattern that is none", '{"type": "string", "pattern": "("}', "is not a schema"],
    ["that validates asynchronously", '{"$async": true, "type": "object"}', "$async"],
    ["that is huge", `{"title": "${"x".repeat(300_000)}"}`, "262144 are allowed"],
  ])("%s", async (_what, schema, problem) => {
    const error = await readResponseSchema(schema, thread, never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).code).toBe("INVALID_REQUEST");
    expect((error as ModelError).message).toContain(problem);
  });
});

test("two requests may use schemas with the same $id and different content", async () => {
  expect(await judge("1", '{"$id": "a", "type": "integer"}')).toMatchObject({ valid: true });
  expect(await judge("1", '{"$id": "a", "type": "string"}')).toMatchObject({ valid: false });
});

test("a schema that refers to itself works", async () => {
  const tree = '{"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": false}';
  expect(await judge('{"next": {"next": {}}}', tree)).toMatchObject({ valid: true });
  expect(await judge('{"next": {"next": {"x": 1}}}', tree)).toMatchObject({ valid: false });
});

test("a schema of draft 7 works", async () => {
  const schema = '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["a"]}';
  expect(await judge("{}", schema)).toMatchObject({ valid: false });
});

test("a document nested deeper than the validator can go does not satisfy, and nothing breaks", async () => {
  const tree = '{"type": "object", "properties": {"next": {"$ref": "#"}}}';
  const deep = `${'{"next":'.repeat(50_000)}{}${"}".repeat(50_000)}`;
  expect(await judge(deep, tree)).toMatchObject({ valid: false });
});

test("a document may not take a schema's required names from what every object has", async () => {
  expect(await judge("{}", '{"type": "object", "required": ["constructor", "toString"]}')).toMatchObject({
    valid: false,
  });
});

test("a fence that never ends is no trouble", async () => {
  expect(await judge(`\`\`\`${"\n".repeat(1_000_000)}x`)).toMatchObject({ valid: false });
});

describe("what would take for ever", () => {
  const impatient = new SchemaThreads(1500);
  const branch = { properties: { n: { $ref: "#" } } };
  const branching = JSON.stringify({ type: "object", anyOf: [branch, branch] });
  const deep = `${'{"n":'.repeat(60)}5${"}".repeat(60)}`;

  test("because references multiply makes the answer unfit, while others are served", async () => {
    const hostile = await readResponseSchema(doubling(40), impatient, never);
    const judging = hostile.judge("{}", never);
    const other = await readResponseSchema('{"type": "integer"}', impatient, never);
    expect(await other.judge("1", never)).toMatchObject({ valid: true });
    expect(await judging).toMatchObject({ valid: false, problem: expect.stringContaining("too long") });
  });

  test("because branches double at each depth makes the answer unfit, and not the schema", async () => {
    const schema = await readResponseSchema(branching, impatient, never);
    expect(await schema.judge(deep, never)).toMatchObject({
      valid: false,
      problem: expect.stringContaining("too long"),
    });
    expect(await schema.judge('{"n": {}}', never)).toMatchObject({ valid: true });
  });

  test("is not begun for a call that is gone", async () => {
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(readResponseSchema('{"type": "null"}', impatient, gone)).rejects.toThrow("gone");
  });

  test("lets a call that goes away leave the line at once", async () => {
    const crowded = new SchemaThreads(1500);
    const schema = await readResponseSchema(branching, crowded, never);
    const slow = [schema.judge(deep, never), schema.judge(deep, never)];
    const controller = new AbortController();
    const waiting = readResponseSchema('{"type": "null"}', crowded, controller.signal);
    controller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    expect(await Promise.race([...slow, "still running"])).toBe("still running");
    await Promise.all(slow);
  });
});
