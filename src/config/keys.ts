import { z } from "zod";
import { type FieldMeta, innermost, metaOf } from "./schema/field.ts";
import { configurationSchema } from "./schema.ts";
import { isMapping } from "./tree.ts";

/** Stands in a key's path for a name that the operator chooses. */
export const anyName = "<name>";

/** What the value of a key is, for whoever reads it from text. */
type ValueKind = "text" | "boolean" | "number" | "choice" | "list" | "map";

/** One key of the configuration. */
export interface ConfigurationKey {
  /** The key and the sections above it; {@link anyName} where the operator chooses. */
  path: readonly string[];
  type: z.ZodType;
  kind: ValueKind;
  meta: FieldMeta;
  /** What holds when nothing sets it; undefined where nothing does. */
  default: unknown;
}

function kindOf(type: z.ZodType): ValueKind {
  const inner = innermost(type);
  if (inner instanceof z.ZodBoolean) return "boolean";
  if (inner instanceof z.ZodNumber) return "number";
  if (inner instanceof z.ZodEnum) return "choice";
  if (inner instanceof z.ZodArray) return "list";
  return inner instanceof z.ZodRecord ? "map" : "text";
}

function toKey(path: readonly string[], type: z.ZodType): ConfigurationKey {
  const meta = metaOf(type) ?? { description: "" };
  return { path, type, kind: kindOf(type), meta, default: type.safeParse(undefined).data };
}

function collect(type: z.ZodType, path: readonly string[]): ConfigurationKey[] {
  const inner = innermost(type);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([name, each]) => collect(each as z.ZodType, [...path, name]));
  }
  const own = toKey(path, type);
  if (!(inner instanceof z.ZodRecord)) return [own];
  const element = inner.valueType as z.ZodType;
  return innermost(element) instanceof z.ZodObject ? [own, ...collect(element, [...path, anyName])] : [own];
}

/** Every key, in the order of the schema; a map is followed by the keys of its entries. */
export function configurationKeys(): ConfigurationKey[] {
  return collect(configurationSchema, []);
}

/** The type whose keys a path goes on with: where a text may stand for a map, that of the map. */
function holderOf(type: z.ZodType): z.ZodType {
  const inner = innermost(type);
  if (!(inner instanceof z.ZodUnion)) return inner;
  return inner.options.map((option) => innermost(option as z.ZodType)).find(isMapType) ?? inner;
}

function isMapType(type: z.ZodType): boolean {
  return type instanceof z.ZodObject || type instanceof z.ZodRecord;
}

/**
 * The type that a path leads to.
 *
 * @param path - Keys from the top, with the operator's own names in their places.
 * @returns Undefined where there is no such key.
 */
export function typeAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  let type: z.ZodType | undefined = configurationSchema;
  for (const name of path) {
    const inner: z.ZodType = holderOf(type);
    if (inner instanceof z.ZodObject) {
      const shape = inner.shape as Record<PropertyKey, z.ZodType>;
      type = Object.hasOwn(shape, name) ? shape[name] : undefined;
    } else if (inner instanceof z.ZodRecord) type = inner.valueType as z.ZodType;
    else type = inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
    if (type === undefined) return undefined;
  }
  return type;
}

/** Whether a type is a section: what it holds are keys, or names with values below. */
export function isSection(type: z.ZodType): boolean {
  return isMapType(innermost(type));
}

/** Whether a path leads to a map of the operator's own names, such as `providers`. */
export function isMapOfNames(path: readonly PropertyKey[]): boolean {
  const type = typeAt(path);
  return type !== undefined && innermost(type) instanceof z.ZodRecord;
}

/**
 * The key that a path leads to.
 *
 * @param path - As for {@link typeAt}.
 * @returns Undefined where there is none, or a section that has keys of its own.
 */
export function keyAt(path: readonly string[]): ConfigurationKey | undefined {
  const type = typeAt(path);
  return type === undefined || innermost(type) instanceof z.ZodObject ? undefined : toKey(path, type);
}

/** The names that are valid below a path; none where the operator chooses them. */
export function namesBelow(path: readonly PropertyKey[]): string[] {
  const type = typeAt(path);
  const inner = type && holderOf(type);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Whether the value at a path is a secret. */
export function isSecret(path: readonly PropertyKey[]): boolean {
  const type = typeAt(path);
  return type !== undefined && metaOf(type)?.secret === true;
}

/**
 * The paths of the secrets that a value holds.
 *
 * @param value - What stands at the path: the whole file, a section or a value.
 */
export function secretsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (isSecret(path)) return typeof value === "string" ? [path] : [];
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => secretsIn(inner, [...path, name]));
}
