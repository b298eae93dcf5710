/** What a configuration file says, as plain values. */
export type Content = Readonly<Record<string, unknown>>;

/** Whether a value is a map. */
export function isContent(value: unknown): value is Content {
  if (typeof value !== "object" || value === null) return false;
  // A set, a list or binary data is none.
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** The value at a path, or undefined where there is none. */
export function contentAt(content: Content, path: readonly string[]): unknown {
  let value: unknown = content;
  for (const key of path) value = isContent(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** Whether there is a value at a path, even one that is null. */
export function hasContentAt(content: Content, path: readonly string[]): boolean {
  return contentAt(content, path) !== undefined;
}

/**
 * A copy with the value at a path replaced. Maps that are not there, and what is no map on the way, become maps.
 *
 * @param path - At least one key.
 */
export function withContentAt(content: Content, path: readonly string[], value: unknown): Content {
  const [key = "", ...rest] = path;
  const below = contentAt(content, [key]);
  const inner = rest.length === 0 ? value : withContentAt(isContent(below) ? below : {}, rest, value);
  return { ...content, [key]: inner };
}

/**
 * A copy without the key at a path.
 *
 * @param path - At least one key.
 */
export function withoutContentAt(content: Content, path: readonly string[]): Content {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return Object.fromEntries(Object.entries(content).filter(([name]) => name !== key));
  const below = contentAt(content, [key]);
  return isContent(below) ? { ...content, [key]: withoutContentAt(below, rest) } : content;
}
