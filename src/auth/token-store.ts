import type { Database } from "bun:sqlite";
import { dayMs } from "../time.ts";
import type { Scope, TokenLimits } from "./claims.ts";
import { databaseError, makeDatabaseFile, openTokenDatabase, tokenDatabaseFile } from "./token-database.ts";
import { databaseFileStats, mayWrite, openToRead } from "./token-reading.ts";

/** What is kept of an issued token: never the token itself. */
export interface TokenRecord {
  /** The `jti` claim. */
  id: string;
  subject: string;
  issuedAt: Date;
  expiresAt: Date;
  scopes: readonly Scope[];
  /** Undefined: every model. */
  models: readonly string[] | undefined;
  limits: TokenLimits;
}

/** An issued token and whether it was revoked. */
export interface StoredToken extends TokenRecord {
  revokedAt: Date | undefined;
}

/** Something that is no longer accepted: a token, or all tokens that a subject had at that time. */
export interface Revocation {
  kind: "token" | "subject";
  /** The token's id, or the subject. */
  name: string;
  at: Date;
  /** Why, as the operator wrote it. */
  reason: string | undefined;
}

/** What to revoke. */
export interface RevocationRequest {
  kind: Revocation["kind"];
  name: string;
  reason?: string | undefined;
}

/** What a revocation did. */
export interface RevocationOutcome {
  /** From when it counts. */
  at: Date;
  /** How many tokens that are known and were valid until now it ended. */
  ended: number;
  /** When the same was revoked before. */
  before: Date | undefined;
}

/** How a store is opened. */
export interface TokenStoreOptions {
  /** Tells the time. */
  clock?: () => Date;
}

interface OpenedStore extends TokenStoreOptions {
  file: string;
  isReadOnly: boolean;
}

interface TokenRow {
  id: string;
  subject: string;
  issued_at: number;
  expires_at: number;
  scopes: string;
  models: string | null;
  limits: string;
  revoked_at: number | null;
}

interface RevocationRow {
  kind: Revocation["kind"];
  name: string;
  at: number;
  reason: string | null;
}

const busyTimeoutMs = 5000;

/** How long what has expired is still listed. */
const keptMs = 30 * dayMs;

const selectTokens = `
  SELECT tokens.*, coalesce(own.at, iif(whole.at >= tokens.issued_at, whole.at, NULL)) AS revoked_at
  FROM tokens
  LEFT JOIN revocations AS own ON own.kind = 'token' AND own.name = tokens.id
  LEFT JOIN revocations AS whole ON whole.kind = 'subject' AND whole.name = tokens.subject`;

const toSeconds = (time: Date) => Math.floor(time.getTime() / 1000);
const toDate = (seconds: number) => new Date(seconds * 1000);

function readToken(row: TokenRow): StoredToken {
  return {
    id: row.id,
    subject: row.subject,
    issuedAt: toDate(row.issued_at),
    expiresAt: toDate(row.expires_at),
    scopes: JSON.parse(row.scopes),
    models: row.models === null ? undefined : JSON.parse(row.models),
    limits: JSON.parse(row.limits),
    revokedAt: row.revoked_at === null ? undefined : toDate(row.revoked_at),
  };
}

/**
 * The tokens that were issued here and what was revoked, in a state folder's `tokens.db`. Several processes may use it at
 * once. Times are kept to the second, as tokens have them.
 */
export class TokenStore {
  readonly #database: Database;
  readonly #file: string;
  readonly #isReadOnly: boolean;
  readonly #clock: () => Date;

  private constructor(database: Database, { file, isReadOnly, clock = () => new Date() }: OpenedStore) {
    this.#database = database;
    this.#file = file;
    this.#isReadOnly = isReadOnly;
    this.#clock = clock;
  }

  /**
   * Opens the store; makes it where there is none.
   *
   * @param directory - The state folder.
   * @throws FileError when the store can't be made or opened, is damaged, or is of a newer version.
   */
  static open(directory: string, options: TokenStoreOptions = {}): TokenStore {
    makeDatabaseFile(directory);
    const database = openTokenDatabase(directory, { busyTimeoutMs });
    return new TokenStore(database, { ...options, file: tokenDatabaseFile(directory), isReadOnly: false });
  }

  /**
   * Opens the store to look at it. Nothing is made; where this user may not write, nothing is written.
   *
   * @param directory - The state folder.
   * @returns Undefined where there is no store.
   * @throws FileError when it can't be opened, is damaged, or is of a newer version.
   */
  static async openToRead(directory: string): Promise<TokenStore | undefined> {
    const file = tokenDatabaseFile(directory);
    const stats = await databaseFileStats(file);
    if (!stats || stats.size === 0) return undefined;
    if (mayWrite([directory, file])) return TokenStore.open(directory);
    try {
      const { database } = await openToRead(file, { busyTimeoutMs });
      return new TokenStore(database, { file, isReadOnly: true });
    } catch (error) {
      throw databaseError(file, error);
    }
  }

