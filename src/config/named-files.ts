import { configurationKeys } from "./keys.ts";
import { type Environment, expandHome } from "./paths.ts";
import type { Configuration } from "./schema.ts";
import { isMapping, type Section, valueAt } from "./tree.ts";

/** A place of the configuration that names a file or folder. */
interface NamedPlace {
  holder: Section;
  name: string;
  path: string;
}

function namedPlaces(configuration: Configuration): NamedPlace[] {
  return configurationKeys().flatMap(({ path, meta }) => {
    const name = path.at(-1) ?? "";
    if (!meta.path) return [];
    const holders: unknown[] =
      path[0] === "providers" ? Object.values(configuration.providers) : [valueAt(configuration, path.slice(0, -1))];
    return holders.flatMap((holder) => {
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
