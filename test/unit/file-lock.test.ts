import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FileError } from "../../src/errors.ts";
import { withFolderLock } from "../../src/file-lock.ts";
import { temporaryPath } from "../../src/safe-file.ts";
import { temporaryFolders } from "../temporary-folder.ts";

const freshFolder = temporaryFolders();
const script = join(import.meta.dir, "hold-lock.ts");
const nothing = async () => undefined;
function run(...args: readonly string[]) {
  return Bun.spawn([process.execPath, script, ...args], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
}

/** Another process that has the lock of a folder. */
async function holderOf(folder: string) {
  const child = run("hold", folder);
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("held\n");
  return child;
}

async function fileErrorOf(action: Promise<unknown>): Promise<FileError> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FileError)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  return error;
}

describe("a folder's lock", () => {
  test("gives what the action gives, and passes on what it throws", async () => {
    const folder = freshFolder();
    expect(await withFolderLock({ directory: folder }, async () => 42)).toBe(42);
    const broken = new Error("broken");
    await expect(withFolderLock({ directory: folder }, () => Promise.reject(broken))).rejects.toBe(broken);
    await withFolderLock({ directory: folder, timeoutMs: 0 }, nothing);
  });

  test("lets one in at a time in a process", async () => {
    const folder = freshFolder();
    const inside: number[] = [];
    let most = 0;
    const enter = (number: number) =>
      withFolderLock({ directory: folder }, async () => {
        inside.push(number);
        most = Math.max(most, inside.length);
        writeFileSync(join(folder, "last"), String(number));
        await Bun.file(join(folder, "last")).text();
        inside.pop();
        return number;
      });
    const numbers = Array.from({ length: 12 }, (_, index) => index);
    expect(await Promise.all(numbers.map(enter))).toEqual(numbers);
    expect(most).toBe(1);
  });

  test("lets one in at a time of several processes", async () => {
    const folder = freshFolder();
    const children = Array.from({ length: 4 }, () => run("count", folder));
    expect(await Promise.all(children.map((child) => child.exited))).toEqual([0, 0, 0, 0]);
    expect(readFileSync(join(folder, "count"), "utf8")).toBe("40");
  });

  test("is not that of another folder, nor of one below", async () => {
    const folder = freshFolder();
    const below = join(folder, "below");
    await withFolderLock({ directory: folder }, async () => {
      await withFolderLock({ directory: below, timeoutMs: 0 }, nothing);
      await withFolderLock({ directory: freshFolder(), timeoutMs: 0 }, nothing);
    });
  });

  test("is given up on in time, which is told", async () => {
    const folder = freshFolder();
    await withFolderLock({ directory: folder }, async () => {
      let entered = false;
      const second = withFolderLock({ directory: folder, timeoutMs: 50 }, async () => (entered = true));
      const { message, hint } = await fileErrorOf(second);
      expect(message).toBe(`Another process has been writing in ${folder} for 0.05 seconds`);
      expect(hint).toContain("Wait for it");
      expect(entered).toBe(false);
    });
    await withFolderLock({ directory: folder, timeoutMs: 0 }, nothing);
  });

  test("that another process has is waited for, and had as soon as that lets go", async () => {
    const folder = freshFolder();
    const holder = await holderOf(folder);
    expect((await fileErrorOf(withFolderLock({ directory: folder, timeoutMs: 0 }, nothing))).message).toContain(folder);
    const waiting = withFolderLock({ directory: folder }, async () => "had");
    holder.stdin.end();
    expect(await waiting).toBe("had");
    expect(await holder.exited).toBe(0);
  });

  test("that a killed process had is free at once", async () => {
    const folder = freshFolder();
    const holder = await holderOf(folder);
    holder.kill("SIGKILL");
    await holder.exited;
    expect(await withFolderLock({ directory: folder, timeoutMs: 0 }, async () => "had")).toBe("had");
  });

  test("makes the folder where there is none, for this user alone", async () => {
    const folder = join(freshFolder(), "new", "folder");
    await withFolderLock({ directory: folder }, nothing);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([".lock"]);
  });

  test("writes nothing into its file", async () => {
    const folder = freshFolder();
    await withFolderLock({ directory: folder }, async () => expect(readdirSync(folder)).toEqual([".lock"]));
    expect(statSync(join(folder, ".lock")).size).toBe(0);
  });

  test("clears away what killed processes left half-written, and nothing else", async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, ".new.0123abcd.tmp", "root"), { recursive: true });
    const kept = [".hidden", ".key.0123abcd", ".key.tmp", ".key.0123ABCD.tmp", "key.0123abcd.tmp", "server.key"];
    for (const name of [...kept, ".server.key.89abcdef.tmp"]) writeFileSync(join(folder, name), "");
    const seen = await withFolderLock({ directory: folder }, async () => readdirSync(folder).sort());
    expect(seen).toEqual([...kept, ".lock"].sort());
  });
});

