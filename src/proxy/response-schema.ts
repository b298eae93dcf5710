import { ModelError, messageOf } from "../errors.ts";
import type { JsonSchema } from "../providers/provider.ts";
import type { SchemaThreads } from "./schema-threads.ts";
import type { Verdict } from "./schema-validation.ts";

/** A schema that answers are measured against. */
export interface ResponseSchema {
  readonly schema: JsonSchema;
  /**
   * Judges a model's text. One that takes too long to judge does not satisfy.
   *
   * @param signal - Ends the waiting for it.
   */
  judge(text: string, signal: AbortSignal): Promise<Verdict>;
}

/** Longest schema that is looked at, in characters. */
const longestSchema = 256 * 1024;

/** @param quoting - What is wrong, in words that may quote the schema: for its caller, and not for the log. */
function refuse(message: string, quoting?: string): ModelError {
  const advice = "Send a JSON Schema (draft 2020-12), such as pydantic's model_json_schema() gives.";
  return new ModelError("INVALID_REQUEST", `response_model_schema ${message}`, {
    hint: quoting === undefined ? advice : `${quoting}. ${advice}`,
  });
}

function parse(text: string): JsonSchema {
  if (text.length > longestSchema) throw refuse(`has ${text.length} characters; ${longestSchema} are allowed`);
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (cause) {
    throw refuse("is not JSON", messageOf(cause));
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
 * @param threads - Where it is compiled and applied.
 * @param signal - The call's own.
 * @throws ModelError INVALID_REQUEST when it is not JSON, not a schema, or takes too long to compile.
 */
export async function readResponseSchema(
  text: string,
  threads: SchemaThreads,
  signal: AbortSignal,
): Promise<ResponseSchema> {
  const schema = parse(text);
  const refusal = await threads.measure(text, undefined, signal);
  if (refusal === "late") throw refuse("takes too long to compile");
  if (refusal && "refused" in refusal) throw refuse("is not a schema that can be used", refusal.refused);
  return {
    schema,
    async judge(answer, ending) {
      const verdict = await threads.measure(text, answer, ending);
      if (verdict && verdict !== "late" && "valid" in verdict) return verdict;
      return { valid: false, problem: "it takes too long to be checked against the schema" };
    },
  };
}
