import { z } from "zod";
import { variablesOf } from "./environment.ts";
import { anyName, configurationKeys } from "./keys.ts";
import { configurationSchema } from "./schema.ts";

/** A JSON Schema document or a part of one. */
type JsonSchema = Record<string, unknown>;

/** The types of the keys, each with what a person may want to know of it while typing. */
function remarks(): Map<unknown, string> {
  return new Map(
    configurationKeys().map((key) => {
      const { description, unit, fallback, flag } = key.meta;
      const sentences = [
        unit ? `${description}, in ${unit}` : description,
        ...(fallback ? [`Without it: ${fallback}`] : []),
        ...(flag ? [`Flag: ${flag}`] : []),
        ...(key.path.includes(anyName) ? [] : [`Variable: ${variablesOf(key)[0]}`]),
      ];
      return [key.type, `${sentences.join(". ")}.`];
    }),
  );
}

/**
 * The JSON Schema (draft 2020-12) of configuration files, from which editors complete and check.
 */
export function configurationJsonSchema(): JsonSchema {
  const remarkOf = remarks();
  const schema = z.toJSONSchema(configurationSchema, {
    io: "input",
    override({ zodSchema, jsonSchema, path }) {
      const remark = remarkOf.get(zodSchema);
      if (remark !== undefined) jsonSchema.description = remark;
      // A section whose keys are all comments holds nothing.
      const isSection = path.length > 0 && !path.includes("items");
      if (isSection && jsonSchema.type === "object") Object.assign(jsonSchema, { type: ["object", "null"] });
    },
  });
  const { $schema, ...rest } = schema;
  return { $schema, title: "Configuration of vibectl-server", ...rest };
}
