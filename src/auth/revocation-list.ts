import { constants, Database, SQLiteError, type Statement } from "bun:sqlite";
import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { FileError, systemCodeOf } from "../errors.ts";
import { systemReason } from "../safe-file.ts";
import type { TokenClaims } from "./claims.ts";
import { checkPages, databaseError, makeDatabaseFile, openTokenDatabase, tokenDatabaseFile } from "./token-database.ts";

/** What a list does beside answering. */
export interface RevocationListOptions {
  /** Takes what is wrong with the database, once until it works again. Meanwhile what was revoked stays revoked. */
  onProblem(error: unknown): void;
}

interface Row {
  sequence: number;
  kind: "token" | "subject";
  name: string;
  at: number;
}

/** An open database. */
interface Source {
  database: Database;
  version: Statement<{ data_version: number }, []>;
  later: Statement<Row, [number]>;
  /** What a file of the same name has in common with it only while it is the same and unchanged. */
  identity: string | undefined;
}

/** Milliseconds to wait for another process that writes: at the start, and while calls wait meanwhile. */
const busyTimeoutMs = { start: 5000, running: 50 } as const;

/**
 * The file is never opened for that: closing it again would take the locks away that SQLite has on it.
 *
 * @returns Undefined where there is no file, or nothing in it.
 */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino, mtimeMs, size } = statSync(file);
    return size === 0 ? undefined : `${dev}:${ino}:${mtimeMs}:${size}`;
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(cause) ?? "")) return undefined;
    throw new FileError(`${file} can't be read: ${systemReason(cause)}`, {
      hint: "Make it and its folder readable for this user.",
      cause,
    });
  }
}

function toText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Whether there is something that SQLite has not yet put into the file itself. */
function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function openSource(directory: string, timeoutMs: number): Source {
  const file = tokenDatabaseFile(directory);
  let database: Database;
  try {
    database = openTokenDatabase(directory, { busyTimeoutMs: timeoutMs });
  } catch (error) {
    const cause = error instanceof FileError && error.cause instanceof SQLiteError ? error.cause : undefined;
    // Beside a write-ahead log the file alone would not tell all.
    if (!/READONLY|CANTOPEN/.test(cause?.code ?? "") || hasLog(file)) throw error;
    database = openFixed(file, error);
  }
  try {
    checkPages(database, file);
    database.run(`PRAGMA busy_timeout = ${busyTimeoutMs.running}`);
    return {
      database,
      version: database.query("PRAGMA data_version"),
      later: database.query("SELECT sequence, kind, name, at FROM revocations WHERE sequence > ? ORDER BY sequence"),
      identity: identityOf(file),
    };
  } catch (error) {
    database.close();
    throw databaseError(file, error);
  }
}

/** On a read-only disk SQLite opens a database only when it is told that nobody changes it. */
function openFixed(file: string, refusal: unknown): Database {
  try {
    const url = `${pathToFileURL(file).href}?immutable=1`;
    return new Database(url, constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI);
  } catch {
    throw refusal;
  }
}

/**
 * What was revoked, as a running server asks for it at each call. What another process revokes is heeded at the next call.
 * What was revoked once stays so until the server ends, whatever becomes of the file.
 */
export class RevocationList {
  readonly #directory: string;
  readonly #file: string;
  readonly #onProblem: (error: unknown) => void;
  /** Seconds since 1970, by a token's id and by a subject. */
  readonly #tokens = new Map<string, number>();
  readonly #subjects = new Map<string, number>();
  #source: Source | undefined;
  #dataVersion: number | undefined;
  #sequence = 0;
  #failing = false;

  private constructor(directory: string, { onProblem }: RevocationListOptions) {
    this.#directory = directory;
    this.#file = tokenDatabaseFile(directory);
    this.#onProblem = onProblem;
    this.#connect(busyTimeoutMs.start);
  }

  /**
   * Opens the list. Where there is no database, and none can be made, nothing is revoked until there is one.
   *
   * @param directory - The state folder.
   * @throws FileError when there is a database that can't be read, is damaged, or is of a newer version.
   */
  static open(directory: string, options: RevocationListOptions): RevocationList {
    return new RevocationList(directory, options);
  }

  /**
   * Why a token is not accepted, for the log.
   *
   * @param claims - What it says.
   * @param slackSeconds - How far the clock of whoever issued it may be ahead of the one by which subjects are revoked.
   * @returns Undefined when it was not revoked.
   */
  objectionTo(
    { subject, id, issuedAt }: Pick<TokenClaims, "subject" | "id" | "issuedAt">,
    slackSeconds = 0,
  ): string | undefined {
    // A database that failed is tried again by `look`, so that no call waits for it.
    if (this.#source && !this.#failing) this.#attempt(() => this.#refresh());
    const token = id === undefined ? undefined : this.#tokens.get(id);
    if (token !== undefined) return `the token was revoked at ${toText(token)}`;
    const whole = this.#subjects.get(subject);
    if (whole === undefined) return undefined;
    if (issuedAt && Math.floor(issuedAt.getTime() / 1000) > whole + slackSeconds) return undefined;
    const until = toText(whole);
    return `all tokens that its subject had were revoked at ${until}${issuedAt ? "" : ", and it doesn't say when it was issued"}`;
  }

  /**
   * Looks whether the file was made, replaced, removed, damaged or mended; to be called now and then. A file that was
   * written to is opened anew: what was written over it is not seen through an open database, which knows its pages.
   */
  look(): void {
    this.#attempt(() => {
      const identity = identityOf(this.#file);
      if (this.#source && identity === undefined) {
        this.#tell(
          new FileError(`${this.#file} was removed or emptied while the server runs`, {
            hint: "What was revoked stays so until the server ends. Put the file back before it is started again.",
          }),
        );
      }
      const isSame = identity !== undefined && identity === this.#source?.identity;
      if (isSame && !this.#failing) this.#refresh();
      else this.#connect(busyTimeoutMs.running);
    });
  }

  /** Lets go of the file. */
  close(): void {
    this.#source?.database.close();
    this.#source = undefined;
  }

  #connect(timeoutMs: number): void {
    this.close();
    this.#dataVersion = undefined;
    this.#sequence = 0;
    try {
      makeDatabaseFile(this.#directory);
    } catch (error) {
      if (identityOf(this.#file) === undefined) return;
      if (!(error instanceof FileError)) throw error;
    }
    this.#source = openSource(this.#directory, timeoutMs);
    this.#refresh();
  }

  #refresh(): void {
    if (!this.#source) return;
    const version = this.#source.version.get()?.data_version;
    if (version === this.#dataVersion) return;
    for (const { sequence, kind, name, at } of this.#source.later.all(this.#sequence)) {
      const known = kind === "token" ? this.#tokens : this.#subjects;
      known.set(name, Math.max(at, known.get(name) ?? at));
      this.#sequence = sequence;
    }
    this.#dataVersion = version;
  }

  #attempt(action: () => void): void {
    try {
      action();
      this.#failing = false;
    } catch (error) {
      this.#tell(databaseError(this.#file, error));
      this.#failing = true;
    }
  }

  #tell(problem: unknown): void {
    if (!this.#failing) this.#onProblem(problem);
  }
}
