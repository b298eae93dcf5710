import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { examineConfiguration } from "../../../src/config/load.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import { ConfigurationError, FileError, type VibectlError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { configurationFiles } from "./configuration-files.ts";

const folder = temporaryFolder();
const { examine, write } = configurationFiles();

async function errorOf(file: string): Promise<VibectlError> {
  const error: unknown = await examineConfiguration({
    environment: {},
    paths: resolvePaths({ HOME: folder }),
    file,
  }).catch((thrown: unknown) => thrown);
  return error as VibectlError;
}

const utf16 = (text: string) => [...text].flatMap((character) => [character.charCodeAt(0), 0]);
const utf32 = (text: string) => [...text].flatMap((character) => [character.charCodeAt(0), 0, 0, 0]);
const swapped = (bytes: number[], size: number) =>
  Array.from({ length: bytes.length / size }, (_, index) =>
    bytes.slice(index * size, (index + 1) * size).reverse(),
  ).flat();
const ascii = (text: string) => [...Buffer.from(text)];
const content = "server: {}\n";

describe("bytes that are no text in UTF-8 are refused:", () => {
  test.each<[name: string, bytes: number[], problem: string]>([
    ["UTF-16, little end first, with its mark", [0xff, 0xfe, ...utf16(content)], "is UTF-16 text"],
    ["UTF-16, big end first, with its mark", [0xfe, 0xff, ...swapped(utf16(content), 2)], "is UTF-16 text"],
    ["UTF-32, little end first, with its mark", [0xff, 0xfe, 0, 0, ...utf32(content)], "is UTF-32 text"],
    ["UTF-32, big end first, with its mark", [0, 0, 0xfe, 0xff, ...swapped(utf32(content), 4)], "is UTF-32 text"],
    ["UTF-16 without its mark", utf16(content), ":1 holds a NUL character"],
    ["UTF-32 without its mark", utf32(content), ":1 holds a NUL character"],
    ["a mark of UTF-16 alone", [0xff, 0xfe], "is UTF-16 text"],
    ["Latin-1", [...ascii("jwt: { issuer: M"), 0xfc, ...ascii("nchen }")], "is not UTF-8 text"],
    ["a character that is cut off", [...ascii("jwt: { issuer: a }\n#"), 0xe2, 0x82], "is not UTF-8 text"],
    ["an overlong slash", [...ascii("#"), 0xc0, 0xaf], "is not UTF-8 text"],
    ["half a surrogate pair", [...ascii("#"), 0xed, 0xa0, 0x80], "is not UTF-8 text"],
    ["a character beyond Unicode", [...ascii("#"), 0xf4, 0x90, 0x80, 0x80], "is not UTF-8 text"],
    ["gzip", [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0], "is not UTF-8 text"],
    ["a NUL", ascii("server: {}\n\n# \0\n"), ":3 holds a NUL character"],
    [
      "an escape sequence of a terminal",
      ascii("server:\n  host: \u001b[2Ja\n"),
      ":2 holds the control character U+001B",
    ],
    ["a bell in a comment", ascii("# \u0007\n"), ":1 holds the control character U+0007"],
    ["a delete character", ascii("server: { host: a\u007f }\n"), ":1 holds the control character U+007F"],
    ["a control sequence introducer", ascii("server: { host: \u009b2J }\n"), ":1 holds the control character U+009B"],
    ["a form feed", ascii("server: {}\n\f\njwt: {}\n"), ":2 holds the control character U+000C"],
    [
      "lines that end with a carriage return",
      ascii("server:\r  port: 1\r"),
      ":1 has a carriage return that ends no line",
    ],
    ["a carriage return in a value", ascii("server: {}\njwt: { issuer: a\rb }\n"), ":2 has a carriage return"],
  ])("%s", async (_name, bytes, problem) => {
    const error = await errorOf(write(new Uint8Array(bytes)));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(problem);
    expect(error.hint).toStartWith("Save it with");
  });

  test("but not a mark of UTF-8, lines that end as in Windows, and text beyond ASCII", async () => {
    const text = "\ufeffserver:\r\n  port: 1\r\njwt: { issuer: Grüße 🚀 }\r\n";
    const { loaded } = await examine({ text });
    expect(loaded?.configuration.server.port).toBe(1);
    expect(loaded?.configuration.jwt.issuer).toBe("Grüße 🚀");
  });
});

describe("what is no file to read is refused:", () => {
  test("a folder", async () => {
    const path = join(folder, "folder.yaml");
    mkdirSync(path);
    const error = await errorOf(path);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain("is a folder");
  });

  test("a pipe that nobody writes to, without waiting for it", async () => {
    const path = join(folder, "pipe.yaml");
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    expect((await errorOf(path)).message).toContain("is a device or a pipe");
  });

  test.each(["/dev/zero", "/dev/null", "/dev/tty"])("%s", async (device) => {
    const error = await errorOf(device);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(/is a device or a pipe|can't be read|does not exist/);
  });

  test("links that lead in a circle", async () => {
    const [one, two] = [join(folder, "one.yaml"), join(folder, "two.yaml")];
    symlinkSync(one, two);
    symlinkSync(two, one);
    const error = await errorOf(one);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain(`The configuration file ${one} can't be read`);
  });

  test.each([join(folder, "none.yaml"), ""])("one that does not exist: %p", async (path) => {
    const error = await errorOf(path);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain("does not exist");
    expect(error.hint).toContain("init-config");
  });

  test("one below a file", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    expect(await errorOf(join(path, "config.yaml"))).toBeInstanceOf(FileError);
  });

  test("one with a name that is too long", async () => {
    expect(await errorOf(join(folder, "n".repeat(300)))).toBeInstanceOf(FileError);
  });

  test.skipIf(process.getuid?.() === 0)("one that this user can't read", async () => {
    const path = write("server: {}");
    chmodSync(path, 0);
    const error = await errorOf(path);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain("can't be read");
  });
});

describe("a file is too long", () => {
  test("with 100 MB, which are not read", async () => {
    const path = join(folder, "sparse.yaml");
    openSync(path, "w");
    truncateSync(path, 100_000_000);
    const start = performance.now();
    expect((await errorOf(path)).message).toContain("has 100000000 bytes; a configuration file may have 1048576");
    expect(performance.now() - start).toBeLessThan(500);
  });

  test("with one byte more than 1 MiB, and not with 1 MiB", async () => {
    const most = 1024 * 1024;
    expect((await errorOf(write("#".repeat(most + 1)))).message).toContain("has 1048577 bytes");
    expect((await examine({ text: "#".repeat(most) })).loaded).toBeDefined();
  });
});
