import { Database, SQLiteError } from "bun:sqlite";
import { accessSync, constants } from "node:fs";
import { access, mkdir, readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { FileError } from "./errors.ts";
import { temporaryName, temporaryPath, writeError } from "./safe-file.ts";

/** The folder that is locked, and how. */
export interface LockOptions {
  /** Everybody who writes in it has to come this way. */
  directory: string;
  /**
   * The name of the one file in it that is locked, where it is shared with others; then only this file's temporaries are
   * removed. Unless given, all of the folder is locked.
   */
  file?: string | undefined;
  /** Milliseconds to wait for another process; ten seconds unless given. */
  timeoutMs?: number | undefined;
  /** Whether a folder that every user can write in is taken. */
  allowLoosePermissions?: boolean | undefined;
}

const lockName = ".lock";
const folderMode = 0o700;
const defaultTimeoutMs = 10_000;
const pollMs = 20;
/** Of a temporary file's name: what is random in it, and `.tmp`. */
const endingLength = "0123abcd.tmp".length;

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

/** Where the lock of a folder, or of one file in it, lies. */
function lockFile({ directory, file }: LockOptions): string {
  return join(directory, file === undefined ? lockName : `.${file}.lock`);
}

async function acquire(folder: string, file: string, timeoutMs: number): Promise<Database> {
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
async function lockError(folder: string, file: string, cause: unknown): Promise<FileError> {
  if (!(cause instanceof SQLiteError)) return writeError(file, cause);
  if (cause.code === "SQLITE_NOTADB") {
    return new FileError(`${file} is no lock of this program's, which is an empty file`, {
      hint: "Remove it while nothing writes there.",
      cause,
    });
  }
  const reason = await access(folder, constants.W_OK).then(
    () => cause,
    (denied: unknown) => denied,
  );
  return writeError(file, reason);
}

/** Where everybody can write, anybody can put something of theirs in the place of what is trusted here. */
async function requireOwn({ directory: folder, file }: LockOptions): Promise<void> {
  const { mode } = await stat(folder);
  if (process.platform === "win32" || (mode & 0o002) === 0 || (mode & 0o1000) !== 0) return;
  throw new FileError(`Every user can write in ${folder}, and so replace what is in there`, {
    hint:
      file === undefined
        ? `chmod 700 ${folder}; where its mode can't be changed, --allow-loose-permissions takes it.`
        : `chmod o-w ${folder}, or keep ${file} in a folder where only its owner can write.`,
  });
}

/** What a process that was killed left half-written. */
async function removeLeftovers({ directory: folder, file }: LockOptions): Promise<void> {
  // The names of one file's temporaries differ in their last twelve characters only.
  const ownName = file && basename(temporaryPath(join(folder, file))).slice(0, -endingLength);
  const isOwn = (name: string) => ownName === undefined || name.slice(0, -endingLength) === ownName;
  const names = (await readdir(folder)).filter((name) => temporaryName.test(name) && isOwn(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * Does something while no other process writes in a folder, or one file of it, nor anything else in this process that
 * asks for the same lock.
 * The folder is made, with mode 0700, where there is none; temporary files that a killed process left there are removed.
 *
 * @param action - What to do; it must not ask for the same lock again.
 * @throws FileError when the lock can't be had in time, the folder can't be written, or everybody can write there; and
 * whatever the action throws.
 */
export async function withFolderLock<Result>(options: LockOptions, action: () => Promise<Result>): Promise<Result> {
  const { directory: folder, timeoutMs = defaultTimeoutMs, allowLoosePermissions = false } = options;
  const file = lockFile(options);
  let lock: Database;
  try {
    await mkdir(folder, { recursive: true, mode: folderMode });
  } catch (error) {
    throw writeError(folder, error);
  }
  if (!allowLoosePermissions) await requireOwn(options);
  try {
    lock = await acquire(folder, file, timeoutMs);
  } catch (error) {
    throw await lockError(folder, file, error);
  }
  try {
    await removeLeftovers(options);
    return await action();
  } finally {
    lock.close();
  }
}
