import { ModelError } from "../errors.ts";
import type { JsonSchema } from "../providers/provider.ts";
import type { SchemaThread } from "./schema-thread.ts";
import type { Verdict } from "./schema-validation.ts";

/** A schema that answers are measured against. */
export interface ResponseSchema {
  readonly schema: JsonSchema;
  /**
   * Judges a model's text.
   *
   * @throws ModelError INVALID_REQUEST when judging it takes too long.
   */
  judge(text: string): Promise<Verdict>;
}

/** Longest schema that is looked at, in characters. */
const longestSchema = 256 * 1024;

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
  // A schema that validates asynchronously would make every document look valid.
  if ("$async" in schema) throw refuse("has the keyword $async, which no JSON Schema has");
  return schema as JsonSchema;
}

/**
 * Reads the schema of a request.
 *
 * @param text - A JSON Schema as JSON text.
 * @param thread - Where it is compiled and applied.
 * @throws ModelError INVALID_REQUEST when it is not JSON, not a schema, or can't be checked in time.
 */
export async function readResponseSchema(text: string, thread: SchemaThread): Promise<ResponseSchema> {
  const schema = parse(text);
  const refusal = await thread.measure(text);
  if (refusal && "refused" in refusal) throw refuse(`is not a schema that can be used: ${refusal.refused}`);
  return {
    schema,
    async judge(answer) {
      const verdict = await thread.measure(text, answer);
      if (verdict === undefined || "refused" in verdict) {
        throw refuse(`can't be applied to the answer: ${verdict?.refused ?? "nothing came of it"}`);
      }
      return verdict;
    },
  };
}