describe("the lock of one file in a folder", () => {
  test("is not that of the folder, nor of another file", async () => {
    const directory = freshFolder();
    await withFolderLock({ directory, file: "config.yaml" }, async () => {
      await withFolderLock({ directory, file: "other.yaml", timeoutMs: 0 }, nothing);
      await withFolderLock({ directory, timeoutMs: 0 }, nothing);
      const second = withFolderLock({ directory, file: "config.yaml", timeoutMs: 0 }, nothing);
      expect((await fileErrorOf(second)).message).toContain(`has been writing in ${directory}`);
    });
    expect(readdirSync(directory).sort()).toEqual([".config.yaml.lock", ".lock", ".other.yaml.lock"]);
  });

  test("clears away what killed processes left of this file half-written, and nothing else", async () => {
    const directory = freshFolder();
    const name = `${"long".repeat(20)}.yaml`;
    const own = [".config.yaml.0123abcd.tmp", ".config.yaml.89abcdef.tmp"];
    const others = [".other.yaml.0123abcd.tmp", ".config.yaml.bak.0123abcd.tmp", ".config.0123abcd.tmp", "config.yaml"];
    for (const each of [...own, ...others]) writeFileSync(join(directory, each), "");
    await withFolderLock({ directory, file: "config.yaml" }, nothing);
    expect(readdirSync(directory).sort()).toEqual([...others, ".config.yaml.lock"].sort());
    writeFileSync(temporaryPath(join(directory, name)), "");
    await withFolderLock({ directory, file: name }, nothing);
    expect(readdirSync(directory).sort()).toEqual([...others, ".config.yaml.lock", `.${name}.lock`].sort());
  });

  test("can't be had in a folder where every user can write, with a hint that names the file", async () => {
    const directory = freshFolder();
    chmodSync(directory, 0o777);
    const { hint } = await fileErrorOf(withFolderLock({ directory, file: "config.yaml" }, nothing));
    expect(hint).toBe(`chmod o-w ${directory}, or keep config.yaml in a folder where only its owner can write.`);
  });

  test("can't be had where another program's file has its name", async () => {
    const directory = freshFolder();
    writeFileSync(join(directory, ".config.yaml.lock"), "12345\n".repeat(200));
    const { message } = await fileErrorOf(withFolderLock({ directory, file: "config.yaml" }, nothing));
    expect(message).toContain(`${join(directory, ".config.yaml.lock")} is no lock of this program's`);
  });
});

describe("a lock can't be had", () => {
  test.each([
    ["below a file", () => join(import.meta.path, "folder"), "is a file, not a folder"],
    ["where the system has no such folders", () => "/proc/vibectl-server/folder", "/proc/vibectl-server/folder"],
    [
      "in a folder whose lock's name is taken by a folder",
      () => {
        const folder = freshFolder();
        mkdirSync(join(folder, ".lock"));
        return folder;
      },
      ".lock can't be written",
    ],
    [
      "in a folder whose lock's name is taken by another program's file",
      () => {
        const folder = freshFolder();
        writeFileSync(join(folder, ".lock"), "12345\n".repeat(200));
        return folder;
      },
      "is no lock of this program's",
    ],
  ])("%s, and the action is not run", async (_, place, found) => {
    let ran = false;
    const { message } = await fileErrorOf(
      withFolderLock({ directory: place(), timeoutMs: 0 }, async () => (ran = true)),
    );
    expect(message).toContain(found);
    expect(ran).toBe(false);
  });

  test("in a folder where every user can write, unless that is allowed", async () => {
    const folder = freshFolder();
    chmodSync(folder, 0o777);
    const { message, hint } = await fileErrorOf(withFolderLock({ directory: folder }, nothing));
    expect(message).toContain(`Every user can write in ${folder}`);
    expect(hint).toContain(`chmod 700 ${folder}`);
    await withFolderLock({ directory: folder, allowLoosePermissions: true }, nothing);
  });

  test.each([
    ["in a folder that may only be read", 0o555, "", ".lock can't be written: permission denied"],
    ["for a folder that may not be made", 0o555, "below", "below can't be written: permission denied"],
    [
      "in a folder with another user's lock, which may only be read",
      0o1777,
      "",
      ".lock can't be written: permission denied",
    ],
  ])("%s", async (_, mode, below, found) => {
    const folder = freshFolder();
    chmodSync(dirname(folder), 0o755);
    if (mode === 0o1777) writeFileSync(join(folder, ".lock"), "", { mode: 0o444 });
    chmodSync(folder, mode);
    const child = run("try", join(folder, below));
    expect(await new Response(child.stdout).text()).toEndWith(found);
  });
});
