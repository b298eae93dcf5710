import { ConfigurationError } from "../errors.ts";
import { parseConfiguration } from "./document.ts";
import { type EditResult, editFile } from "./editing/edit-file.ts";
import { removeFromText, setInText } from "./editing/edit-text.ts";
import type { PlainValue } from "./editing/value-text.ts";
import { configurationKeys } from "./keys.ts";
import { layer } from "./layers.ts";
import { formatProblem, listProblems } from "./problems.ts";
import { spellingInFile } from "./python-spellings.ts";
import { validate } from "./validate.ts";

/**
 * Checks a configuration file's text by itself, whatever the environment says.
 *
 * @param file - Its name, for places.
 * @throws ConfigurationError that names everything that is wrong with it.
 */
export async function checkText(text: string, file: string): Promise<void> {
  const document = parseConfiguration(text, file);
  const layered = layer(document, {}, []);
  const problems = [
    ...layered.problems,
    ...(document.problems.length > 0 ? [] : validate(layered, { lenient: false }).problems),
  ];
  if (problems.length === 0) return;
  throw new ConfigurationError(
    `The file would be wrong afterwards:\n${listProblems(problems, file).map(formatProblem).join("\n")}`,
    {
      hint: "Nothing was written. Mend the rest first: vibectl-server config edit.",
    },
  );
}

function edit(file: string, change: (text: string) => string): Promise<EditResult> {
  return editFile(file, change, (text) => checkText(text, file));
}

/**
 * Sets a key in a configuration file; nothing else in it changes. A key that the file has under the Python server's
 * spelling keeps it.
 *
 * @throws ConfigurationError or FileError when the file would be wrong, or can't be written; it is then as it was.
 */
export async function setKey(file: string, path: readonly string[], value: PlainValue): Promise<EditResult> {
  return await edit(file, (text) =>
    setInText(text, spellingInFile(path, parseConfiguration(text, file).content), value),
  );
}

/** The spellings under which a file can have a key, or what is below a section. */
function spellingsIn(text: string, file: string, path: readonly string[]): (readonly string[])[] {
  const { content } = parseConfiguration(text, file);
  const below = configurationKeys().filter((key) => path.every((name, index) => key.path[index] === name));
  return [path, ...below.map((key) => spellingInFile(key.path, content))];
}

/**
 * Removes a key, or a section with all that is below it, so that the default holds. Everything else stays.
 *
 * @throws As {@link setKey}.
 */
export async function unsetKey(file: string, path: readonly string[]): Promise<EditResult> {
  return await edit(file, (text) =>
    spellingsIn(text, file, path).reduce((rest, spelling) => removeFromText(rest, spelling) ?? rest, text),
  );
}

/**
 * Gives a configuration file another text.
 *
 * @param change - Makes it from the text as it is; a file that is not there has an empty one.
 * @throws As {@link setKey}; and whatever `change` throws.
 */
export async function replaceText(file: string, change: (text: string) => string): Promise<EditResult> {
  return await edit(file, change);
}
