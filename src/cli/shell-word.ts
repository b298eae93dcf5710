/**
 * A word of a command to paste, quoted where a shell would take it apart.
 *
 * @param word - The word as the program should see it.
 */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