  /**
   * Keeps what an issued token says.
   *
   * @throws FileError when the store can't be written.
   */
  record({ id, subject, issuedAt, expiresAt, scopes, models, limits }: TokenRecord): void {
    this.#write(() => {
      this.#database
        .query("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)")
        .run(
          id,
          subject,
          toSeconds(issuedAt),
          toSeconds(expiresAt),
          JSON.stringify(scopes),
          models === undefined ? null : JSON.stringify(models),
          JSON.stringify(limits),
        );
    });
  }

  /**
   * The tokens that are known, the newest first. Those that expired 30 days ago are forgotten.
   *
   * @param filter - Whose.
   */
  list({ subject }: { subject?: string | undefined } = {}): StoredToken[] {
    return this.#ask(() =>
      this.#database
        .query<TokenRow, [string | null]>(
          `${selectTokens} WHERE tokens.subject = coalesce(?1, tokens.subject) ORDER BY issued_at DESC, tokens.rowid DESC`,
        )
        .all(subject ?? null)
        .map(readToken),
    );
  }

  /** The token with an id. */
  find(id: string): StoredToken | undefined {
    return this.#ask(() => {
      const row = this.#database.query<TokenRow, [string]>(`${selectTokens} WHERE tokens.id = ?`).get(id);
      return row ? readToken(row) : undefined;
    });
  }

  /** Everybody who was issued a token that is known. */
  subjects(): string[] {
    const query = "SELECT DISTINCT subject FROM tokens ORDER BY subject";
    return this.#ask(() => this.#database.query<{ subject: string }, []>(query).all()).map(({ subject }) => subject);
  }

  /**
   * Revokes a token, or all tokens that a subject has now; one that is issued later is good. Servers that use the same
   * folder heed it at once.
   *
   * @throws FileError when the store can't be written.
   */
  revoke({ kind, name, reason }: RevocationRequest): RevocationOutcome {
    return this.#write(() => {
      const now = toSeconds(this.#clock());
      const before = this.#revocation(kind, name);
      const rows = this.#database
        .query<{ id: string; expires_at: number }, [string]>(
          `SELECT id, expires_at FROM tokens WHERE ${kind === "token" ? "id" : "subject"} = ?
           AND NOT EXISTS (SELECT 1 FROM revocations WHERE kind = 'token' AND name = id)`,
        )
        .all(name);
      // A second revocation within a second ends also what was issued between the two, which bears the next second.
      const at = kind === "subject" && before ? Math.max(now, before.at + 1) : now;
      const insert = "INTO revocations (kind, name, at, reason, expires_at) VALUES (?, ?, ?, ?, ?)";
      const revokeToken = this.#database.query(`INSERT OR IGNORE ${insert}`);
      for (const { id, expires_at } of rows) revokeToken.run("token", id, at, reason ?? null, expires_at);
      if (kind === "token") revokeToken.run("token", name, at, reason ?? null, null);
      else this.#database.query(`INSERT OR REPLACE ${insert}`).run("subject", name, at, reason ?? null, null);
      const ended = rows.filter(({ expires_at }) => expires_at > now).length;
      return { at: toDate(at), ended, before: before && toDate(before.at) };
    });
  }

  /** What was revoked, the newest first. */
  revocations(): Revocation[] {
    const query = "SELECT kind, name, at, reason FROM revocations ORDER BY sequence DESC";
    return this.#ask(() => this.#database.query<RevocationRow, []>(query).all()).map(({ kind, name, at, reason }) => ({
      kind,
      name,
      at: toDate(at),
      reason: reason ?? undefined,
    }));
  }

  /** When all tokens of a subject were revoked last. A token has to be issued in a later second to be good. */
  lastRevocationOf(subject: string): Date | undefined {
    const found = this.#ask(() => this.#revocation("subject", subject));
    return found && toDate(found.at);
  }

  /** Lets go of the file, which then holds everything: a copy of it alone is a backup. */
  close(): void {
    if (!this.#isReadOnly) this.#ask(() => this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    this.#database.close();
  }

  #revocation(kind: Revocation["kind"], name: string): { at: number } | undefined {
    const query = "SELECT at FROM revocations WHERE kind = ? AND name = ?";
    return this.#database.query<{ at: number }, [string, string]>(query).get(kind, name) ?? undefined;
  }

  #ask<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      throw databaseError(this.#file, error);
    }
  }

  /** Writes in one transaction, and forgets what expired long ago. */
  #write<Result>(action: () => Result): Result {
    const write = this.#database.transaction(() => {
      const result = action();
      const oldest = toSeconds(new Date(this.#clock().getTime() - keptMs));
      this.#database.query("DELETE FROM tokens WHERE expires_at < ?").run(oldest);
      this.#database.query("DELETE FROM revocations WHERE kind = 'token' AND expires_at < ?").run(oldest);
      return result;
    });
    return this.#ask(() => write.immediate());
  }
}
