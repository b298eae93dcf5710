import { z } from "zod";

/** What is known of a key beside its type. */
export interface FieldMeta {
  /** What it is, as a phrase without a full stop. */
  description: string;
  /** What its number counts, such as `seconds`. */
  unit?: string;
  /** What it takes, where its type alone does not say it. */
  allowed?: string;
  /** What null or nothing stands for. */
  fallback?: string;
  /** Environment variables that set it beside `VIBECTL_SERVER_<PATH>`, the preferred one first. */
  variables?: readonly string[];
  /** A variable of old that still sets it. */
  oldVariable?: string;
  /** The flag of `serve` that sets it. */
  flag?: string;
  /** Whether its value is a secret, which is masked wherever it is shown. */
  secret?: true;
  /** Whether it names a file or folder, whose `~/` is the home folder. */
  path?: true;
  /** Whether a change takes effect at the next start only. */
  restart?: true;
}

const fields = z.registry<FieldMeta>();

/**
 * Describes a key once, for its validation and for everything that is printed about it.
 *
 * @param type - Its type; a copy of it is returned.
 */
export function field<T extends z.ZodType>(type: T, meta: FieldMeta): T {
  const described = type.describe(meta.description);
  fields.add(described, meta);
  return described;
}

/** What {@link field} was told of a type. */
export function metaOf(type: z.ZodType): FieldMeta | undefined {
  return fields.get(type);
}

/** The type inside defaults and optionality. */
export function innermost(type: z.ZodType): z.ZodType {
  let inner = type;
  while ("innerType" in inner.def) inner = inner.def.innerType as z.ZodType;
  return inner;
}

/** Text that says something. */
export const text = () => z.string().min(1);

/** Text, or nothing. */
export const optionalText = () => text().nullish();

/** A path, or nothing. Of more than one line is what belongs into the file, such as a private key. */
export const optionalPath = () =>
  text()
    .regex(/^[^\n\r\0]*$/)
    .nullish();

/** A name that the operator chooses, and that variables, the log and the metrics have to hold. */
export const namePattern = /^[a-z0-9][a-z0-9_-]*$/;

/** What such a name is made of. */
export const nameLetters = 'lower-case letters, digits, "-" and "_"';
