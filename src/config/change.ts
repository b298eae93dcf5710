import { ConfigurationError, UsageError } from "../errors.ts";
import { parseConfiguration } from "./document.ts";
import { type EditResult, editFile } from "./editing/edit-file.ts";
import { removeFromText, setInText } from "./editing/edit-text.ts";
import type { PlainValue } from "./editing/write-value.ts";
import { findPath } from "./key-name.ts";
import { configurationKeys, isSection, typeAt } from "./keys.ts";
import { layer } from "./layers.ts";
import { formatProblem, listProblems, type Problem } from "./problems.ts";
import { spellingInFile } from "./python-spellings.ts";
import { isMapping, parsePath, type Section, valueAt } from "./tree.ts";
import { validate } from "./validate.ts";

/** A key and what it is to be. */
export interface Setting {
  path: readonly string[];
  value: PlainValue;
}

function problemsOf(text: string, file: string): Problem[] {
  const document = parseConfiguration(text, file);
  const layered = layer(document, {}, []);
  const found = document.problems.length > 0 ? [] : validate(layered, { lenient: false }).problems;
  return listProblems([...layered.problems, ...found], file);
}

/**
 * Checks a configuration file's text by itself, whatever the environment says.
 *
 * @param file - Its name, for places.
 * @param remedy - What to do where it is wrong.
 * @throws ConfigurationError that names everything that is wrong with it.
 */
export function checkText(text: string, file: string, remedy = () => "Nothing was written."): void {
  const problems = problemsOf(text, file);
  if (problems.length === 0) return;
  throw new ConfigurationError(`The file would be wrong afterwards:\n${problems.map(formatProblem).join("\n")}`, {
    hint: remedy(),
  });
}

/** What to do when a change makes a file wrong: what was wrong before comes first. */
function remedyFor(before: string, file: string, together: string): string {
  const wasWrong = before !== "" && problemsOf(before, file).length > 0;
  return `Nothing was written. ${wasWrong ? "Mend the rest first: vibectl-server config edit." : together}`;
}

async function edit(file: string, change: (text: string) => string, together: string): Promise<EditResult> {
  let before = "";
  const keep = (text: string) => {
    before = text;
    return change(text);
  };
  return await editFile(file, keep, async (text) => checkText(text, file, () => remedyFor(before, file, together)));
}

/** The single values that a setting consists of; an empty map is one. */
function leavesOf({ path, value }: Setting): Setting[] {
  const type = typeAt(path);
  const inner = type && isSection(type) && isMapping(value) ? Object.entries(value as Section) : [];
  if (inner.length === 0) return [{ path, value }];
  return inner.flatMap(([name, each]) => leavesOf({ path: [...path, name], value: each as PlainValue }));
}

/** What has a place in the file already, or a section of the top, gets its values one by one; what is new is written whole. */
function stepsOf(setting: Setting, content: Section): Setting[] {
  const { path, value } = setting;
  const leaves = leavesOf(setting);
  if (leaves.length === 1 && leaves[0]?.path.length === path.length) {
    const isEmptyMap = isMapping(value) && isMapping(valueAt(content, path));
    return isEmptyMap ? [] : [setting];
  }
  const isOld = leaves.some((leaf) => spellingInFile(leaf.path, content) !== leaf.path);
  const found = valueAt(content, path);
  const isNew = !isMapping(found) && (path.length > 1 || found !== undefined);
  if (isNew && !isOld) return [setting];
  return Object.entries(value as Section).flatMap(([name, inner]) =>
    stepsOf({ path: [...path, name], value: inner as PlainValue }, content),
  );
}

/** What is set, as the single values that sections consist of. */
export function singleSettings(settings: readonly Setting[]): Setting[] {
  return settings.flatMap(leavesOf);
}

/**
 * Sets keys in a configuration file, all in one edit; nothing else in it changes. Of a section the keys that are given are
 * set, and the others stay. A key that the file has under the Python server's spelling keeps it.
 *
 * @throws ConfigurationError or FileError when the file would be wrong, or can't be written; it is then as it was.
 */
export async function setKeys(file: string, settings: readonly Setting[]): Promise<EditResult> {
  const contentOf = (text: string) => parseConfiguration(text, file).content;
  const set = (text: string, { path, value }: Setting) => setInText(text, spellingInFile(path, contentOf(text)), value);
  return await edit(
    file,
    (text) => settings.reduce((rest, setting) => stepsOf(setting, contentOf(rest)).reduce(set, rest), text),
    "Keys that belong together are set together: vibectl-server config set KEY VALUE KEY VALUE.",
  );
}

/** The spellings under which a file can have a key, or what is below a section. */
function spellingsIn(text: string, file: string, path: readonly string[]): (readonly string[])[] {
  const { content } = parseConfiguration(text, file);
  const below = configurationKeys().filter((key) => path.every((name, index) => key.path[index] === name));
  return [path, ...below.map((key) => spellingInFile(key.path, content))];
}

/** The path of a key or section, unless there is none of that name. */
function knownPath(name: string): { path: readonly string[] } | { refusal: UsageError } {
  try {
    return { path: findPath(name) };
  } catch (error) {
    if (error instanceof UsageError) return { refusal: error };
    throw error;
  }
}

function removeName(text: string, file: string, name: string): string {
  const found = knownPath(name);
  const written = parsePath(name);
  const paths = [...(written ? [written] : []), ...("path" in found ? spellingsIn(text, file, found.path) : [])];
  let rest: string | undefined;
  for (const path of paths) rest = removeFromText(rest ?? text, path) ?? rest;
  if (rest === undefined && "refusal" in found) throw found.refusal;
  return rest ?? text;
}

/**
 * Removes keys, or sections with all that is below them, so that the defaults hold. Everything else stays. Whatever the
 * file has can be removed, also what is no key of this server.
 *
 * @param names - As they are written, such as `server.port`.
 * @throws UsageError when there is no such key, neither in the file; and as {@link setKeys}.
 */
export async function unsetKeys(file: string, names: readonly string[]): Promise<EditResult> {
  return await edit(
    file,
    (text) => names.reduce((rest, name) => removeName(rest, file, name), text),
    "Keys that belong together are removed together: vibectl-server config unset KEY KEY.",
  );
}

/**
 * Gives a configuration file another text.
 *
 * @param change - Makes it from the text as it is; a file that is not there has an empty one.
 * @throws As {@link setKeys}; and whatever `change` throws.
 */
export async function replaceText(file: string, change: (text: string) => string): Promise<EditResult> {
  return await edit(file, change, "Mend it, then try again.");
}
