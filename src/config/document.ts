import { type Document, isMap, LineCounter, parseDocument, visit } from "yaml";
import { ConfigurationError } from "../errors.ts";
import { withoutNulls } from "./absent-values.ts";
import { readConfigurationText } from "./configuration-text.ts";
import { placesIn } from "./document-places.ts";
import { findTraps } from "./document-traps.ts";
import type { Problem } from "./problems.ts";
import type { Section } from "./tree.ts";
import { describeYamlError } from "./yaml-errors.ts";
import { yamlOptions } from "./yaml-options.ts";

/** A configuration file that was read, with the places of its keys. */
export interface ConfigurationDocument {
  file: string;
  /** What the file says, not yet validated; empty where there are problems. */
  content: Section;
  /** What is wrong with its YAML. */
  problems: readonly Problem[];
  /**
   * Where a key stands, as `file:line:column`.
   *
   * @param path - The key and those above it.
   */
  locate(path: readonly PropertyKey[]): string;
}

/** What is wrong with the YAML. */
function findSlips(document: Document, at: (offset: number) => string): Problem[] {
  const lineOf = (place: string) => place.slice(0, place.lastIndexOf(":"));
  // One slip makes the parser complain again and again: of a line its first complaint is told, and nothing else.
  const complaints = new Map<string, Problem>();
  for (const error of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const place = at(error.pos[0]);
    if (!complaints.has(lineOf(place))) complaints.set(lineOf(place), { place, text: describeYamlError(error) });
  }
  const traps = findTraps(document, at).filter(({ place }) => !complaints.has(lineOf(place)));
  return [...complaints.values(), ...traps];
}

/** Where the first alias stands. */
function firstAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_, { range }) {
      offset = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function toContent(document: Document, at: (offset: number) => string): { content: Section; problems: Problem[] } {
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch (error) {
    // So the parser refuses aliases of aliases that would fill the memory.
    if (!(error instanceof ReferenceError)) throw error;
    const text = "aliases stand for too much here: write the values out instead";
    return { content: {}, problems: [{ place: at(firstAlias(document)), text }] };
  }
  if (isMap(document.contents) || document.contents === null) {
    return { content: withoutNulls(content) as Section, problems: [] };
  }
  const found = Array.isArray(content) ? "a list" : "a single value";
  const text = `the file holds ${found}, not a map: start it with a section, such as server:`;
  return { content: {}, problems: [{ place: at(document.contents.range?.[0] ?? 0), text }] };
}

/**
 * Parses a configuration file's text.
 *
 * @param text - YAML 1.2, or JSON.
 * @param file - Its name, for places.
 */
export function parseConfiguration(text: string, file: string): ConfigurationDocument {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  let document: Document;
  let problems: Problem[];
  try {
    document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
    problems = findSlips(document, at);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigurationError(`${file} is nested too deep`, { hint: "Is this the right file?", cause });
  }
  const result = problems.length > 0 ? { content: {}, problems } : toContent(document, at);
  const offsetOf = placesIn(document);
  const locate = (path: readonly PropertyKey[]) => {
    const offset = offsetOf(path);
    return offset === undefined ? file : at(offset);
  };
  return { file, ...result, locate };
}

/**
 * Reads and parses a configuration file.
 *
 * @param file - A YAML (or JSON) file.
 * @throws FileError or ConfigurationError when it can't be read as text; what is wrong with its YAML is in the result.
 */
export async function readConfigurationDocument(file: string): Promise<ConfigurationDocument> {
  return parseConfiguration(await readConfigurationText(file), file);
}
