import { anyName, configurationKeys } from "./keys.ts";
import { type Environment, expandHome } from "./paths.ts";
import type { Configuration } from "./schema.ts";
import { isMapping, type Section, valueAt } from "./tree.ts";

/** A place of the configuration that names a file or folder. */
interface NamedPlace {
  holder: Section;
  name: string;
  path: string;
}

/** What stands at a key's path, once for each name that the operator has chosen. */
function holdersAt(value: unknown, [name, ...below]: readonly string[]): unknown[] {
  if (name === undefined) return [value];
  if (name !== anyName) return holdersAt(valueAt(value, [name]), below);
  return isMapping(value) ? Object.values(value).flatMap((each) => holdersAt(each, below)) : [];
}

function namedPlaces(configuration: Configuration): NamedPlace[] {
  return configurationKeys().flatMap(({ path, meta }) => {
    const name = path.at(-1) ?? "";
    if (!meta.path) return [];
    return holdersAt(configuration, path.slice(0, -1)).flatMap((holder) => {
      const value = isMapping(holder) ? holder[name] : undefined;
      return isMapping(holder) && typeof value === "string" ? [{ holder, name, path: value }] : [];
    });
  });
}

/** Expands `~/` in every path of the configuration, in place. */
export function expandPaths(configuration: Configuration, environment: Environment): void {
  for (const { holder, name, path } of namedPlaces(configuration)) holder[name] = expandHome(path, environment);
}

/** Every file and folder that a configuration names. */
export function namedFiles(configuration: Configuration): string[] {
  return namedPlaces(configuration).map(({ path }) => path);
}
