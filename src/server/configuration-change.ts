import { configurationKeys } from "../config/keys.ts";
import type { LoadedConfiguration } from "../config/load.ts";
import { formatPath, valueAt } from "../config/tree.ts";
import { effectiveEntries } from "../config/view.ts";

/** What a new configuration changes of the one in force. */
export interface ConfigurationChange {
  /** The new one, with the values in force of the keys that can't change while the server runs. */
  next: LoadedConfiguration;
  /** The names of the keys that change now. */
  applied: string[];
  /** What waits for the next start, each a sentence. */
  waiting: string[];
}

type Path = readonly string[];

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** The holder of a key that is not below a name of the operator's, and so is there. */
function put(configuration: LoadedConfiguration["configuration"], path: Path, value: unknown): void {
  const holder = valueAt(configuration, path.slice(0, -1));
  if (typeof holder === "object" && holder !== null) Object.assign(holder, { [path.at(-1) ?? ""]: value });
}

/** The names of the keys whose values differ. Secrets are compared, and not told. */
function changedKeys(before: LoadedConfiguration, after: LoadedConfiguration): string[] {
  const values = ({ configuration, originOf }: LoadedConfiguration) =>
    new Map(
      effectiveEntries({ configuration, originOf }, { reveal: true }).map(({ path, value }) => [
        formatPath(path),
        value,
      ]),
    );
  const [old, current] = [values(before), values(after)];
  const changed = [...new Set([...old.keys(), ...current.keys()])].filter(
    (name) => !same(old.get(name), current.get(name)),
  );
  // An empty map that gets its first entry, or loses its last one, is told of by that.
  return changed.filter((name) => !changed.some((other) => other.startsWith(`${name}.`)));
}

/**
 * Compares a new configuration with the one in force.
 *
 * @param before - The one in force.
 * @param after - The new one; what has to wait is taken back in it.
 */
export function compareConfigurations(before: LoadedConfiguration, after: LoadedConfiguration): ConfigurationChange {
  const waiting: string[] = [];
  for (const { path, meta } of configurationKeys()) {
    if (!meta.restart) continue;
    const [running, wanted] = [valueAt(before.configuration, path), valueAt(after.configuration, path)];
    if (same(running, wanted)) continue;
    const origin = after.originOf(path);
    waiting.push(
      `${formatPath(path)} is ${JSON.stringify(wanted ?? null)} by ${origin}, which takes effect at the next start; ${JSON.stringify(running ?? null)} stays in force`,
    );
    put(after.configuration, path, running);
  }
  return { next: after, applied: changedKeys(before, after), waiting };
}
