import { readFile, stat } from "node:fs/promises";
import { isCollection, isMap, isNode, LineCounter, parseDocument } from "yaml";
import { ConfigurationError, FileError, messageOf, systemCodeOf } from "../errors.ts";

const maxBytes = 1024 * 1024;

/** A configuration file that was read, with the places of its keys. */
export interface ConfigurationDocument {
  file: string;
  /** What the file says, not yet validated. */
  content: Record<string, unknown>;
  /**
   * Where a key stands, as `file:line:column`.
   *
   * @param path - The key and those above it.
   */
  locate(path: readonly PropertyKey[]): string;
}

function readProblem(file: string, cause: unknown): FileError {
  const code = systemCodeOf(cause);
  const reason =
    code === "ENOENT" ? "does not exist" : code === "EACCES" ? "may not be read by this user" : messageOf(cause);
  return new FileError(`The configuration file ${file} ${reason}`, {
    hint: "Name another file with --config, or create this one.",
    cause,
  });
}

async function readText(file: string): Promise<string> {
  const stats = await stat(file).catch((cause) => Promise.reject(readProblem(file, cause)));
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? "a folder" : "a device or a pipe";
    throw new FileError(`${file} is ${what}, not a configuration file`, { hint: "Name a YAML file." });
  }
  const { size } = stats;
  if (size > maxBytes) {
    throw new ConfigurationError(`${file} has ${size} bytes; a configuration file may have ${maxBytes}`, {
      hint: "Is this the right file?",
    });
  }
  const bytes = await readFile(file).catch((cause) => Promise.reject(readProblem(file, cause)));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigurationError(`${file} is not UTF-8 text`, { hint: "Save it with the encoding UTF-8.", cause });
  }
}

/** Maps whose keys are names that the operator chose: one that holds nothing is still there. */
const namedEntries = new Set(["providers", "model_aliases", "per_token"]);

/** What the file says, without the keys that hold nothing: those are as good as absent. */
function withoutNulls(value: unknown, name = "", above: readonly unknown[] = []): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  // An anchor can hold an alias of itself.
  if (above.includes(value)) return "a map within itself";
  const entries = Object.entries(value).filter(([, inner]) => inner !== null || namedEntries.has(name));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner, key, [...above, value])]));
}

/**
 * Reads a configuration file.
 *
 * @param file - A YAML (or JSON) file.
 * @throws FileError when it can't be read.
 * @throws ConfigurationError when it is not YAML or not a map, with line and column.
 */
export async function readConfigurationDocument(file: string): Promise<ConfigurationDocument> {
  const lines = new LineCounter();
  const document = parseDocument(await readText(file), { lineCounter: lines, prettyErrors: false, merge: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [problem] = document.errors;
  if (problem) {
    throw new ConfigurationError(`${at(problem.pos[0])}: ${problem.message}`, {
      hint: "Mend the YAML there: indentation is made of spaces, and every key stands once.",
    });
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (cause) {
    throw new ConfigurationError(`${file}: ${messageOf(cause)}`, { hint: "Write the values out.", cause });
  }
  if (content === null || content === undefined) content = {};
  if (!isMap(document.contents) && document.contents !== null) {
    throw new ConfigurationError(`${file} holds a ${Array.isArray(content) ? "list" : "single value"}, not a map`, {
      hint: "Start it with a section, such as `server:`.",
    });
  }
  return {
    file,
    content: withoutNulls(content) as Record<string, unknown>,
    locate(path) {
      for (let depth = path.length; depth > 0; depth--) {
        const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1).map(String), true);
        const key = String(path[depth - 1]);
        if (isMap(parent)) {
          const pair = parent.items.find((item) => isNode(item.key) && String(item.key) === key);
          if (pair && isNode(pair.key) && pair.key.range) return at(pair.key.range[0]);
        } else if (isCollection(parent)) {
          const item = parent.items[Number(key)];
          if (isNode(item) && item.range) return at(item.range[0]);
        }
      }
      return file;
    },
  };
}
