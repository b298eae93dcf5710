import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigurationError, FileError, systemCodeOf, VibectlError } from "../../errors.ts";
import { temporaryPath, writeFileAtomically } from "../../safe-file.ts";
import { checkText, replaceText } from "../change.ts";
import { readConfigurationText } from "../configuration-text.ts";
import type { EditResult } from "./edit-file.ts";

/** How a person edits a copy. */
export interface CopyEditing {
  /** What a file that is not there is begun with. */
  initialText: string;
  /**
   * Lets the person edit the copy.
   *
   * @throws VibectlError when the editor fails.
   */
  openEditor(copy: string): Promise<void>;
  /** Tells what is wrong with the copy, and whether the person goes on. */
  wantsToGoOn(problem: VibectlError): boolean;
}

async function textOf(file: string): Promise<string | undefined> {
  return await readConfigurationText(file).catch((error) => {
    if (error instanceof FileError && systemCodeOf(error.cause) === "ENOENT") return undefined;
    throw error;
  });
}

/** Takes the folders away that were made for a copy, and have nothing in them. */
async function removeFolders(from: string, to: string): Promise<void> {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (systemCodeOf(error) === "ENOTEMPTY") return;
      throw error;
    }
    if (folder === to) return;
  }
}

interface Copy {
  file: string;
  copy: string;
  /** What the copy held at first. */
  start: string;
}

/** The error, with what became of the copy: it is kept where somebody has written something in it. */
async function refusal(error: VibectlError, { file, copy, start }: Copy): Promise<VibectlError> {
  // What can't be read as text is something that was written.
  const written = await textOf(copy).catch(() => null);
  const isKept = written !== undefined && written !== start;
  const hint = `Nothing was written to ${file}${isKept ? `; what you wrote is in ${copy}` : ""}.`;
  if (!isKept) await rm(copy, { force: true });
  const Kind = error instanceof ConfigurationError ? ConfigurationError : FileError;
  return new Kind(error.message, { hint, cause: error });
}

/** @returns What the person made of the text, once it is valid; undefined where that is what it was. */
async function editUntilValid(place: Copy, { openEditor, wantsToGoOn }: CopyEditing): Promise<string | undefined> {
  const { file, copy, start } = place;
  for (;;) {
    try {
      await openEditor(copy);
    } catch (error) {
      throw error instanceof VibectlError ? await refusal(error, place) : error;
    }
    try {
      const text = await readConfigurationText(copy);
      if (text === start) return undefined;
      checkText(text, file);
      return text;
    } catch (error) {
      if (!(error instanceof VibectlError)) throw error;
      if (!wantsToGoOn(error)) throw await refusal(error, place);
    }
  }
}

async function takeOver(text: string, before: string, place: Copy): Promise<EditResult> {
  const { file } = place;
  const replaced = replaceText(file, (current) => {
    const mark = current.startsWith("\ufeff") ? "\ufeff" : "";
    if (current.slice(mark.length) === before) return mark + text;
    throw new ConfigurationError(`${file} was changed by somebody else meanwhile`);
  });
  return await replaced.catch(async (error) => {
    throw error instanceof VibectlError ? await refusal(error, place) : error;
  });
}

/**
 * Has a person edit a copy of a configuration file beside it, and takes it over when it is valid and nobody else has
 * changed the file meanwhile. The copy stays only where something was written in it that was not taken over.
 *
 * @param file - The file; one that is not there is made, unless the copy is left as it is.
 * @returns What became of the file, and whether there was one before.
 * @throws ConfigurationError or FileError that names the copy where it is kept; the file is then as it was.
 */
export async function editCopy(file: string, editing: CopyEditing): Promise<EditResult & { isNew: boolean }> {
  const before = await textOf(file);
  const start = before ?? editing.initialText;
  // The name ends as YAML's does, so that editors know what it is.
  const copy = `${temporaryPath(file).replace(/\.tmp$/, "")}.yaml`;
  const folder = dirname(file);
  // Why a folder can't be made is told by the writing.
  const made = await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
  await writeFileAtomically(copy, start, { mode: 0o600, clobber: true });
  const place = { file, copy, start };
  try {
    const text = await editUntilValid(place, editing);
    const unchanged = { changed: false, previousFile: undefined };
    const result = text === undefined ? unchanged : await takeOver(text, before ?? "", place);
    await rm(copy, { force: true });
    return { ...result, isNew: before === undefined };
  } finally {
    if (made !== undefined) await removeFolders(folder, made);
  }
}
