import type { YAMLError } from "yaml";

/** Messages of the parser's that repeat what it stumbled over, which may be a secret, or that speak to programmers. */
const replacements: ReadonlyArray<readonly [code: RegExp, message: RegExp, text: string]> = [
  [
    /^(TAG_RESOLVE_FAILED|BAD_COLLECTION_TYPE)$/,
    /^/,
    "a word that begins with ! is a tag, and this one has no meaning here: remove it, or put a text that begins so in quotes",
  ],
  [/^BAD_DIRECTIVE$/, /^/, "a line that begins with % is a directive, and this one has no meaning here: remove it"],
  [
    /^BAD_DQ_ESCAPE$/,
    /^/,
    "in double quotes a backslash begins an escape, and there is none such: write two, or use single quotes",
  ],
  [/^MULTIPLE_DOCS$/, /^/, "another document begins here: a configuration is a single one"],
  [/^MULTILINE_IMPLICIT_KEY$/, /^/, "a colon is missing here, or the indentation is wrong"],
  [/^TAB_AS_INDENT$/, /^/, "Tabs are not allowed as indentation: use spaces"],
  [
    /^UNEXPECTED_TOKEN$/,
    /^Block scalar header/,
    "what follows | or > has to begin on the next line: put a text that begins so in quotes",
  ],
  [/^UNEXPECTED_TOKEN$/, /^Not a YAML token/, "what stands here is not YAML"],
  [/^RESOURCE_EXHAUSTION$/, /^/, "what stands here is nested too deep"],
];

/** The parser quotes what it stumbles over, and that may be a key. */
function withoutQuotes(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.){4,}"/gs, "what stands there")
    .replace(/\s+/g, " ")
    .replace(/[^ -~]/gu, "?")
    .trim();
}

/** What the parser complains of, without what the text says there. */
export function describeYamlError({ code, message }: YAMLError): string {
  const replacement = replacements.find(([codes, messages]) => codes.test(code) && messages.test(message));
  return replacement ? replacement[2] : withoutQuotes(message);
}
