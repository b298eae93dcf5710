import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type PairFiles, type PairText, writePair } from "../../../../src/pki/files/pair-files.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";
import { makeParty } from "../authorities.ts";
import { failureOf } from "../failure.ts";

const freshFolder = temporaryFolders();
function filesIn(folder: string, name = "server"): PairFiles {
  return { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
}

async function makeText(): Promise<PairText> {
  const { text, keyText } = await makeParty({ hosts: ["localhost"] });
  return { certificate: text, key: keyText };
}

const [first, second, third] = [await makeText(), await makeText(), await makeText()];

/** What a reader finds under both names. */
function read({ certFile, keyFile }: PairFiles): PairText {
  const text = { certificate: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  expect(new X509Certificate(text.certificate).checkPrivateKey(createPrivateKey(text.key))).toBe(true);
  return text;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Both names are links into one version, and nothing else is there. */
function expectOneVersion(folder: string): void {
  expect(readdirSync(folder).sort()).toEqual([".server.crt.d", "server.crt", "server.key"]);
  expect(readlinkSync(join(folder, "server.crt"))).toBe(".server.crt.d/live/server.crt");
  expect(readlinkSync(join(folder, "server.key"))).toBe(".server.crt.d/live/server.key");
  const live = readlinkSync(join(folder, ".server.crt.d/live"));
  expect(readdirSync(join(folder, ".server.crt.d")).sort()).toEqual([live, "live"].sort());
  expect(readdirSync(join(folder, ".server.crt.d", live)).sort()).toEqual(["server.crt", "server.key"]);
}

describe("a pair", () => {
  test("is written under both names, which lead into one version, its key for this user alone", async () => {
    const folder = freshFolder();
    const files = filesIn(folder);
    await writePair(files, first);
    expect(read(files)).toEqual(first);
    expectOneVersion(folder);
    expect([files.certFile, files.keyFile, join(folder, ".server.crt.d/live")].map(modeOf)).toEqual([
      "644",
      "600",
      "700",
    ]);
  });

  test("gives way as a whole, and nothing of it stays", async () => {
    const folder = freshFolder();
    const files = filesIn(folder);
    for (const text of [first, second, third]) {
      await writePair(files, text);
      expect(read(files)).toEqual(text);
      expectOneVersion(folder);
    }
  });

  test("with the key that is there replaces the certificate alone", async () => {
    const folder = freshFolder();
    const files = filesIn(folder);
    await writePair(files, first);
    const { ino } = statSync(files.keyFile);
    const certificate = `${first.certificate}\n`;
    await writePair(files, { ...first, certificate });
    expect(read(files)).toEqual({ ...first, certificate });
    expect(statSync(files.keyFile).ino).toBe(ino);
    expectOneVersion(folder);
  });

  test("of plain files, as the Python server leaves them, gives way to links", async () => {
    const folder = freshFolder();
    const files = filesIn(folder);
    writeFileSync(files.certFile, first.certificate);
    writeFileSync(files.keyFile, first.key, { mode: 0o600 });
    await writePair(files, second);
    expect(read(files)).toEqual(second);
    expectOneVersion(folder);
  });

  test("of plain files whose key stays remains one of plain files", async () => {
    const folder = freshFolder();
    const files = filesIn(folder);
    writeFileSync(files.certFile, "an older certificate");
    writeFileSync(files.keyFile, first.key, { mode: 0o600 });
    await writePair(files, first);
    expect(read(files)).toEqual(first);
    expect([files.certFile, files.keyFile].map((path) => lstatSync(path).isSymbolicLink())).toEqual([false, false]);
    expect(readdirSync(folder).sort()).toEqual(["server.crt", "server.key"]);
  });

  test.each([
    ["a certificate without a key", "server.crt"],
    ["a key without a certificate", "server.key"],
  ])("takes the place of %s", async (_, name) => {
    const folder = freshFolder();
    writeFileSync(join(folder, name), name === "server.key" ? first.key : first.certificate);
    await writePair(filesIn(folder), second);
    expect(read(filesIn(folder))).toEqual(second);
    expectOneVersion(folder);
  });

  test("takes the place of links to elsewhere, and leaves alone what they led to", async () => {
    const [folder, elsewhere] = [freshFolder(), freshFolder()];
    const files = filesIn(folder);
    const others = filesIn(elsewhere);
    writeFileSync(others.certFile, first.certificate);
    writeFileSync(others.keyFile, first.key);
    symlinkSync(others.certFile, files.certFile);
    symlinkSync(others.keyFile, files.keyFile);
    await writePair(files, second);
    expect(read(files)).toEqual(second);
    expect(read(others)).toEqual(first);
    expectOneVersion(folder);
  });

  test("leaves another pair in the same folder alone", async () => {
    const folder = freshFolder();
    await writePair(filesIn(folder, "a"), first);
    await writePair(filesIn(folder, "b"), second);
    await writePair(filesIn(folder, "b"), third);
    expect(read(filesIn(folder, "a"))).toEqual(first);
    expect(read(filesIn(folder, "b"))).toEqual(third);
  });

  test("in two folders is written as plain files, the old certificate gone before the key changes", async () => {
    const files = { certFile: join(freshFolder(), "server.crt"), keyFile: join(freshFolder(), "new", "server.key") };
    await writePair(files, first);
    await writePair(files, second);
    expect(read(files)).toEqual(second);
    expect(lstatSync(files.certFile).isFile()).toBe(true);
    expect([files.certFile, files.keyFile].map(modeOf)).toEqual(["644", "600"]);
  });

  test("is written into a folder that is not there yet", async () => {
    const folder = join(freshFolder(), "a", "b");
    await writePair(filesIn(folder), first);
    expect(read(filesIn(folder))).toEqual(first);
    expect(modeOf(folder)).toBe("700");
  });

  test("clears away what a killed process left of it, and nothing else", async () => {
    const folder = freshFolder();
    const stale = [".server.key.0123abcd.tmp", ".server.crt.89abcdef.tmp"];
    for (const name of [...stale, ".other.key.0123abcd.tmp"]) writeFileSync(join(folder, name), "");
    mkdirSync(join(folder, ".server.crt.d/a-version"), { recursive: true });
    symlinkSync("a-version", join(folder, ".server.crt.d/.live.0123abcd.tmp"));
    await writePair(filesIn(folder), first);
    expect(readdirSync(folder).sort()).toEqual([
      ".other.key.0123abcd.tmp",
      ".server.crt.d",
      "server.crt",
      "server.key",
    ]);
    expect(readdirSync(join(folder, ".server.crt.d"))).toHaveLength(2);
  });
});

/** Every state that a kill can leave between two steps of the first write over plain files. */
describe("a killed write", () => {
  test.each([
    ["before anything leads to its version", []],
    ["when only the version before is made", ["live"]],
    ["when only the key's name is a link", ["live", "server.key"]],
    ["when both names are links to the version before", ["live", "server.key", "server.crt"]],
  ])("%s is finished by the next", async (_, steps) => {
    const folder = freshFolder();
    const files = filesIn(folder);
    const version = join(folder, ".server.crt.d/before");
    mkdirSync(version, { recursive: true });
    for (const place of [folder, version]) {
      writeFileSync(join(place, "server.crt"), first.certificate);
      writeFileSync(join(place, "server.key"), first.key, { mode: 0o600 });
    }
    for (const step of steps) {
      const [path, target] = step === "live" ? [".server.crt.d/live", "before"] : [step, `.server.crt.d/live/${step}`];
      symlinkSync(target, join(folder, "made"));
      renameSync(join(folder, "made"), join(folder, path));
      expect(read(files)).toEqual(first);
    }
    await writePair(files, second);
    expect(read(files)).toEqual(second);
    expectOneVersion(folder);
  });
});

describe("a pair can't be written", () => {
  test("below a file", async () => {
    const error = await failureOf(writePair(filesIn(import.meta.path), first));
    expect([error.code, error.message]).toEqual([
      "FILE_UNUSABLE",
      expect.stringContaining("server.crt can't be written"),
    ]);
  });

  test.each(["server.crt", "server.key"])("where %s is a folder, and nothing changes", async (name) => {
    const folder = freshFolder();
    mkdirSync(join(folder, name));
    expect((await failureOf(writePair(filesIn(folder), first))).message).toContain("it is a folder");
    expect(existsSync(join(folder, name === "server.crt" ? "server.key" : "server.crt"))).toBe(false);
  });

  test("where the place of its versions is taken by a file", async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, ".server.crt.d"), "");
    expect((await failureOf(writePair(filesIn(folder), first))).code).toBe("FILE_UNUSABLE");
    expect(existsSync(join(folder, "server.crt"))).toBe(false);
  });
});
