import type { ValidateFunction } from "ajv";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { LRUCache } from "lru-cache";
import { messageOf } from "../errors.ts";
import type { JsonSchema } from "../providers/provider.ts";

/** What a text is, measured against a schema. */
export type Verdict = { valid: true; document: string } | { valid: false; problem: string };

/** A schema that can't be used, with what is wrong with it. */
export interface Refusal {
  refused: string;
}

function explain(error: unknown): string {
  return error instanceof RangeError ? "it is nested too deeply" : messageOf(error).slice(0, 300);
}

function compile(text: string): ValidateFunction | Refusal {
  try {
    const schema = JSON.parse(text) as JsonSchema;
    const options = { strict: false, logger: false, ownProperties: true } as const;
    const ajv = /draft-0[67]/.test(String(schema.$schema)) ? new Ajv(options) : new Ajv2020(options);
    addFormats(ajv);
    return ajv.compile(schema);
  } catch (error) {
    return { refused: explain(error) };
  }
}

/** Takes a Markdown fence off. By hand: a pattern over a model's text could take for ever. */
function unfence(text: string): string {
  const trimmed = text.trim();
  const begin = trimmed.indexOf("\n");
  if (!trimmed.startsWith("```") || !trimmed.endsWith("```") || begin < 0) return trimmed;
  return trimmed.slice(begin, -3).trim();
}

function judge(validate: ValidateFunction, text: string): Verdict {
  const document = unfence(text);
  try {
    if (validate(JSON.parse(document))) return { valid: true, document };
  } catch (error) {
    return { valid: false, problem: `it is not one JSON document: ${explain(error)}` };
  }
  const [first] = validate.errors ?? [];
  return { valid: false, problem: `at ${first?.instancePath || "its root"} it ${first?.message ?? "does not fit"}` };
}

/** Compiles schemas, keeps the latest, and measures texts against them. */
export class SchemaValidation {
  readonly #compiled = new LRUCache<string, ValidateFunction | Refusal>({ max: 64 });

  /**
   * Measures a text.
   *
   * @param schema - A JSON Schema as text.
   * @param text - A model's answer; undefined to look at the schema alone.
   * @returns The JSON document alone when the text is one that satisfies the schema, with or without a Markdown fence
   *   around it; else what is wrong with the text or with the schema. Undefined when only the schema was looked at and
   *   is good.
   */
  measure(schema: string, text: string | undefined): Verdict | Refusal | undefined {
    const known = this.#compiled.get(schema) ?? compile(schema);
    this.#compiled.set(schema, known);
    if ("refused" in known) return known;
    return text === undefined ? undefined : judge(known, text);
  }
}
