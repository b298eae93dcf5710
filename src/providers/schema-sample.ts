import { sample } from "openapi-sampler";
import type { JsonSchema } from "./provider.ts";
import { outlineOf } from "./schema-outline.ts";

/**
 * A small document that satisfies a schema, the same one every time.
 *
 * @param schema - Any JSON Schema, such as pydantic's `model_json_schema()` gives.
 * @throws ModelError INVALID_REQUEST when the schema is too large, or no finite document can satisfy it.
 */
export function sampleOf(schema: JsonSchema): unknown {
  const outline = outlineOf(schema);
  return sample(outline, { quiet: true, maxSampleDepth: Number.POSITIVE_INFINITY }, outline);
}
