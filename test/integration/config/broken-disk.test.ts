import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { editFile } from "../../../src/config/editing/edit-file.ts";
import { setInText } from "../../../src/config/editing/edit-text.ts";
import { FileError } from "../../../src/errors.ts";
import { smallDisks } from "../../small-disks.ts";

const disks = smallDisks(64);
const before = `# ${"x".repeat(10_000)}\nport: 1\n`;

/** A small file system with a configuration file. */
function diskWithFile(name: string): string {
  const place = disks.make(name);
  writeFileSync(join(place, "config.yaml"), before);
  return place;
}

async function refusalOf(file: string): Promise<FileError> {
  const edit = editFile(
    file,
    (text) => setInText(text, ["port"], 2),
    async () => undefined,
  );
  const error = await edit.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FileError)) throw new Error(`unexpected: ${error}`);
  expect(readFileSync(file, "utf8")).toBe(before);
  return error;
}

/** Takes all the room there is, but for some bytes. */
function fill(folder: string, leave: number): void {
  const filler = join(folder, "filler");
  for (let size = 64 * 1024; ; size -= 4096) {
    try {
      writeFileSync(filler, new Uint8Array(size));
    } catch (error) {
      if (!String(error).includes("ENOSPC")) throw error;
      continue;
    }
    writeFileSync(filler, new Uint8Array(size - leave));
    return;
  }
}

describe.skipIf(!disks.possible)("on a disk", () => {
  test("that is full the file stays, nothing half-written is left, and the error says that it is full", async () => {
    const folder = diskWithFile("full");
    const file = join(folder, "config.yaml");
    fill(folder, 0);
    const { message, hint } = await refusalOf(file);
    expect(message).toBe(`${file}.previous can't be written: the disk is full`);
    expect(hint).toContain("Make room");
    expect(readdirSync(folder).sort()).toEqual([".config.yaml.lock", "config.yaml", "filler"]);
  });

  test("with room for the text before alone, the file stays all the same", async () => {
    const folder = diskWithFile("nearly-full");
    const file = join(folder, "config.yaml");
    fill(folder, 4 * 4096);
    expect((await refusalOf(file)).message).toBe(`${file} can't be written: the disk is full`);
    expect(readFileSync(`${file}.previous`, "utf8")).toBe(before);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("that may only be read the error says so", async () => {
    const folder = diskWithFile("read-only");
    disks.freeze(folder);
    const { message, hint } = await refusalOf(join(folder, "config.yaml"));
    expect(message).toContain("can't be written: the file system is read-only");
    expect(hint).toContain(`Mount ${folder} writable`);
    expect(existsSync(join(folder, ".config.yaml.lock"))).toBe(false);
  });
});
