/** A key and those above it. */
export type Path = readonly string[];

/** Two keys that don't go together, or one that lacks another. */
export interface Contradiction {
  /** The key to look at. */
  path: Path;
  text: string;
  /** The keys that do not go together: where one of them is wrong by itself, this is no news. */
  about: readonly Path[];
}

/**
 * Makes a contradiction.
 *
 * @param path - The key to look at.
 * @param text - What is wrong and what would be right, as one sentence without a full stop.
 * @param about - The keys that do not go together; that one alone when left out.
 */
export function contradiction(path: Path, text: string, about: readonly Path[] = [path]): Contradiction {
  return { path, text, about };
}
