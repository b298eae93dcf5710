/**
 * A peer's text as it can be shown on a terminal: without control and format characters, and cut where it is long.
 *
 * @param longest - In characters.
 */
export function printable(text: string, longest = 500): string {
  const shown = text
    .replace(/\s+/gu, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "")
    .trim();
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

/** A number with its noun: `1 model`, `3 models`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
