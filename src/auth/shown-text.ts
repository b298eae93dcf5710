const longestShown = 40;

/**
 * A text of somebody else's between quotation marks, fit for a line of the log: shortened, and with every character written
 * as a code that can't be seen or moves others.
 *
 * @param text - Any text, perhaps hostile.
 */
export function shown(text: string): string {
  const characters = [...text.slice(0, longestShown * 2)].slice(0, longestShown);
  const visible = characters.map((character) =>
    /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character) && !/^[\p{Default_Ignorable_Code_Point}"\\]$/u.test(character)
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return `"${visible.join("")}${text.length > characters.join("").length ? "…" : ""}"`;
}

/**
 * A value of somebody else's, as shown() does it; of anything but a text or a number only its kind is told.
 *
 * @param value - What JSON.parse gave.
 */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return shown(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : "an object";
}
