/** How the API keys of known makers begin. */
const vendorKey = /(?<![a-z])(sk|pk|gh[opusr]|xox[a-z]|AIza|AKIA)[-_]?[\w-]{16,}/g;

/**
 * A word of a command line in quotes, for a message. A token or an API key in it is left out: a token may stand in a
 * `vibectl-server://` URL, and messages end up in the logs of others.
 *
 * @param word - As it was given.
 */
export function quoteWord(word: string): string {
  const safe = word
    .replace(/:\/\/.*@/s, "://…@")
    .replace(/eyJ[\w-]*(\.[\w-]*)+/g, "…")
    .replace(vendorKey, "…");
  return JSON.stringify(safe);
}
