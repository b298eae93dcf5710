import { keyNames, sectionAndKeyNames, valuesOfKey } from "../../config/key-name.ts";

/** What a shell offers for a key or section. */
export const suggestSections = () => sectionAndKeyNames();

/**
 * What a shell offers behind `config set`, where keys and values take turns.
 *
 * @param given - The words before, of which the last may be the key.
 */
export function suggestPairs(given: readonly string[]): readonly string[] {
  const key = given.length % 2 === 1 ? given.at(-1) : undefined;
  return key === undefined ? keyNames() : valuesOfKey(key);
}
