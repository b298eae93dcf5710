import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TokenStore } from "../../../src/auth/token-store.ts";
import { FileError } from "../../../src/errors.ts";
import { temporaryFolders } from "../../temporary-folder.ts";

const freshFolder = temporaryFolders();

/** Root may write everywhere: the number is that of nobody. */
function readAsNobody(directory: string): string {
  const source = join(import.meta.dir, "..", "..", "..", "src", "auth", "token-store.ts");
  return `
    import { TokenStore } from ${JSON.stringify(source)};
    if (process.getuid?.() === 0) process.setuid?.(65534);
    const store = await TokenStore.openToRead(${JSON.stringify(directory)});
    process.stdout.write(JSON.stringify({ subjects: store?.subjects(), revocations: store?.revocations().length }));
    store?.close();
  `;
}

function fill(directory: string): void {
  const store = TokenStore.open(directory);
  const [issuedAt, expiresAt] = [new Date(), new Date(Date.now() + 3_600_000)];
  store.record({ id: "1", subject: "alice", issuedAt, expiresAt, scopes: ["info"], models: undefined, limits: {} });
  store.revoke({ kind: "subject", name: "bob" });
  store.close();
}

describe("a store that is looked at", () => {
  test("is not made where there is none", async () => {
    const directory = join(freshFolder(), "state");
    expect(await TokenStore.openToRead(directory)).toBeUndefined();
    expect(existsSync(directory)).toBe(false);
  });

  test("is none where its file is empty", async () => {
    const directory = freshFolder();
    writeFileSync(join(directory, "tokens.db"), "");
    expect(await TokenStore.openToRead(directory)).toBeUndefined();
  });

  test("tells what another process writes meanwhile", async () => {
    const directory = freshFolder();
    fill(directory);
    const other = TokenStore.open(directory);
    const store = await TokenStore.openToRead(directory);
    other.revoke({ kind: "subject", name: "carol" });
    expect(store?.revocations().map(({ name }) => name)).toEqual(["carol", "bob"]);
    store?.close();
    other.close();
  });

  test("is read where this user may not write, and nothing is made beside it", async () => {
    const directory = join(freshFolder(), "state");
    mkdirSync(directory);
    fill(directory);
    chmodSync(join(directory, "tokens.db"), 0o444);
    chmodSync(directory, 0o555);
    for (const folder of [dirname(directory), dirname(dirname(directory))]) chmodSync(folder, 0o755);
    const before = readdirSync(directory);
    const child = Bun.spawn([process.execPath, "-e", readAsNobody(directory)], { stdout: "pipe", stderr: "inherit" });
    const text = await new Response(child.stdout).text();
    chmodSync(directory, 0o700);
    expect(JSON.parse(text)).toEqual({ subjects: ["alice"], revocations: 1 });
    expect(readdirSync(directory)).toEqual(before);
  });

  test("is refused where it is no database", async () => {
    const directory = freshFolder();
    writeFileSync(join(directory, "tokens.db"), "x".repeat(4096));
    expect(await TokenStore.openToRead(directory).catch((error) => error)).toBeInstanceOf(FileError);
  });
});
