import { lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { systemCodeOf } from "../../errors.ts";
import { unreadable } from "../configuration-text.ts";

async function unlessMissing<Result>(file: string, result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result;
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    throw unreadable(file, cause);
  }
}

/**
 * The file that a path leads to through symbolic links, which all stay as they are; it need not be there.
 *
 * @throws FileError when the links lead in a circle, or a folder may not be entered.
 */
export async function resolveFile(path: string): Promise<string> {
  let file = resolve(path);
  for (;;) {
    const real = await unlessMissing(path, realpath(file));
    if (real !== undefined) return real;
    const stats = await unlessMissing(path, lstat(file));
    if (!stats?.isSymbolicLink()) {
      const folder = await unlessMissing(path, realpath(dirname(file)));
      return folder === undefined ? file : join(folder, basename(file));
    }
    file = resolve(dirname(file), await readlink(file));
  }
}
