import { ModelError } from "../errors.ts";
import { matching } from "./pattern-sample.ts";
import type { JsonSchema } from "./provider.ts";

/** Most schemas inside one schema that are looked at, and most characters that one string may need. */
const budget = 10_000;

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Walks one schema; see {@link outlineOf}. */
class Outliner {
  #left = budget;
  /** References that are being followed. */
  readonly #open = new Set<string>();

  constructor(private readonly root: JsonSchema) {}

  /** Undefined when no finite document can satisfy the schema. */
  reduce(schema: unknown): JsonSchema | undefined {
    if (!isSchema(schema)) return schema === false ? undefined : {};
    this.#spend(1);
    if (typeof schema.$ref === "string") return this.#follow(schema.$ref, schema);
    for (const keyword of ["const", "enum"]) if (keyword in schema) return { [keyword]: schema[keyword] };
    const branches = schema.anyOf ?? schema.oneOf;
    if (Array.isArray(branches)) return this.#choose(schema, branches);
    if (Array.isArray(schema.allOf)) return this.#join(schema, schema.allOf);
    if (Array.isArray(schema.type)) return this.#chooseType(schema, schema.type);
    if (isSchema(schema.properties) || schema.type === "object") return this.#reduceObject(schema);
    if (schema.type === "array" || "items" in schema) return this.#reduceArray(schema);
    return schema.type === "string" ? this.#reduceString(schema) : schema;
  }

  #spend(amount: number): void {
    this.#left -= amount;
    if (this.#left >= 0) return;
    throw new ModelError("INVALID_REQUEST", "The schema is too large for the model echo", {
      hint: "Send a smaller schema, or ask another model.",
    });
  }

  #follow(reference: string, { $ref: _, ...rest }: JsonSchema): JsonSchema | undefined {
    if (this.#open.has(reference)) return undefined;
    this.#open.add(reference);
    try {
      const target = this.#resolve(reference);
      return this.reduce(isSchema(target) ? { ...target, ...rest } : target);
    } finally {
      this.#open.delete(reference);
    }
  }

  /** Follows a JSON Pointer (RFC 6901) from the root. */
  #resolve(reference: string): unknown {
    if (reference !== "#" && !reference.startsWith("#/")) return {};
    const steps = reference.split("/").slice(1);
    return steps.reduce<unknown>((at, step) => {
      const name = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
      return isSchema(at) && Object.hasOwn(at, name) ? at[name] : undefined;
    }, this.root);
  }

  /** Null is the smallest document of all; otherwise the first branch that can be satisfied. */
  #choose({ anyOf, oneOf, ...rest }: JsonSchema, branches: readonly unknown[]): JsonSchema | undefined {
    const nothing = branches.find((branch) => isSchema(branch) && branch.type === "null");
    if (nothing) return { const: null };
    for (const branch of branches) {
      const reduced = this.reduce(isSchema(branch) ? { ...rest, ...branch } : branch);
      if (reduced) return reduced;
    }
    return undefined;
  }

  #chooseType(schema: JsonSchema, types: readonly unknown[]): JsonSchema | undefined {
    return types.includes("null") ? { const: null } : this.reduce({ ...schema, type: types[0] });
  }

  #join({ allOf, ...rest }: JsonSchema, parts: readonly unknown[]): JsonSchema | undefined {
    const reduced = [rest, ...parts].map((part) => this.reduce(part));
    return reduced.every((part) => part !== undefined) ? { allOf: reduced } : undefined;
  }

  /** Only what is required, and constants: they tell the members of a union from each other. */
  #reduceObject({ properties, additionalProperties, propertyNames, ...rest }: JsonSchema): JsonSchema | undefined {
    const required = new Set(Array.isArray(rest.required) ? rest.required : []);
    const reduced: Record<string, JsonSchema> = {};
    for (const [name, property] of Object.entries(isSchema(properties) ? properties : {})) {
      if (!required.has(name) && !(isSchema(property) && "const" in property)) continue;
      const value = this.reduce(property);
      if (!value) return undefined;
      reduced[name] = value;
    }
    return { ...rest, type: "object", properties: reduced };
  }

  #reduceArray({ items, prefixItems, ...rest }: JsonSchema): JsonSchema | undefined {
    const fixed = Array.isArray(prefixItems) ? prefixItems : [];
    const least = Math.max(Number(rest.minItems ?? 0), fixed.length);
    if (!(least > 0)) return { const: [] };
    this.#spend(least);
    const reduced = Array.from({ length: least }, (_, index) => this.reduce(fixed[index] ?? items ?? {}));
    return reduced.every((item) => item !== undefined)
      ? { type: "array", prefixItems: reduced, minItems: least, maxItems: least }
      : undefined;
  }

  #reduceString(schema: JsonSchema): JsonSchema {
    this.#spend(Number(schema.minLength ?? 0));
    const text = typeof schema.pattern === "string" ? matching(schema.pattern, schema) : undefined;
    return text === undefined ? schema : { const: text };
  }
}

/**
 * Reduces a schema to what a small document needs: no references, one branch of every choice, required properties
 * alone. What satisfies the outline satisfies the schema.
 *
 * @param schema - Any JSON Schema.
 * @throws ModelError INVALID_REQUEST when the schema is too large, or no finite document can satisfy it.
 */
export function outlineOf(schema: JsonSchema): JsonSchema {
  const outline = new Outliner(schema).reduce(schema);
  if (outline) return outline;
  throw new ModelError("INVALID_REQUEST", "No finite document satisfies the schema", {
    hint: "Make one of the properties that lead back to themselves optional.",
  });
}
