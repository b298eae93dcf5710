import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { ConfigurationError } from "../../errors.ts";
import { isMapping, type Section } from "../tree.ts";
import { yamlOptions } from "../yaml-options.ts";

/** A text that was read as YAML, with what is needed to find the places of its keys. */
export interface YamlText {
  text: string;
  document: Document.Parsed<ParsedNode, true>;
  /** Its map; undefined where the text holds none yet. */
  root: YAMLMap | undefined;
  content: Section;
  /** Whether it is JSON, and has to stay it. */
  json: boolean;
}

/** What is wrong, in words of ours: those of the library can repeat a part of the text, which may be a secret. */
const problems: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "the key stands there a second time",
  MULTIPLE_DOCS: "a second document begins there",
  TAB_AS_INDENT: "a tab can't indent",
  BAD_INDENT: "the indentation is wrong",
  MISSING_CHAR: "something is missing there, such as a colon or a closing bracket",
};

/**
 * The name of a key as JavaScript knows it.
 *
 * @param key - The node of an entry's key.
 * @returns Undefined for a merge (`<<`) and for keys that are no scalars.
 */
export function nameOfKey(key: unknown): string | undefined {
  if (!isScalar(key) || typeof key.value === "symbol") return undefined;
  return key.value === null ? "" : String(key.value);
}

/** A key that stands twice in its map; keys that only YAML tells apart, such as 1 and "1", are one to us. */
function repeatedKey(document: Document.Parsed): Scalar | undefined {
  let repeated: Scalar | undefined;
  visit(document, {
    Map(_, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        const name = nameOfKey(key);
        if (name !== undefined && names.has(name) && isScalar(key)) {
          repeated = key;
          return visit.BREAK;
        }
        if (name !== undefined) names.add(name);
      }
      return undefined;
    },
  });
  return repeated;
}

function isJson(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function contentOf(document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new ConfigurationError("The anchors and aliases of the file can't be resolved", {
      hint: "Write the values out.",
      cause,
    });
  }
}

/**
 * Reads a text as YAML, in the way that loading does.
 *
 * @param text - Without a byte order mark.
 * @throws ConfigurationError when it is no YAML, or no map; the place is given by line and column.
 */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...yamlOptions,
    lineCounter: lines,
    keepSourceTokens: true,
    logLevel: "error",
  });
  const refuse = (offset: number, code: string) => {
    const { line, col } = lines.linePos(offset);
    const what = problems[code] ?? "this is no valid YAML";
    throw new ConfigurationError(`The file can't be edited: line ${line}, column ${col}: ${what}`, {
      hint: "Mend the YAML there: indentation is made of spaces, and every key stands once.",
    });
  };
  const [problem] = document.errors;
  if (problem) refuse(problem.pos[0], problem.code);
  const repeated = repeatedKey(document);
  if (repeated) refuse(repeated.range?.[0] ?? 0, "DUPLICATE_KEY");
  const content = contentOf(document) ?? {};
  if (!isMapping(content)) {
    throw new ConfigurationError(`The file holds a ${Array.isArray(content) ? "list" : "single value"}, not a map`, {
      hint: "Start it with a section, such as `server:`.",
    });
  }
  const root = isMap(document.contents) ? document.contents : undefined;
  return { text, document, root, content, json: isJson(text) };
}
