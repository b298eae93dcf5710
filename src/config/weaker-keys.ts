import { isSecret } from "./keys.ts";
import type { Override } from "./override.ts";
import { formatPath, type Section, valueAt } from "./tree.ts";

type Path = readonly string[];

const fileSuffix = "_file";
const ownKeys = ["key", "key_file"];

/** A secret that is set to come from a file is not to be taken from elsewhere. */
function besideFile(path: Path): Path[] {
  const name = path.at(-1) ?? "";
  if (!name.endsWith(fileSuffix)) return [];
  const direct = [...path.slice(0, -1), name.slice(0, -fileSuffix.length)];
  return isSecret(direct) ? [direct] : [];
}

/**
 * What a key of a provider takes the place of: it has one of its own, or several under names.
 *
 * @param path - A key's; of any other one nothing is told.
 */
export function besideKeys([section, provider = "", name = "", ...below]: Path): Path[] {
  if (section !== "providers") return [];
  if (ownKeys.includes(name) && below.length === 0) return [["providers", provider, "keys"]];
  return name === "keys" ? ownKeys.map((own) => ["providers", provider, own]) : [];
}

/** The places at which, or below which, values are set. */
function placesOf(overrides: readonly Override[]): ReadonlySet<string> {
  return new Set(overrides.flatMap(({ path }) => path.map((_, depth) => formatPath(path.slice(0, depth + 1)))));
}

/**
 * What a weaker layer may say, and does not count beside what a stronger one sets.
 *
 * @param overrides - What the stronger one sets.
 */
export function weakerPlaces(overrides: readonly Override[]): Path[] {
  const set = placesOf(overrides);
  return overrides
    .flatMap(({ path }) => [...besideFile(path), ...besideKeys(path)])
    .filter((path) => !set.has(formatPath(path)));
}

/** Several keys that one key takes the place of. */
interface OverruledKeys {
  path: Path;
  /** What sets the one key. */
  origin: string;
}

/**
 * The several keys of providers that do not count, since a single one is set over them.
 *
 * @param content - What the weaker layer says.
 * @param overrides - As for {@link weakerPlaces}.
 */
export function overruledKeys(content: Section, overrides: readonly Override[]): OverruledKeys[] {
  const set = placesOf(overrides);
  const found = overrides.flatMap(({ path, origin }) =>
    besideKeys(path)
      .filter((each) => each.at(-1) === "keys" && valueAt(content, each) !== undefined && !set.has(formatPath(each)))
      .map((each) => ({ path: each, origin })),
  );
  return [...new Map(found.map((each) => [formatPath(each.path), each])).values()];
}
