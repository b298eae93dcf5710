import { Database, SQLiteError } from "bun:sqlite";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { FileError, messageOf, VibectlError } from "../errors.ts";
import { writeError } from "../safe-file.ts";

/** How the database is opened. */
export interface DatabaseOptions {
  /** Milliseconds to wait for another process that is writing. */
  busyTimeoutMs: number;
}

const fileMode = 0o600;
const folderMode = 0o700;
const retryMs = 10;

/** What brings the database from one version to the next: one of version n has had the first n. None is ever changed. */
export const schemaSteps: readonly string[] = [
  `CREATE TABLE tokens (
     id TEXT PRIMARY KEY,
     subject TEXT NOT NULL,
     issued_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     scopes TEXT NOT NULL,
     models TEXT,
     limits TEXT NOT NULL
   ) STRICT;
   CREATE INDEX tokens_by_subject ON tokens (subject);
   CREATE TABLE revocations (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT,
     kind TEXT NOT NULL CHECK (kind IN ('token', 'subject')),
     name TEXT NOT NULL,
     at INTEGER NOT NULL,
     reason TEXT,
     expires_at INTEGER,
     UNIQUE (kind, name)
   ) STRICT;`,
];

/** The file of a state folder that issued tokens and revocations are kept in. */
export function tokenDatabaseFile(directory: string): string {
  return join(directory, "tokens.db");
}

const restore =
  "Put a backup of it in its place. Without one, move it away and run `vibectl-server token rotate-secret --overlap 0`: " +
  "which tokens were revoked is lost with it.";

/** What happened, and what to do about it, by SQLite's result code without its detail. */
const explanations: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  NOTADB: ["is damaged: it is no database", restore],
  CORRUPT: ["is damaged", restore],
  BUSY: ["is being written by another process", "Try again when that is done, or end it."],
  LOCKED: ["is being written by another process", "Try again when that is done, or end it."],
  READONLY: ["can't be written", "Make it and its folder writable for this user."],
  CANTOPEN: [
    "can't be opened",
    "It has to be a file that this user may read and write, in a folder that it may write.",
  ],
  PERM: ["can't be opened", "Make it and its folder writable for this user."],
  FULL: ["can't be written: the disk is full", "Make room, then try again."],
};

/** A database whose content can't be what was written there. */
function damagedError(file: string, cause?: unknown): FileError {
  return new FileError(`${file} is damaged`, { hint: restore, cause });
}

/**
 * Turns what SQLite threw into an error for a person.
 *
 * @param file - The database.
 */
export function databaseError(file: string, cause: unknown): unknown {
  if (cause instanceof VibectlError) return cause;
  if (cause instanceof SyntaxError) return damagedError(file, cause);
  if (!(cause instanceof SQLiteError)) return cause;
  const code = cause.code?.replace(/^SQLITE_([A-Z]+).*$/, "$1") ?? "";
  const [problem, hint] = explanations[code] ?? [`can't be used: ${messageOf(cause)}`, "Check its disk."];
  return new FileError(`${file} ${problem}`, { hint, cause });
}

/** An error where the pages of a database contradict each other, which reading alone may not notice. */
export function checkPages(database: Database, file: string): void {
  const found = database.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get();
  if (found?.quick_check !== "ok") throw damagedError(file);
}

/**
 * Makes the file where there is none, readable by its owner alone, and its folder.
 *
 * @throws FileError when it can't be made.
 */
export function makeDatabaseFile(directory: string): void {
  const file = tokenDatabaseFile(directory);
  try {
    mkdirSync(directory, { recursive: true, mode: folderMode });
    // The mode of a file that is there is its owner's doing: a server may read what another user writes.
    if (!existsSync(file)) closeSync(openSync(file, "a", fileMode));
  } catch (error) {
    throw writeError(file, error);
  }
}

/**
 * Brings a database to the newest version, in one transaction.
 *
 * @param steps - The schema's.
 * @throws FileError when it is of a newer version than this program's, or of another program.
 */
export function migrate(database: Database, file: string, steps = schemaSteps): void {
  const versionNow = () => database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
  if (versionNow() === steps.length) return;
  database
    .transaction(() => {
      const version = versionNow();
      if (version > steps.length) {
        throw new FileError(`${file} was written by a newer vibectl-server (its version is ${version})`, {
          hint: `This one knows versions up to ${steps.length}: run the newer vibectl-server.`,
        });
      }
      const { tables } =
        database.query<{ tables: number }, []>("SELECT count(*) AS tables FROM sqlite_schema").get() ?? {};
      if (version === 0 && tables !== 0) {
        throw new FileError(`${file} is a database of another program`, { hint: "Move it away." });
      }
      for (const step of steps.slice(version)) database.run(step);
      database.run(`PRAGMA user_version = ${steps.length}`);
    })
    .immediate();
}

/** SQLite does not wait by itself where two processes turn a new database to its write-ahead log at once. */
function useWriteAheadLog(database: Database, timeoutMs: number): void {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      database.run("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!(error instanceof SQLiteError) || error.code !== "SQLITE_BUSY" || performance.now() > end) throw error;
      Bun.sleepSync(retryMs);
    }
  }
}

/**
 * Opens the database of a state folder, for reading and writing, and brings it to the newest version.
 *
 * @param directory - The state folder. The file is there already.
 * @throws FileError when it is damaged, locked, not to be written, or of a newer version.
 */
export function openTokenDatabase(directory: string, { busyTimeoutMs }: DatabaseOptions): Database {
  const file = tokenDatabaseFile(directory);
  let database: Database | undefined;
  try {
    database = new Database(file, { readwrite: true });
    database.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    useWriteAheadLog(database, busyTimeoutMs);
    // A revocation that was told to be done has to outlast a power cut.
    database.run("PRAGMA synchronous = FULL");
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw databaseError(file, error);
  }
}
