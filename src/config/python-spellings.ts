import type { ConfigurationDocument } from "./document.ts";
import { describeValue, type Problem } from "./problems.ts";
import { spellings, withoutEffect } from "./python-keys.ts";
import { formatPath, isMapping, type Section, valueAt, withoutValue, withValue } from "./tree.ts";

type Path = readonly string[];

/** What became of a file's old spellings. */
interface Translation {
  /** The file's content in this server's own spelling. */
  content: Section;
  /** Keys that have both spellings, and they differ. */
  problems: Problem[];
  /** About keys that are old or have no effect. */
  warnings: Problem[];
  /** Where the values of keys come from that the file has under their old names, by path. */
  places: Map<string, string>;
}

/**
 * The path under which a key is kept, whichever of its spellings is asked for.
 *
 * @param path - As somebody wrote it, such as `tls.enabled`.
 */
export function currentSpelling(path: Path): Path {
  const name = formatPath(path);
  return spellings.find(([old]) => formatPath(old) === name)?.[1] ?? path;
}

/**
 * The path under which a file already has a key: its old spelling where the file uses that.
 *
 * @param path - In this server's own spelling.
 * @param content - The file's content.
 */
export function spellingInFile(path: Path, content: Section): Path {
  const name = formatPath(path);
  const old = spellings.find(([, current]) => formatPath(current) === name)?.[0];
  return old && valueAt(content, path) === undefined && valueAt(content, old) !== undefined ? old : path;
}

function dropWithoutEffect(document: ConfigurationDocument): Pick<Translation, "content" | "warnings"> {
  let { content } = document;
  const warnings: Problem[] = [];
  for (const [path, quiet] of withoutEffect) {
    const value = valueAt(content, path);
    if (value === undefined) continue;
    content = withoutValue(content, path);
    if (value === quiet || (isMapping(value) && value.enabled === false)) continue;
    warnings.push({ place: document.locate(path), text: `${formatPath(path)} has no effect in this server` });
  }
  return { content, warnings };
}

/**
 * Rewrites what was written for the Python server into this server's own keys.
 *
 * @param document - A configuration file.
 */
export function translatePythonSpellings(document: ConfigurationDocument): Translation {
  const { warnings, ...rest } = dropWithoutEffect(document);
  let { content } = rest;
  const problems: Problem[] = [];
  const places = new Map<string, string>();
  for (const [old, current] of spellings) {
    const value = valueAt(content, old);
    if (value === undefined) continue;
    const place = document.locate(old);
    const [oldName, name] = [formatPath(old), formatPath(current)];
    const present = valueAt(content, current);
    content = withoutValue(content, old);
    warnings.push({ place, text: `${oldName} is the old spelling of ${name}` });
    const above = valueAt(content, current.slice(0, -1));
    // Where the section is no map, that is what the schema complains of.
    if (present === undefined && (above === undefined || isMapping(above))) {
      content = withValue(content, current, value);
      places.set(name, `${place} (${oldName})`);
    } else if (present !== undefined && present !== value) {
      const text = `${oldName} is ${describeValue(value, old)}, but ${name} at ${document.locate(current)} is ${describeValue(present, current)}: keep ${name} and remove ${oldName}`;
      problems.push({ place, text });
    }
  }
  return { content, problems, warnings, places };
}
