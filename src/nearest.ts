import { closest, distance } from "fastest-levenshtein";

/**
 * The name that was probably meant.
 *
 * @param name - What was written.
 * @param candidates - The names that there are.
 * @returns Undefined when none is near.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closest(name, candidates);
  return distance(name, best) <= Math.max(2, Math.floor(name.length / 3)) ? best : undefined;
}
