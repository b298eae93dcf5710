import { Database, SQLiteError } from "bun:sqlite";
import { accessSync, constants } from "node:fs";
import { access, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FileError } from "./errors.ts";
import { temporaryName, writeError } from "./safe-file.ts";

/** The folder that is locked, and how. */
export interface LockOptions {
  /** Everybody who writes in it has to come this way. */
  directory: string;
  /** Milliseconds to wait for another process; ten seconds unless given. */
  timeoutMs?: number | undefined;
  /** Whether a folder that every user can write in is taken. */
  allowLoosePermissions?: boolean | undefined;
}

const lockName = ".lock";
const folderMode = 0o700;
const defaultTimeoutMs = 10_000;
const pollMs = 20;

/**
 * SQLite locks its file in every system's own way, and the system lets go of it when the process ends, however it ends:
 * a lock is never left over. Nothing is written to the file.
 */
function tryLock(file: string): Database | undefined {
  const database = new Database(file, { create: true, readwrite: true });
  try {
    // Of a file that it may only read, SQLite would give a lock that lets others in.
    accessSync(file, constants.W_OK);
    database.run("PRAGMA busy_timeout = 0");
    // With its journal in memory it writes nothing at all: a full disk can be locked too.
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (error instanceof SQLiteError && error.code === "SQLITE_BUSY") return undefined;
    throw error;
  }
}

async function acquire(folder: string, timeoutMs: number): Promise<Database> {
  const file = join(folder, lockName);
  const end = performance.now() + timeoutMs;
  for (;;) {
    const lock = tryLock(file);
    if (lock) return lock;
    if (performance.now() > end) {
      throw new FileError(`Another process has been writing in ${folder} for ${timeoutMs / 1000} seconds`, {
        hint: "Wait for it, or end it; its lock goes with it.",
      });
    }
    await Bun.sleep(pollMs);
  }
}

/** Says why a folder can't be locked, in the words of the system rather than of SQLite. */
async function lockError(folder: string, cause: unknown): Promise<FileError> {
  if (!(cause instanceof SQLiteError)) return writeError(join(folder, lockName), cause);
  if (cause.code === "SQLITE_NOTADB") {
    return new FileError(`${join(folder, lockName)} is no lock of this program's, which is an empty file`, {
      hint: "Remove it while nothing writes there.",
      cause,
    });
  }
  const reason = await access(folder, constants.W_OK).then(
    () => cause,
    (denied: unknown) => denied,
  );
  return writeError(join(folder, lockName), reason);
}

/** Where everybody can write, anybody can put something of theirs in the place of what is trusted here. */
async function requireOwn(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if (process.platform === "win32" || (mode & 0o002) === 0 || (mode & 0o1000) !== 0) return;
  throw new FileError(`Every user can write in ${folder}, and so replace what is in there`, {
    hint: `chmod 700 ${folder}; where its mode can't be changed, --allow-loose-permissions takes it.`,
  });
}

/** What a process that was killed left half-written. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => temporaryName.test(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * Does something while no other process writes in a folder, nor anything else in this one that asks for the same lock.
 * The folder is made, with mode 0700, where there is none; temporary files that a killed process left there are removed.
 *
 * @param action - What to do; it must not ask for the same lock again.
 * @throws FileError when the lock can't be had in time, the folder can't be written, or everybody can write there; and
 * whatever the action throws.
 */
export async function withFolderLock<Result>(
  { directory: folder, timeoutMs = defaultTimeoutMs, allowLoosePermissions = false }: LockOptions,
  action: () => Promise<Result>,
): Promise<Result> {
  let lock: Database;
  try {
    await mkdir(folder, { recursive: true, mode: folderMode });
  } catch (error) {
    throw writeError(folder, error);
  }
  if (!allowLoosePermissions) await requireOwn(folder);
  try {
    lock = await acquire(folder, timeoutMs);
  } catch (error) {
    throw await lockError(folder, error);
  }
  try {
    await removeLeftovers(folder);
    return await action();
  } finally {
    lock.close();
  }
}
