import type { ValidateFunction } from "ajv";
import type { RegExpEngine } from "ajv/dist/types/index.js";
import { LRUCache } from "lru-cache";
import type { RE2JS } from "re2js";
import { ModelError, messageOf } from "../errors.ts";
import type { JsonSchema } from "../providers/provider.ts";
import { checkSchemaCost } from "./schema-cost.ts";

/** What a text is, measured against a schema. */
export type Verdict = { valid: true; document: string } | { valid: false; problem: string };

/** A schema that answers are measured against. */
export interface ResponseSchema {
  readonly schema: JsonSchema;
  /**
   * Judges a model's text.
   *
   * @returns The JSON document alone when the text is one that satisfies the schema, with or without a Markdown fence
   *   around it; else what is wrong with it.
   */
  judge(text: string): Verdict;
}

/** Longest schema that is looked at, in characters. */
const longestSchema = 256 * 1024;

const compiled = new LRUCache<string, ResponseSchema>({ max: 64 });

function refuse(message: string, cause?: unknown): ModelError {
  return new ModelError("INVALID_REQUEST", `response_model_schema ${message}`, {
    hint: "Send a JSON Schema (draft 2020-12), such as pydantic's model_json_schema() gives.",
    cause,
  });
}

function parse(text: string): JsonSchema {
  if (text.length > longestSchema) throw refuse(`has ${text.length} characters; ${longestSchema} are allowed`);
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    throw refuse("is not JSON", cause);
  }
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw refuse("is JSON, but no schema: it has to be an object");
  }
  // A schema that validates asynchronously would make every document look valid here.
  if ("$async" in schema) throw refuse("has the keyword $async, which no JSON Schema has");
  return schema as JsonSchema;
}

/** A caller's pattern must not be able to hold everybody up: RE2 takes time in proportion to the text. */
function linearRegExp({ compile, translateRegExp }: typeof RE2JS): RegExpEngine {
  return Object.assign((pattern: string) => compile(translateRegExp(pattern)), { code: "re2js" });
}

async function compile(schema: JsonSchema): Promise<ValidateFunction> {
  const draft7 = /draft-0[67]/.test(String(schema.$schema));
  const [{ default: Ajv }, { default: addFormats }, { RE2JS }] = await Promise.all([
    draft7 ? import("ajv") : import("ajv/dist/2020.js"),
    import("ajv-formats"),
    import("re2js"),
  ]);
  const ajv = new Ajv({ strict: false, logger: false, code: { regExp: linearRegExp(RE2JS) } });
  addFormats(ajv);
  try {
    checkSchemaCost(schema);
    return ajv.compile(schema);
  } catch (cause) {
    throw refuse(`is not a schema: ${messageOf(cause).slice(0, 300)}`, cause);
  }
}

function unfence(text: string): string {
  const trimmed = text.trim();
  return /^```[a-z]*\s*\n([\s\S]*?)\n?\s*```$/i.exec(trimmed)?.[1]?.trim() ?? trimmed;
}

/**
 * Reads the schema of a request.
 *
 * @param text - A JSON Schema as JSON text.
 * @throws ModelError INVALID_REQUEST when it is not JSON or not a schema.
 */
export async function readResponseSchema(text: string): Promise<ResponseSchema> {
  const known = compiled.get(text);
  if (known) return known;
  const schema = parse(text);
  const validate = await compile(schema);
  const judged: ResponseSchema = {
    schema,
    judge(answer) {
      const document = unfence(answer);
      let valid: boolean;
      try {
        valid = validate(JSON.parse(document));
      } catch (error) {
        // Both the parser and the validator go as deep as the document does.
        const problem = error instanceof RangeError ? "it is nested too deeply" : messageOf(error);
        return { valid: false, problem: `it is not one JSON document: ${problem}` };
      }
      if (valid) return { valid: true, document };
      const [first] = validate.errors ?? [];
      return {
        valid: false,
        problem: `at ${first?.instancePath || "its root"} it ${first?.message ?? "does not fit"}`,
      };
    },
  };
  compiled.set(text, judged);
  return judged;
}
