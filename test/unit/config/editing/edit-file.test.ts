import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { editFile } from "../../../../src/config/editing/edit-file.ts";
import { removeFromText, setInText } from "../../../../src/config/editing/edit-text.ts";
import { ConfigurationError, FileError } from "../../../../src/errors.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";

const freshFolder = temporaryFolders();
const before = "# mine\nport: 1 # one\n";
const after = "# mine\nport: 2 # one\n";
const change = (text: string) => setInText(text, ["port"], 2);
const anything = async () => undefined;
const modeOf = (path: string) => statSync(path).mode & 0o777;
const textOf = (path: string) => readFileSync(path, "utf8");

function freshFile(content: string | Uint8Array = before): string {
  const file = join(freshFolder(), "config.yaml");
  writeFileSync(file, content, { mode: 0o644 });
  return file;
}

type Refusal = typeof FileError | typeof ConfigurationError;

async function refusalOf(file: string, kind: Refusal): Promise<FileError | ConfigurationError> {
  const error = await editFile(file, change, anything).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof kind)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  return error;
}

describe("a file that is edited", () => {
  test("holds the new text, for its owner alone, and the old one beside it", async () => {
    const file = freshFile();
    expect(await editFile(file, change, anything)).toEqual({ changed: true, previousFile: `${file}.previous` });
    expect(textOf(file)).toBe(after);
    expect(textOf(`${file}.previous`)).toBe(before);
    expect([modeOf(file), modeOf(`${file}.previous`)]).toEqual([0o600, 0o600]);
    expect(readdirSync(join(file, "..")).sort()).toEqual([".config.yaml.lock", "config.yaml", "config.yaml.previous"]);
  });

  test("keeps only the text before the last change", async () => {
    const file = freshFile();
    for (const port of [2, 3, 4]) await editFile(file, (text) => setInText(text, ["port"], port), anything);
    expect(textOf(file)).toContain("port: 4");
    expect(textOf(`${file}.previous`)).toContain("port: 3");
  });

  test("is not written when nothing changes", async () => {
    const file = freshFile(after);
    const { ino, mtimeMs } = statSync(file);
    let checked = false;
    const result = await editFile(file, change, async () => {
      checked = true;
    });
    expect(result).toEqual({ changed: false, previousFile: undefined });
    expect([statSync(file).ino, statSync(file).mtimeMs, checked]).toEqual([ino, mtimeMs, false]);
    expect(existsSync(`${file}.previous`)).toBe(false);
    await editFile(file, (text) => removeFromText(text, ["absent"]) ?? text, anything);
    expect(textOf(file)).toBe(after);
  });

  test("is not written when the check refuses the new text, or the change fails", async () => {
    const file = freshFile();
    const refusal = new ConfigurationError("no");
    let seen = "";
    const check = async (text: string) => {
      seen = text;
      throw refusal;
    };
    await expect(editFile(file, change, check)).rejects.toBe(refusal);
    expect(seen).toBe(after);
    const fail = () => {
      throw refusal;
    };
    await expect(editFile(file, fail, anything)).rejects.toBe(refusal);
    expect([textOf(file), modeOf(file), existsSync(`${file}.previous`)]).toEqual([before, 0o644, false]);
  });

  test("is made where there is none, in a folder for its owner alone", async () => {
    const file = join(freshFolder(), "new", "folder", "config.yaml");
    expect(await editFile(file, change, anything)).toEqual({ changed: true, previousFile: undefined });
    expect([textOf(file), modeOf(file), modeOf(join(file, ".."))]).toEqual(["port: 2\n", 0o600, 0o700]);
    expect(existsSync(`${file}.previous`)).toBe(false);
  });

  test("keeps its byte order mark and its line breaks", async () => {
    const file = freshFile(`\ufeff${before.replaceAll("\n", "\r\n")}`);
    await editFile(file, change, anything);
    expect(readFileSync(file)).toEqual(Buffer.from(`\ufeff${after.replaceAll("\n", "\r\n")}`));
    expect(readFileSync(`${file}.previous`)).toEqual(Buffer.from(`\ufeff${before.replaceAll("\n", "\r\n")}`));
  });

  test("is the one that symbolic links lead to, and these stay", async () => {
    const file = freshFile();
    const folder = freshFolder();
    const [link, linkToLink] = [join(folder, "link"), join(folder, "link-to-link")];
    symlinkSync(file, link);
    symlinkSync("link", linkToLink);
    expect(await editFile(linkToLink, change, anything)).toEqual({ changed: true, previousFile: `${file}.previous` });
    expect([readlinkSync(link), readlinkSync(linkToLink), textOf(file)]).toEqual([file, "link", after]);
    expect(readdirSync(folder).sort()).toEqual(["link", "link-to-link"]);
  });

  test("is made where a symbolic link leads to none", async () => {
    const folder = freshFolder();
    symlinkSync("below/real.yaml", join(folder, "link"));
    await editFile(join(folder, "link"), change, anything);
    expect(textOf(join(folder, "below", "real.yaml"))).toBe("port: 2\n");
    expect(readlinkSync(join(folder, "link"))).toBe("below/real.yaml");
  });

  test("replaces a link in the place of the text before, and doesn't follow it", async () => {
    const file = freshFile();
    const other = freshFile("other");
    symlinkSync(other, `${file}.previous`);
    await editFile(file, change, anything);
    expect([textOf(other), textOf(`${file}.previous`)]).toEqual(["other", before]);
    expect(lstatSync(`${file}.previous`).isSymbolicLink()).toBe(false);
  });

  test("loses no key of twenty processes that each set another at once", async () => {
    const file = freshFile("# keys\nkeys: { first: 1 } # these\n");
    const names = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    const script = join(import.meta.dir, "edit-keys.ts");
    const children = names.map((name) => Bun.spawn([process.execPath, script, file, name], { stderr: "inherit" }));
    expect(await Promise.all(children.map((child) => child.exited))).toEqual(names.map(() => 0));
    const wanted = Object.fromEntries(["first", ...names].map((name) => [name, 1]));
    expect(parse(textOf(file))).toEqual({ keys: wanted });
    expect(textOf(file)).toMatch(/^# keys\nkeys: \{ .* \} # these\n$/);
    expect(readdirSync(join(file, "..")).sort()).toEqual([".config.yaml.lock", "config.yaml", "config.yaml.previous"]);
  }, 30_000);

  test("loses no key of many edits at once in one process", async () => {
    const file = freshFile("");
    const names = Array.from({ length: 10 }, (_, index) => `key-${index}`);
    await Promise.all(names.map((name) => editFile(file, (text) => setInText(text, [name], 1), anything)));
    expect(Object.keys(parse(textOf(file))).sort()).toEqual(names);
  });

  test("in a folder with other files, it leaves their locks and temporaries alone", async () => {
    const file = freshFile();
    const folder = join(file, "..");
    const others = [".lock", ".other.yaml.lock", ".other.yaml.0123abcd.tmp", ".config.yaml.previous.0123abcd.tmp"];
    for (const name of [...others, ".config.yaml.0123abcd.tmp"]) writeFileSync(join(folder, name), "theirs");
    await editFile(file, change, anything);
    const expected = [...others, ".config.yaml.lock", "config.yaml", "config.yaml.previous"];
    expect(readdirSync(folder).sort()).toEqual(expected.sort());
    expect(textOf(join(folder, ".lock"))).toBe("theirs");
  });
});

describe("a file is refused", () => {
  const utf16 = new Uint8Array([0xff, 0xfe, ...Buffer.from(before, "utf16le")]);

  test.each([
    ["in UTF-16", utf16, "is UTF-16 text, not UTF-8"],
    ["in UTF-16 of the other byte order", new Uint8Array([0xfe, 0xff, 0, 0x61]), "is UTF-16 text, not UTF-8"],
    ["in UTF-16 without a mark", Buffer.from(before, "utf16le"), ":1 holds a NUL character"],
    ["in Latin-1", Buffer.from("# gr\u00fcn\n", "latin1"), "is not UTF-8 text"],
    ["of more than 1 MiB", "#".repeat(1024 * 1024 + 1), "has 1048577 bytes; a configuration file may have 1048576"],
    ["that would be too large", `# ${"x".repeat(1024 * 1024 - 4)}\n`, "would have 1048583 bytes"],
    ["that is no YAML", "a: [\n", "The file can't be edited: line"],
  ])("%s, and stays as it is", async (_, content, found) => {
    const file = freshFile(content);
    expect((await refusalOf(file, ConfigurationError)).message).toContain(found);
    expect(readFileSync(file)).toEqual(Buffer.from(content));
    expect(existsSync(`${file}.previous`)).toBe(false);
  });

  test("that is a folder or a device", async () => {
    const folder = freshFolder();
    expect((await refusalOf(folder, FileError)).message).toBe(`${folder} is a folder, not a configuration file`);
    expect((await refusalOf("/dev/null", FileError)).message).toContain("is a device or a pipe");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("below a file, at the end of links in a circle, and where no folder can be made", async () => {
    expect((await refusalOf(join(freshFile(), "config.yaml"), FileError)).message).toContain(
      "a part of its path is no folder",
    );
    const folder = freshFolder();
    symlinkSync("two", join(folder, "one"));
    symlinkSync("one", join(folder, "two"));
    expect((await refusalOf(join(folder, "one"), FileError)).message).toContain("lead in a circle");
    expect((await refusalOf("/proc/vibectl-server/config.yaml", FileError)).message).toContain("/proc/vibectl-server");
  });

  test("in a folder where every user can write, with what to do there", async () => {
    const file = freshFile();
    chmodSync(join(file, ".."), 0o777);
    const { message, hint } = await refusalOf(file, FileError);
    expect(message).toContain("Every user can write in");
    expect(hint).toBe(`chmod o-w ${join(file, "..")}, or keep config.yaml in a folder where only its owner can write.`);
    expect(textOf(file)).toBe(before);
  });

  test("whose text can't be kept beside it, because a folder has the name", async () => {
    const file = freshFile();
    mkdirSync(`${file}.previous`);
    expect((await refusalOf(file, FileError)).message).toContain(`${file}.previous can't be written`);
    expect(textOf(file)).toBe(before);
    expect(readdirSync(join(file, "..")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test.each([
    ["that may not be read", 0o755, 0o600, "can't be read: permission denied"],
    ["in a folder that may not be written", 0o555, 0o644, "can't be written: permission denied"],
  ])("%s", async (_, folderMode, fileMode, found) => {
    const file = freshFile();
    chmodSync(file, fileMode);
    chmodSync(join(file, ".."), folderMode);
    chmodSync(join(file, "../.."), 0o755);
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "edit-as-nobody.ts"), file], { stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toContain(found);
    expect(textOf(file)).toBe(before);
  });
});
