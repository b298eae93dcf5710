import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCodeOf } from "../../errors.ts";

/** What is there of a path. */
export interface NearestPath {
  /** The path itself, or the first above it that exists. */
  path: string;
  stats: Stats;
}

/**
 * Finds what exists of a path, without making anything.
 *
 * @throws What the system says where even the root can't be looked at.
 */
export async function nearestExisting(wanted: string): Promise<NearestPath> {
  for (let path = resolve(wanted); ; path = dirname(path)) {
    try {
      return { path, stats: await stat(path) };
    } catch (error) {
      const absent = ["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "");
      if (!absent || path === dirname(path)) throw error;
    }
  }
}
