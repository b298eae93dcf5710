import { open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { FileError, systemCodeOf } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { temporaryPath, writeError, writeFileAtomically } from "../../safe-file.ts";
import { decodeConfiguration, readConfigurationBytes, requireFittingSize } from "../configuration-text.ts";
import { resolveFile } from "./resolve-file.ts";

/** What became of a file. */
export interface EditResult {
  /** Whether it was written. */
  changed: boolean;
  /** The file with the text before; undefined where nothing was changed, or there was no text before. */
  previousFile: string | undefined;
}

const fileMode = 0o600;

/** Lays down what the file held. Its temporary is named after the file itself, so that the file's lock clears it away. */
async function keepPrevious(file: string, previousFile: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryPath(file);
  try {
    const handle = await open(temporary, "wx", fileMode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // What has the name is replaced, never followed: it may be somebody else's link.
    await rename(temporary, previousFile);
  } catch (error) {
    // What failed first is what to tell; a temporary file that can't be removed either changes nothing about it.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(previousFile, error);
  }
}

async function readUnlessMissing(file: string): Promise<Uint8Array | undefined> {
  return await readConfigurationBytes(file).catch((error) => {
    if (error instanceof FileError && systemCodeOf(error.cause) === "ENOENT") return undefined;
    throw error;
  });
}

/**
 * Changes a configuration file, under its lock and wholly or not at all. It gets mode 0600, and what it held is kept
 * beside it as `<file>.previous`. Of a symbolic link the file that it leads to is changed. Nothing is written when
 * nothing changes.
 *
 * @param path - The file; one that is not there counts as empty, and missing folders are made with mode 0700.
 * @param change - Makes the new text from the old one, which begins with its byte order mark where there is one.
 * @param check - Refuses the new text by throwing.
 * @throws FileError when the file can't be read or written, its lock can't be had in time, or every user can write in
 * its folder.
 * @throws ConfigurationError when it is not UTF-8 or has more than 1 MiB; and whatever `change` and `check` throw.
 */
export async function editFile(
  path: string,
  change: (text: string) => string,
  check: (text: string) => Promise<void>,
): Promise<EditResult> {
  const file = await resolveFile(path);
  // What is no file, or can't be read, needs no lock beside it to be refused.
  await readUnlessMissing(file);
  return await withFolderLock({ directory: dirname(file), file: basename(file) }, async () => {
    const bytes = await readUnlessMissing(file);
    const text = bytes ? decodeConfiguration(bytes, file) : "";
    const changed = change(text);
    if (changed === text) return { changed: false, previousFile: undefined };
    requireFittingSize(file, Buffer.byteLength(changed));
    await check(changed);
    const previousFile = bytes && `${file}.previous`;
    if (bytes && previousFile) await keepPrevious(file, previousFile, bytes);
    await writeFileAtomically(file, changed, { mode: fileMode, clobber: true });
    return { changed: true, previousFile };
  });
}
