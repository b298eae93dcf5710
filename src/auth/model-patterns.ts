const longestPattern = 200;

/**
 * Matches in the time that the two lengths' product takes at most, whatever the pattern is: only the last `*` is ever
 * tried again.
 */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      resume = index;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

/**
 * Whether a model may be used.
 *
 * @param patterns - What may be used: `*` is any run of characters, also none and also `/`; `?` is one character; all else
 * is itself, in the same case.
 * @param names - The model's id and its other names: one that matches is enough.
 */
export function matchesModel(patterns: readonly string[], names: readonly string[]): boolean {
  return patterns.some((pattern) => names.some((name) => matches([...pattern], [...name])));
}

/**
 * Looks whether a text can be a pattern: 1 to 200 characters that can be seen.
 *
 * @returns What is wrong with it, to stand behind its name; undefined when nothing is.
 */
export function checkPattern(text: string): string | undefined {
  if (text === "") return "is empty";
  const { length } = [...text];
  if (length > longestPattern) return `has ${length} characters; ${longestPattern} are allowed`;
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u.test(text)) return "has a space or another character that can't be seen";
  return undefined;
}
