import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { readBoundedFile, UnreadableFile } from "../../bounded-file.ts";
import { FileError, systemCodeOf } from "../../errors.ts";
import { describeFile, systemReason, writeError } from "../../safe-file.ts";
import { looksLikeToken } from "./token-source.ts";

/** The most bytes that a file with a token has. */
const mostBytes = 64 * 1024;

/** What a file holds, as text, and nothing where there is none; undefined for a device or a pipe, which keeps nothing. */
async function contentOf(file: string, force: boolean): Promise<string | undefined> {
  try {
    return new TextDecoder().decode((await readBoundedFile(file, mostBytes)).bytes);
  } catch (error) {
    if (error instanceof UnreadableFile) {
      if (error.kind === "folder") throw writeError(file, Object.assign(new Error("a folder"), { code: "EISDIR" }));
      return error.kind === "too large" ? "something else" : undefined;
    }
    if (systemCodeOf(error) === undefined) throw error;
    if (systemCodeOf(error) === "ENOENT" || force) return "";
    throw new FileError(`${describeFile(file)} is there already, and can't be read: ${systemReason(error)}`, {
      hint: "--force replaces it.",
      cause: error,
    });
  }
}

async function requireWritableFolder(file: string): Promise<void> {
  const folder = dirname(file);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    // A folder that is not there is made.
    if (systemCodeOf(error) !== "ENOENT") throw writeError(file, error);
  }
}

/**
 * Refuses a place for a token before it is issued: a folder, one that can't be written, and, unless it is forced, a file
 * that holds something else than a token or nothing.
 *
 * @param force - Whether whatever is there is replaced.
 * @throws FileError with the reason.
 */
export async function requireTokenTarget(file: string, { force }: { force: boolean }): Promise<void> {
  const content = await contentOf(file, force);
  const text = content?.trim();
  if (text && !force && !(looksLikeToken(text) && !/\s/.test(text))) {
    throw new FileError(`${describeFile(file)} is there already, and holds something else than a token`, {
      hint: "Name another file; --force replaces this one.",
    });
  }
  if (content !== undefined) await requireWritableFolder(file);
}
