import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { TokenStore } from "../../../../src/auth/token-store.ts";
import { checkTokenStore } from "../../../../src/server/doctor/token-store.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const dayMs = 86_400_000;

function fill(state: string): TokenStore {
  const store = TokenStore.open(state);
  for (const [id, days] of [
    ["one", 1],
    ["two", 2],
    ["old", -1],
  ] as const) {
    const expiresAt = new Date(Date.now() + days * dayMs);
    store.record({ id, subject: "alice", issuedAt: new Date(0), expiresAt, scopes: [], models: undefined, limits: {} });
  }
  store.revoke({ kind: "token", name: "one" });
  store.revoke({ kind: "subject", name: "bob" });
  return store;
}

const counts = "version 1: 3 tokens issued, 2 not yet expired; 1 token and 1 subject revoked";

describe("the token store", () => {
  test("may be made later, and is not made now", async () => {
    const { context, paths } = makeHome();
    expect(told(await checkTokenStore(await context()))[0]).toStartWith(
      `ok: none yet: ${paths.state}/tokens.db is made`,
    );
    expect(existsSync(paths.state)).toBe(false);
  });

  test("is counted, and neither it nor its folder is touched", async () => {
    const { context, paths } = makeHome();
    fill(paths.state).close();
    for (const name of readdirSync(paths.state)) if (name !== "tokens.db") rmSync(`${paths.state}/${name}`);
    const before = [paths.state, `${paths.state}/tokens.db`].map((path) => statSync(path).mtimeMs);
    expect(told(await checkTokenStore(await context()))).toEqual([`ok: ${paths.state}/tokens.db, ${counts}`]);
    expect(readdirSync(paths.state)).toEqual(["tokens.db"]);
    expect([paths.state, `${paths.state}/tokens.db`].map((path) => statSync(path).mtimeMs)).toEqual(before);
  });

  test("is counted while another process uses it, with what is in its log alone", async () => {
    const { context, paths } = makeHome();
    const store = fill(paths.state);
    expect(statSync(`${paths.state}/tokens.db-wal`).size).toBeGreaterThan(0);
    expect(told(await checkTokenStore(await context()))).toEqual([`ok: ${paths.state}/tokens.db, ${counts}`]);
    expect(readdirSync(paths.state).sort()).toEqual(["tokens.db", "tokens.db-shm", "tokens.db-wal"]);
    store.close();
  });

  test("is counted as far as its file goes when a process that wrote was killed, and nothing is mended", async () => {
    const { context, paths } = makeHome();
    const other = makeHome();
    fill(other.paths.state).close();
    const store = TokenStore.open(other.paths.state);
    store.revoke({ kind: "subject", name: "carol" });
    mkdirSync(paths.state, { recursive: true });
    for (const name of ["tokens.db", "tokens.db-wal"])
      copyFileSync(`${other.paths.state}/${name}`, `${paths.state}/${name}`);
    store.close();
    chmodSync(`${paths.state}/tokens.db`, 0o600);
    const [text] = told(await checkTokenStore(await context()));
    expect(text).toBe(
      `ok: ${paths.state}/tokens.db, ${counts}\nWhat was written last is still in its log, and comes in at the next start`,
    );
    expect(readdirSync(paths.state).sort()).toEqual(["tokens.db", "tokens.db-wal"]);
  });

  test("is a warning when others can get at it", async () => {
    const { context, paths } = makeHome();
    fill(paths.state).close();
    chmodSync(`${paths.state}/tokens.db`, 0o644);
    const [text] = told(await checkTokenStore(await context()));
    expect(text).toStartWith("warning: ");
    expect(text).toContain(`Other users can get at it: chmod 600 ${paths.state}/tokens.db`);
  });

  test("fails when it is damaged, a folder, newer, or another program's", async () => {
    const make = async (write: (file: string) => void) => {
      const { context, paths } = makeHome();
      mkdirSync(paths.state, { recursive: true });
      write(`${paths.state}/tokens.db`);
      const [text = ""] = told(await checkTokenStore(await context()));
      return text.split("\n")[0]?.replace(paths.state, "");
    };
    const withDatabase = (sql: string) => (file: string) => {
      const database = new Database(file);
      database.run(sql);
      database.close();
    };
    expect(await make((file) => writeFileSync(file, "no database ".repeat(100)))).toBe(
      "failed: /tokens.db is damaged: it is no database",
    );
    expect(await make((file) => mkdirSync(file))).toBe("failed: /tokens.db is no file");
    expect(await make(withDatabase("PRAGMA user_version = 99"))).toBe(
      "failed: /tokens.db was written by a newer vibectl-server (its version is 99)",
    );
    expect(await make(withDatabase("CREATE TABLE other (a)"))).toBe(
      "failed: /tokens.db is a database of another program",
    );
  });
});
