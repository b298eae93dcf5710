/** Texts that patterns often mean: names, numbers, versions, quantities, times. */
const usual = [
  "string",
  "a",
  "A",
  "0",
  "1",
  "a-0",
  "1.0",
  "1.0.0",
  "v1",
  "1Gi",
  "100m",
  "2024-01-01",
  "/",
  "",
  "name=value",
];

/** One atom of a plain pattern, and how often it is repeated. */
const atom = /(?:\\([dws.\-/])|\[([^\]^\\[])[^\]\\[]*\]|([\w\-/:@ ,]))(?:\{(\d{1,2})(?:,\d*)?\}|([?*+]))?/y;

const classSample: Readonly<Record<string, string>> = { d: "0", w: "a", s: " " };

/** Builds a text for a pattern that is a plain sequence of characters, classes and repetitions. */
function build(pattern: string): string {
  const body = pattern.replace(/^\^/, "").replace(/\$$/, "");
  let text = "";
  atom.lastIndex = 0;
  for (let found = atom.exec(body); found; found = atom.exec(body)) {
    const [, escaped, first, plain = "", times, symbol] = found;
    const character = escaped === undefined ? (first ?? plain) : (classSample[escaped] ?? escaped);
    const least = times === undefined ? (symbol === "?" || symbol === "*" ? 0 : 1) : Number(times);
    text += character.repeat(least);
  }
  return text;
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
}

/**
 * A text that matches a pattern.
 *
 * @param pattern - A regular expression (ECMA 262).
 * @param bounds - How long the text has to be and may be.
 * @returns Undefined when none was found: groups and alternatives are not taken apart.
 */
export function matching(
  pattern: string,
  { minLength, maxLength }: { readonly minLength?: unknown; readonly maxLength?: unknown },
): string | undefined {
  const test = compile(pattern);
  const least = Number(minLength ?? 0);
  const most = Number(maxLength ?? Number.POSITIVE_INFINITY);
  return [...usual, build(pattern)].find((text) => test?.test(text) && text.length >= least && text.length <= most);
}
