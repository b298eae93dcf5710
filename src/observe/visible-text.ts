/** Characters that move a terminal's cursor, hide text or turn its direction. */
const invisible = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Text of somebody else's, fit for a line of a log or a terminal: what can't be seen is written as `\\u001b`.
 *
 * @param text - Any text.
 * @param keep - Characters to leave as they are.
 */
export function visibleText(text: string, keep = ""): string {
  return text.replace(invisible, (character) =>
    keep.includes(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
