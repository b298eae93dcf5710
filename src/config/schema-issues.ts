import type { z } from "zod";

/** One thing that the schema complains of. */
export type Issue = z.core.$ZodIssue;

/** Where one of several types would do, what keeps the value from being the one that it looks like: a map of keys. */
function opened(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isWithin = (each: Issue) => each.path.length > 0 || each.code === "unrecognized_keys";
  const meant = issue.errors.find((each) => each.some(isWithin));
  if (!meant) return [issue];
  return meant.flatMap((each) => opened({ ...each, path: [...issue.path, ...each.path] }));
}

/**
 * What a type complains of in a value.
 *
 * @param value - As it was read.
 */
export function issuesIn(type: z.ZodType, value: unknown): Issue[] {
  return (type.safeParse(value).error?.issues ?? []).flatMap(opened);
}
