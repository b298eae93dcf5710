import { configurationKeys, isSecret, keyAt } from "./keys.ts";
import type { LoadedConfiguration } from "./load.ts";
import { secretLooking } from "./problems.ts";
import { isMapping, type Section, valueAt, withValues } from "./tree.ts";

/** One key of the configuration in force. */
export interface EffectiveEntry {
  path: readonly string[];
  /** Null where nothing sets it and there is no default. Secrets are masked unless they were asked for. */
  value: unknown;
  /** A flag, a variable, a place in the file, or `default`. */
  origin: string;
}

/** What is shown in a secret's place. */
export const mask = "********";

const credentialParameter = /([?&][\w-]*(?:key|token|secret|password|credential|sig|auth)[\w-]*=)[^&#]*/gi;

/** Whatever is shown of an address, its password is not, nor are parameters that stand for one. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value)) return value;
  return value.replace(/^(https?:\/\/)[^/]*@/i, `$1${mask}@`).replace(credentialParameter, `$1${mask}`);
}

/** Somebody may have put a secret where the name of its file belongs. */
function isMisplaced(path: readonly string[], value: unknown): boolean {
  if (typeof value !== "string" || !keyAt(path)?.meta.path) return false;
  return !/^(\.{0,2}|~)\//.test(value) && secretLooking.test(value);
}

/**
 * A value as it may be shown: secrets are masked.
 *
 * @param path - Where it stands.
 */
export function maskedValue(path: readonly string[], value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return isSecret(path) || isMisplaced(path, value) ? mask : withoutCredentials(value);
}

/** The paths of what an operator has named below a map: `providers.local.type`. */
function pathsBelow(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (!isMapping(value) || keyAt(path)?.kind === "list") return [path];
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? [path] : entries.flatMap(([name, inner]) => pathsBelow(inner, [...path, name]));
}

/**
 * Every key with the value in force.
 *
 * @param reveal - Whether secrets are given as they are.
 */
export function effectiveEntries(
  { configuration, originOf }: Pick<LoadedConfiguration, "configuration" | "originOf">,
  { reveal }: { reveal: boolean },
): EffectiveEntry[] {
  return configurationKeys()
    .filter(({ path }) => !path.some((name) => name.startsWith("<")))
    .flatMap(({ path, kind }) => (kind === "map" ? pathsBelow(valueAt(configuration, path), path) : [path]))
    .map((path) => ({
      path,
      value: reveal ? (valueAt(configuration, path) ?? null) : maskedValue(path, valueAt(configuration, path)),
      origin: originOf(path),
    }));
}

/** The entries at and below a path. */
export function entriesBelow(entries: readonly EffectiveEntry[], path: readonly string[]): EffectiveEntry[] {
  return entries.filter((entry) => path.every((name, index) => entry.path[index] === name));
}

/** The entries as the tree that a file would have. */
export function toTree(entries: readonly EffectiveEntry[]): Section {
  return withValues(
    {},
    entries.map(({ path, value }) => [path, value]),
  );
}

/** An entry whose value is not the default's. */
interface DifferentEntry extends EffectiveEntry {
  default: unknown;
}

/** The entries that differ from the defaults. */
export function differences(entries: readonly EffectiveEntry[]): DifferentEntry[] {
  return entries.flatMap((entry) => {
    const usual = keyAt(entry.path)?.default ?? null;
    return JSON.stringify(entry.value) === JSON.stringify(usual) ? [] : [{ ...entry, default: usual }];
  });
}
