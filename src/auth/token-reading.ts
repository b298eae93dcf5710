import { constants, Database } from "bun:sqlite";
import { accessSync, constants as modes } from "node:fs";
import { stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { FileError, systemCodeOf } from "../errors.ts";
import { systemReason } from "../safe-file.ts";

/** A database of tokens that is only read. */
export interface ReadDatabase {
  database: Database;
  /** Whether what was written last is in a log that can't be read without writing. */
  stale: boolean;
}

/**
 * What the system says of a file of the database.
 *
 * @returns Undefined where it is not there.
 * @throws FileError when it can't be reached.
 */
export async function databaseFileStats(file: string) {
  return await stat(file).catch((cause) => {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(cause) ?? "")) return undefined;
    const hint = "Make it and its folder readable for this user.";
    throw new FileError(`${file} can't be read: ${systemReason(cause)}`, { hint, cause });
  });
}

/**
 * Opens a database without changing anything on the disk. SQLite makes files of its own beside a database with a write-ahead
 * log, also for one who only reads, unless it is told that nobody changes it. A process that writes has made them already.
 *
 * @param file - The database, which is there.
 * @param options - Milliseconds to wait for another process that is writing.
 * @throws What SQLite throws, and FileError when the files beside it can't be reached.
 */
export async function openToRead(file: string, { busyTimeoutMs }: { busyTimeoutMs: number }): Promise<ReadDatabase> {
  const [log, index] = await Promise.all([databaseFileStats(`${file}-wal`), databaseFileStats(`${file}-shm`)]);
  const written = (log?.size ?? 0) > 0;
  const shared = written && index !== undefined;
  const url = `${pathToFileURL(file).href}?${shared ? "mode=ro" : "immutable=1"}`;
  const database = new Database(url, constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI);
  database.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  return { database, stale: written && !shared };
}

/** Whether this user may write all of these. */
export function mayWrite(paths: readonly string[]): boolean {
  try {
    for (const path of paths) accessSync(path, modes.W_OK);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
    return false;
  }
}
