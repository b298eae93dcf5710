import { z } from "zod";
import { UsageError } from "../errors.ts";
import { nearestName } from "../nearest.ts";
import { anyName, configurationKeys, isMapOfNames, isSection, keyAt, namesBelow, typeAt } from "./keys.ts";
import { secretLooking, showPath } from "./problems.ts";
import { currentSpelling } from "./python-spellings.ts";
import { innermost } from "./schema/field.ts";
import { formatPath, parsePath } from "./tree.ts";

type Path = readonly string[];

/** Whether a path leads to a key or section: what a list holds are no keys. */
function isKnown(path: Path): boolean {
  return typeAt(path) !== undefined && !path.some((_, depth) => keyAt(path.slice(0, depth))?.kind === "list");
}

/** How many names of a path lead somewhere. */
function knownDepth(path: Path): number {
  return path.findLastIndex((_, index) => isKnown(path.slice(0, index + 1))) + 1;
}

/** The path where names that have dots in them are taken as one, if it leads somewhere then. */
function withOneName(path: Path): Path | undefined {
  const map = path.findIndex((_, index) => isMapOfNames(path.slice(0, index + 1))) + 1;
  if (map === 0) return undefined;
  for (let end = map + 2; end <= path.length; end++) {
    const joined = [...path.slice(0, map), path.slice(map, end).join("."), ...path.slice(end)];
    if (isKnown(joined)) return joined;
  }
  return undefined;
}

function nearKnown(name: string): string | undefined {
  const known = configurationKeys().map(({ path }) => formatPath(path));
  const sections = known.map((each) => each.split(".").slice(0, -1).join("."));
  return nearestName(name, [...known, ...sections.filter((section) => section !== "")]);
}

/** The keys that end in a name whose sections were left out. */
function keysEndingIn(name: string): string[] {
  return keyNames().filter((known) => known.endsWith(`.${name}`));
}

/** The key of a section that is nearly, or in part, called so. */
function nearBelow(section: Path, name: string): string | undefined {
  const known = namesBelow(section);
  return nearestName(name, known) ?? known.find((each) => each.startsWith(`${name}_`) || each.endsWith(`_${name}`));
}

/** What was probably meant. */
function suggestion(name: string): string | undefined {
  const whole = keysEndingIn(name);
  if (whole.length > 0) return whole.join(" or ");
  const path = parsePath(name) ?? [];
  const depth = knownDepth(path);
  const above = path.slice(0, depth);
  const near = nearBelow(above, path[depth] ?? "");
  if (depth > 0 && near !== undefined) return showPath([...above, near, ...path.slice(depth + 1)]);
  const joined = withOneName(path);
  return joined ? showPath(joined) : nearKnown(name);
}

function unknown(name: string): never {
  const meant = suggestion(name);
  // Behind a key's name, or in place of it, a secret may have been typed.
  const isSecret = name.split(".").some((part) => secretLooking.test(part));
  const shown = isSecret ? "of that name" : JSON.stringify(name.slice(0, 100));
  throw new UsageError(`There is no configuration key ${shown}`, {
    hint: meant ? `Did you mean ${meant}?` : "`vibectl-server config show` lists all of them.",
  });
}

/** Below a map of names with plain values, all that follows is one name: `model_aliases.claude-3.7-sonnet`. */
function joinPlainName(name: string, path: Path): Path {
  const map = path.slice(0, knownDepth(path) - 1);
  if (name.includes('"') || !isMapOfNames(map)) return path;
  const joined = [...map, path.slice(map.length).join(".")];
  const type = typeAt(joined);
  return type && !isSection(type) ? joined : path;
}

/**
 * The path of a key or section, by its name: `server.port`, `providers.local`, `server.limits.per_token."ci.bot"`. The
 * Python server's spellings are understood.
 *
 * @throws UsageError with what was probably meant when there is none.
 */
export function findPath(name: string): Path {
  const written = parsePath(name) ?? [];
  const path = currentSpelling(isKnown(written) ? written : joinPlainName(name, written));
  return path.length > 0 && isKnown(path) ? path : unknown(name);
}

/** Whether a path leads to a section, or to a map of the operator's own names. */
export function leadsToSection(path: Path): boolean {
  const type = typeAt(path);
  return type !== undefined && isSection(type);
}

/** Whether a path ends in a name of the operator's own, such as `providers.local`. */
export function isOwnName(path: Path): boolean {
  return path.length > 0 && isMapOfNames(path.slice(0, -1));
}

/** The names of all keys that have one of their own, as {@link findPath} takes them. */
export function keyNames(): string[] {
  return configurationKeys()
    .filter(({ path }) => !path.includes(anyName))
    .map(({ path }) => formatPath(path));
}

/** The names of all sections, and of the keys in them. */
export function sectionAndKeyNames(): string[] {
  const keys = keyNames();
  const sections = keys.flatMap((name) => name.split(".").map((_, end, parts) => parts.slice(0, end).join(".")));
  return [...new Set([...sections, ...keys])].filter((name) => name !== "");
}

/** The words that a key can hold, where they are few: `true` and `false`, or the choices that there are. */
export function valuesOfKey(name: string): string[] {
  const type = typeAt(currentSpelling(parsePath(name) ?? []));
  const inner = type && innermost(type);
  if (inner instanceof z.ZodBoolean) return ["true", "false"];
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}
