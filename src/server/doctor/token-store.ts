import type { Database } from "bun:sqlite";
import { checkPages, databaseError, schemaSteps, tokenDatabaseFile } from "../../auth/token-database.ts";
import { databaseFileStats, openToRead } from "../../auth/token-reading.ts";
import { FileError } from "../../errors.ts";
import { stateDirectory } from "../tokens.ts";
import type { LoadedContext } from "./context.ts";
import { counted } from "./counted.ts";
import { type Finding, failed, failureOf, ok, okUnless } from "./finding.ts";

const busyTimeoutMs = 1000;

interface Counts {
  issued: number;
  valid: number;
  revokedTokens: number;
  revokedSubjects: number;
}

const count = `
  SELECT
    (SELECT count(*) FROM tokens) AS issued,
    (SELECT count(*) FROM tokens WHERE expires_at > ?1) AS valid,
    (SELECT count(*) FROM revocations WHERE kind = 'token') AS revokedTokens,
    (SELECT count(*) FROM revocations WHERE kind = 'subject') AS revokedSubjects`;

/** @throws FileError when the database can't be one of this server's. */
function versionOf(database: Database, file: string): number {
  const version = database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
  if (version > schemaSteps.length) {
    throw new FileError(`${file} was written by a newer vibectl-server (its version is ${version})`, {
      hint: `This one knows versions up to ${schemaSteps.length}: run the newer vibectl-server.`,
    });
  }
  const query = "SELECT count(*) AS tables FROM sqlite_schema";
  if (version === 0 && database.query<{ tables: number }, []>(query).get()?.tables !== 0) {
    throw new FileError(`${file} is a database of another program`, { hint: "Move it away." });
  }
  checkPages(database, file);
  return version;
}

function read(database: Database, file: string, now: Date): string {
  const version = versionOf(database, file);
  if (version === 0) return `${file}, empty`;
  const seconds = Math.floor(now.getTime() / 1000);
  const counts = database.query<Counts, [number]>(count).get(seconds);
  if (!counts) return `${file}, version ${version}`;
  const { issued, valid, revokedTokens, revokedSubjects } = counts;
  const revoked = `${counted(revokedTokens, "token")} and ${counted(revokedSubjects, "subject")} revoked`;
  return `${file}, version ${version}: ${counted(issued, "token")} issued, ${valid} not yet expired; ${revoked}`;
}

/** Checks the database of issued tokens and revocations, as it lies there; where there is none, none is made. */
export async function checkTokenStore({ loaded, paths, now }: LoadedContext): Promise<Finding[]> {
  const file = tokenDatabaseFile(stateDirectory(loaded.configuration, paths));
  const stats = await databaseFileStats(file);
  if (stats && !stats.isFile())
    return [failed(`${file} is no file`, { hint: "Move it away: the database has its place there." })];
  if (!stats) return [ok(`none yet: ${file} is made with the first token, or the first server that checks tokens`)];
  let database: Database | undefined;
  try {
    const opened = await openToRead(file, { busyTimeoutMs });
    database = opened.database;
    const exposed = process.platform !== "win32" && (stats.mode & 0o077) !== 0;
    return [
      okUnless(exposed ? [`Other users can get at it: chmod 600 ${file}`] : [], read(database, file, now), {
        details: opened.stale ? ["What was written last is still in its log, and comes in at the next start"] : [],
      }),
    ];
  } catch (error) {
    return [failureOf(databaseError(file, error))];
  } finally {
    database?.close();
  }
}
