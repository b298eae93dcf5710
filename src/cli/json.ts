import type { ArgsDef } from "citty";
import { visibleText } from "../observe/visible-text.ts";

/** Asks for JSON instead of text. */
export const jsonArg = { json: { type: "boolean", description: "Print JSON" } } satisfies ArgsDef;

/**
 * A document of JSON, indented: dates in ISO 8601, what is not there null. A character that can't be seen is in a string,
 * where it is written as `\\u001b`.
 *
 * @param value - Keys in snake_case, as the configuration has them.
 */
export function formatJson(value: unknown): string {
  const nothing = (_: string, each: unknown) => (each === undefined ? null : each);
  return visibleText(JSON.stringify(value, nothing, 2), "\n");
}
