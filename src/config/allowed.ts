import { z } from "zod";
import { innermost, metaOf } from "./schema/field.ts";

function describeNumber(type: z.ZodNumber): string {
  const { minValue: least, maxValue: most, format } = type;
  const kind = format === "safeint" ? "a whole number" : "a number";
  const bounded = (value: number | null) => value !== null && Number.isFinite(value) && Math.abs(value) < 2 ** 53 - 1;
  if (bounded(least) && bounded(most)) return `${kind} from ${least} to ${most}`;
  if (bounded(least)) return `${kind} from ${least} up`;
  return kind;
}

/**
 * What a key takes, as a phrase such as `a whole number from 0 to 65535`.
 *
 * @param type - Its type in the schema.
 */
export function allowedBy(type: z.ZodType): string {
  const meta = metaOf(type);
  if (meta?.allowed !== undefined) return meta.allowed;
  if (meta?.path) return "a path";
  const inner = innermost(type);
  if (inner instanceof z.ZodEnum) return `one of ${inner.options.join(", ")}`;
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodNumber) return describeNumber(inner);
  if (inner instanceof z.ZodArray)
    return inner.safeParse([]).success ? "a list of texts" : "a list of one text or more";
  if (inner instanceof z.ZodRecord) return "a map";
  if (inner instanceof z.ZodObject) return `a map of ${Object.keys(inner.shape).join(", ")}`;
  return "text";
}
