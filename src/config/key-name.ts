import { UsageError } from "../errors.ts";
import { nearestName } from "../nearest.ts";
import { configurationKeys, isSection, typeAt } from "./keys.ts";
import { secretLooking } from "./problems.ts";
import { currentSpelling } from "./python-spellings.ts";
import { formatPath, parsePath } from "./tree.ts";

function unknown(name: string): never {
  const known = configurationKeys().map(({ path }) => formatPath(path));
  const sections = known.map((each) => each.split(".").slice(0, -1).join("."));
  const close = nearestName(name, [...known, ...sections.filter((section) => section !== "")]);
  // Behind a key's name, or in place of it, a secret may have been typed.
  const isSecret = name.split(".").some((part) => secretLooking.test(part));
  const shown = isSecret ? "of that name" : JSON.stringify(name.slice(0, 100));
  throw new UsageError(`There is no configuration key ${shown}`, {
    hint: close ? `Did you mean ${close}?` : "`vibectl-server config show` lists all of them.",
  });
}

/**
 * The path of a key or section, by its name: `server.port`, `providers.local`, `server.limits.per_token."ci.bot"`. The
 * Python server's spellings are understood.
 *
 * @throws UsageError with the nearest name when there is none.
 */
export function findPath(name: string): readonly string[] {
  const path = currentSpelling(parsePath(name) ?? []);
  return path.length > 0 && typeAt(path) ? path : unknown(name);
}

/** Whether a path leads to a section, or to a map of the operator's own names. */
export function leadsToSection(path: readonly string[]): boolean {
  const type = typeAt(path);
  return type !== undefined && isSection(type);
}
