import type { ConfigurationDocument } from "./document.ts";
import { readEnvironment } from "./environment.ts";
import { normalise } from "./normalise.ts";
import type { Override } from "./override.ts";
import type { Environment } from "./paths.ts";
import { type Problem, showPath } from "./problems.ts";
import { providerFallbacks } from "./provider-environment.ts";
import { translatePythonSpellings } from "./python-spellings.ts";
import { formatPath, isMapping, type Section, valueAt, withoutValues, withValues } from "./tree.ts";
import { overruledKeys, weakerPlaces } from "./weaker-keys.ts";

/** What the file, the environment and the flags say together, not yet validated. */
export interface Layered {
  content: Section;
  problems: Problem[];
  warnings: Problem[];
  /** About the environment, which has no places. */
  notes: string[];
  /** Where a key's value comes from: a flag, a variable, a place in the file, or `default`. */
  originOf(path: readonly string[]): string;
}

function apply(content: Section, overrides: readonly Override[]): Section {
  const set = new Set(overrides.map(({ path }) => formatPath(path)));
  const cleared = withoutValues(content, weakerPlaces(overrides));
  // What should be a map and is none is left for the schema to complain of.
  const isOpen = (section: readonly string[]) => {
    const above = valueAt(cleared, section);
    return above === undefined || above === null || isMapping(above) || set.has(formatPath(section));
  };
  const possible = overrides.filter(({ path }) => path.every((_, depth) => isOpen(path.slice(0, depth))));
  return withValues(
    cleared,
    possible.map(({ path, value }) => [path, value]),
  );
}

/** What is needed to tell where values come from. */
interface Sources {
  document: ConfigurationDocument | undefined;
  /** What the file says, in this server's own spelling. */
  inFile: Section;
  /** What is in force. */
  content: Section;
  /** Where the values come from that are not the file's, or that it has under old names; by path. */
  origins: ReadonlyMap<string, string>;
}

/** Where a key's value comes from, as {@link Layered} tells it. */
function originIn({ document, inFile, content, origins }: Sources, path: readonly string[]): string {
  for (let depth = path.length; depth > 0; depth--) {
    const known = origins.get(formatPath(path.slice(0, depth)));
    if (known !== undefined) return known;
    // A value of the file's own stands nearer than what a variable says of a section around it.
    if (valueAt(inFile, path.slice(0, depth)) !== undefined) break;
  }
  // A secret of the file's is not in force where a variable names a file for it.
  const isInForce = valueAt(inFile, path) !== undefined && valueAt(content, path) !== undefined;
  if (document && isInForce) return document.locate(path);
  const below = `${formatPath(path)}.`;
  return [...origins].find(([name]) => name.startsWith(below))?.[1] ?? "default";
}

/**
 * Lays flags over the environment over the file.
 *
 * @param document - The file, if there is one.
 * @param flags - What the command line sets.
 */
export function layer(
  document: ConfigurationDocument | undefined,
  environment: Environment,
  flags: readonly Override[],
): Layered {
  const translation = document && translatePythonSpellings(document);
  const inFile = translation?.content ?? {};
  const read = readEnvironment(environment, inFile);
  const set = apply(apply(inFile, read.overrides), flags);
  const fallbacks = providerFallbacks(environment, set);
  const content = apply(set, fallbacks);

  const origins = new Map(translation?.places);
  for (const { path, origin } of [...read.overrides, ...flags, ...fallbacks]) origins.set(formatPath(path), origin);
  const originOf = (path: readonly string[]) => originIn({ document, inFile, content, origins }, path);
  const normalised = normalise(content, originOf);
  const overruled = overruledKeys(inFile, [...read.overrides, ...flags]).map(({ path, origin }) => ({
    place: document?.locate(path) ?? origin,
    text: `${showPath(path)} has no effect while ${origin} is set`,
  }));
  return {
    content: normalised.content,
    problems: [...(document?.problems ?? []), ...(translation?.problems ?? []), ...read.problems],
    warnings: [...(translation?.warnings ?? []), ...normalised.warnings, ...overruled],
    notes: read.warnings,
    originOf,
  };
}
