/** A map of the configuration as it was read. */
export type Section = Record<string, unknown>;

/** Whether a value is a map. */
export function isMapping(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value at a path.
 *
 * @returns Undefined where the path ends early.
 */
export function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  let value = content;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** A name may be `__proto__`, which an assignment would take for something else. */
function define(section: Section, key: string, value: unknown): void {
  Object.defineProperty(section, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Copies maps and lists, each of them once, however much in it is changed. What is neither becomes an empty map. */
function copier(): (value: unknown) => Section {
  const copies = new Set<unknown>();
  return (value) => {
    if (copies.has(value)) return value as Section;
    const copy = (Array.isArray(value) ? [...value] : isMapping(value) ? { ...value } : {}) as Section;
    copies.add(copy);
    return copy;
  };
}

/**
 * The content with values at paths; maps above them are made where there are none. The content itself stays.
 *
 * @param content - The whole, or a section.
 * @param values - Paths and what is there then; of two for one path the later one counts.
 */
export function withValues(
  content: unknown,
  values: Iterable<readonly [path: readonly string[], value: unknown]>,
): Section {
  const copyOf = copier();
  const top = copyOf(content);
  for (const [path, value] of values) {
    let section = top;
    for (const [index, name] of path.entries()) {
      const found = valueAt(section, [name]);
      const inner = index === path.length - 1 ? value : copyOf(isMapping(found) ? found : undefined);
      define(section, name, inner);
      if (isMapping(inner)) section = inner;
    }
  }
  return top;
}

/** The content with a value at a path, as {@link withValues} gives it. */
export function withValue(content: unknown, path: readonly string[], value: unknown): Section {
  return withValues(content, [[path, value]]);
}

/**
 * The content without what is at some paths. The content itself stays.
 *
 * @param content - The whole, or a section.
 */
export function withoutValues(content: Section, paths: Iterable<readonly PropertyKey[]>): Section {
  const copyOf = copier();
  const top = copyOf(content);
  for (const path of paths) {
    const name = path.at(-1);
    const above = path.slice(0, -1);
    const holder = valueAt(top, above);
    if (name === undefined || !isMapping(holder) || !Object.hasOwn(holder, name)) continue;
    let section = top;
    for (const key of above.map(String)) {
      const inner = copyOf(valueAt(section, [key]));
      define(section, key, inner);
      section = inner;
    }
    delete section[String(name)];
  }
  return top;
}

/** The content without what is at a path, as {@link withoutValues} gives it. */
export function withoutValue(content: Section, path: readonly PropertyKey[]): Section {
  return withoutValues(content, [path]);
}

/** Characters that a reader does not see, or that a terminal obeys. */
const unseen = /[\p{Cc}\p{Cf}]|(?! )\p{Z}/gu;

/** A name as it is. */
const plainName = /^(?! )(?:[^."\p{Cc}\p{Cf}\p{Z}]| )+(?<! )$/u;

/** Text in double quotes as JSON has it, with what is not seen written out. */
export function quoteText(value: string): string {
  const writeOut = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(unseen, writeOut);
}

/**
 * A path as it is written: `server.port`. A name with a dot, a quote or nothing in it, or with what is not
 * seen, stands in quotes.
 */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map(String)
    .map((name) => (plainName.test(name) ? name : quoteText(name)))
    .join(".");
}

/**
 * Reads a path as it is written, as {@link formatPath} writes it.
 *
 * @returns Undefined when it is none.
 */
export function parsePath(text: string): string[] | undefined {
  if (!/^(?:"(?:[^"\\]|\\.)*"|[^."]+)(?:\.(?:"(?:[^"\\]|\\.)*"|[^."]+))*$/.test(text)) return undefined;
  const names = text.match(/"(?:[^"\\]|\\.)*"|[^."]+/g) ?? [];
  try {
    return names.map((name) => (name.startsWith('"') ? String(JSON.parse(name)) : name));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
