import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { removeFile, writeError, writeFileAtomically } from "../../src/safe-file.ts";
import { temporaryFolders } from "../temporary-folder.ts";
import { failureOf } from "./pki/failure.ts";

const freshFolder = temporaryFolders();
function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

const secret = { mode: 0o600, clobber: true };
const unlessThere = { mode: 0o600, clobber: false };

describe("writing a file", () => {
  test("makes missing folders for the owner alone", async () => {
    const folder = freshFolder();
    expect(await writeFileAtomically(join(folder, "a", "b", "file"), "text", secret)).toBe(true);
    expect(modeOf(join(folder, "a"))).toBe(0o700);
    expect(modeOf(join(folder, "a", "b"))).toBe(0o700);
  });

  test("gives it its mode whatever the umask is", async () => {
    const folder = freshFolder();
    const old = process.umask(0o077);
    try {
      await writeFileAtomically(join(folder, "public"), "text", { mode: 0o644, clobber: true });
      process.umask(0);
      await writeFileAtomically(join(folder, "secret"), "text", secret);
    } finally {
      process.umask(old);
    }
    expect(modeOf(join(folder, "public"))).toBe(0o644);
    expect(modeOf(join(folder, "secret"))).toBe(0o600);
  });

  test("replaces content and mode of one that is there, and leaves nothing else behind", async () => {
    const folder = freshFolder();
    const file = join(folder, "file");
    writeFileSync(file, "old", { mode: 0o644 });
    expect(await writeFileAtomically(file, Buffer.from("new"), secret)).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("that is to be new leaves one that is there alone, and says so", async () => {
    const folder = freshFolder();
    const file = join(folder, "file");
    expect(await writeFileAtomically(file, "first", unlessThere)).toBe(true);
    expect(await writeFileAtomically(file, "second", unlessThere)).toBe(false);
    expect(readFileSync(file, "utf8")).toBe("first");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("many times at once lets exactly one be the first", async () => {
    const folder = freshFolder();
    const file = join(folder, "file");
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const written = await Promise.all(texts.map((text) => writeFileAtomically(file, text, unlessThere)));
    expect(written.filter(Boolean).length).toBe(1);
    expect(readFileSync(file, "utf8")).toBe(texts[written.indexOf(true)] ?? "");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("through a symbolic link keeps the link", async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, "real"), "old");
    symlinkSync("real", join(folder, "link"));
    await writeFileAtomically(join(folder, "link"), "new", secret);
    expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "real"), "utf8")).toBe("new");
  });
});

describe("a file that can't be written", () => {
  test.each([
    ["replacing", secret],
    ["making", unlessThere],
  ])("because a folder has its name is named when %s it", async (_, options) => {
    const folder = freshFolder();
    mkdirSync(join(folder, "file"));
    const error = await failureOf(writeFileAtomically(join(folder, "file"), "text", options));
    expect(error.message).toBe(`${join(folder, "file")} can't be written: it is a folder`);
    expect(error.hint).toContain(join(folder, "file"));
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test.each(["in", "in/deeper"])("because a file stands where its folder should be is named (%s)", async (inner) => {
    const folder = freshFolder();
    writeFileSync(join(folder, "in"), "");
    const error = await failureOf(writeFileAtomically(join(folder, inner, "file"), "text", secret));
    expect(error.message).toContain("is a file, not a folder");
    expect(error.hint).toBeString();
  });

  test.skipIf(process.getuid?.() === 0)("because its folder is not writable is named", async () => {
    const folder = freshFolder();
    chmodSync(folder, 0o500);
    const error = await failureOf(writeFileAtomically(join(folder, "file"), "text", secret));
    expect(error.message).toBe(`${join(folder, "file")} can't be written: permission denied`);
    expect(error.hint).toContain(folder);
  });

  // Nobody, not even root, may add a file to sysfs.
  test.skipIf(!existsSync("/sys/kernel"))("because the system forbids it is named", async () => {
    const error = await failureOf(writeFileAtomically("/sys/kernel/vibectl-test", "text", secret));
    expect(error.message).toStartWith("/sys/kernel/vibectl-test can't be written: ");
    expect(error.hint).toContain("/sys/kernel");
  });

  test.each([
    ["EROFS", "read-only"],
    ["ENOSPC", "the disk is full"],
    ["EDQUOT", "quota"],
    ["EACCES", "permission denied"],
    ["ENOTSUP", "hard links"],
  ])("is explained from %s", (code, reason) => {
    const error = writeError("/folder/file", Object.assign(new Error("raw text"), { code }));
    expect(error.message).toStartWith("/folder/file can't be written: ");
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain("raw text");
    expect(error.hint).toBeString();
  });

  test("for a reason that nobody foresaw keeps that reason", () => {
    const error = writeError("/folder/file", Object.assign(new Error("i/o error"), { code: "EIO" }));
    expect(error.message).toBe("/folder/file can't be written: i/o error");
    expect(error.hint).toBeString();
  });
});

describe("removing a file", () => {
  test("removes it, and is content when it is gone already", async () => {
    const file = join(freshFolder(), "file");
    writeFileSync(file, "");
    await removeFile(file);
    await removeFile(file);
    expect(existsSync(file)).toBe(false);
  });

  test("never removes a folder", async () => {
    const folder = freshFolder();
    await failureOf(removeFile(folder));
    expect(existsSync(folder)).toBe(true);
  });
});

test("a pipe is written to, not replaced", async () => {
  const pipe = join(freshFolder(), "pipe");
  expect(Bun.spawnSync(["mkfifo", pipe]).success).toBe(true);
  const reader = Bun.spawn(["cat", pipe], { stdout: "pipe" });
  await writeFileAtomically(pipe, "text", { mode: 0o600, clobber: true });
  expect(await new Response(reader.stdout).text()).toBe("text");
  expect(statSync(pipe).isFIFO()).toBe(true);
});
