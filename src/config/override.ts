/** A value from outside the file. */
export interface Override {
  /** The key and the sections above it. */
  path: readonly string[];
  value: unknown;
  /** What set it, such as `--port` or `VIBECTL_TLS_ENABLED`. */
  origin: string;
}

/**
 * What set a key, for a person: the variable that did, or the key's own name where a file did.
 *
 * @param path - The key and those above it.
 * @param originOf - Tells where its value comes from.
 */
export function settingName(path: readonly string[], originOf: (path: readonly string[]) => string): string {
  const origin = originOf(path);
  return /^[A-Z][A-Z0-9_]*$/.test(origin) ? origin : path.join(".");
}
