import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CopyEditing, editCopy } from "../../../../src/config/editing/edit-copy.ts";
import { FileError, VibectlError } from "../../../../src/errors.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";

const freshFolder = temporaryFolders();
const text = "server:\n  port: 1\n";

function makeFile(content: string | undefined = text): string {
  const file = join(freshFolder(), "config.yaml");
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

/** Edits as a person who writes these, one after the other. */
async function edit(file: string, ...writings: ((copy: string) => void)[]) {
  const left = [...writings];
  const editing: CopyEditing = {
    initialText: "# new\n",
    openEditor: async (copy) => left.shift()?.(copy),
    wantsToGoOn: () => left.length > 0,
  };
  try {
    return { ...(await editCopy(file, editing)), refusal: "" };
  } catch (error) {
    if (error instanceof VibectlError) return { refusal: `${error.name}: ${error.message} | ${error.hint}` };
    throw error;
  }
}

const write = (content: string | Uint8Array) => (copy: string) => writeFileSync(copy, content);
const copiesBeside = (file: string) =>
  readdirSync(dirname(file)).filter((name) => /^\.config\.yaml\.[0-9a-f]{8}\.yaml$/.test(name));

describe("a copy of the configuration file", () => {
  test("is taken over when it is valid, and gone then", async () => {
    const file = makeFile();
    expect(await edit(file, write("server:\n  port: 2\n"))).toMatchObject({ changed: true, isNew: false });
    expect(readFileSync(file, "utf8")).toBe("server:\n  port: 2\n");
    expect(copiesBeside(file)).toEqual([]);
  });

  test("that is left as it is changes nothing, and is gone", async () => {
    const file = makeFile();
    expect(await edit(file)).toMatchObject({ changed: false });
    expect(readdirSync(dirname(file))).toEqual(["config.yaml"]);
  });

  test("of no file is begun with a text, and makes nothing when it is left as that", async () => {
    const file = join(freshFolder(), "a", "b", "config.yaml");
    let begun = "";
    const look = (copy: string) => {
      begun = readFileSync(copy, "utf8");
    };
    expect(await edit(file, look)).toMatchObject({ changed: false, isNew: true });
    expect(begun).toBe("# new\n");
    expect(existsSync(dirname(dirname(file)))).toBe(false);
    expect(await edit(file, write(text))).toMatchObject({ changed: true, isNew: true });
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("that is wrong can be edited again", async () => {
    const file = makeFile();
    await edit(file, write("server:\n  port: many\n"), write("server:\n  port: 3\n"));
    expect(readFileSync(file, "utf8")).toBe("server:\n  port: 3\n");
  });

  test.each([
    ["a wrong value", "server:\n  port: many\n", "found "],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0x00), "UTF-16"],
  ])("with %s is kept and named when nobody goes on", async (_, content, expected) => {
    const file = makeFile();
    const { refusal } = await edit(file, write(content));
    const [copy = ""] = copiesBeside(file);
    expect(refusal).toContain(expected);
    expect(refusal).toEndWith(`| Nothing was written to ${file}; what you wrote is in ${join(dirname(file), copy)}.`);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("that was removed is told of, without a stack trace", async () => {
    const file = makeFile();
    const { refusal } = await edit(file, (copy) => rmSync(copy));
    expect(refusal).toMatch(/^FileError: .*does not exist \| Nothing was written to /);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("is gone when the editor fails before anything was written, and kept after that", async () => {
    const file = makeFile();
    const fail = () => {
      throw new FileError("The editor failed");
    };
    expect((await edit(file, fail)).refusal).toBe(`FileError: The editor failed | Nothing was written to ${file}.`);
    expect(copiesBeside(file)).toEqual([]);
    const { refusal } = await edit(file, (copy) => {
      writeFileSync(copy, "half");
      fail();
    });
    expect(refusal).toContain("what you wrote is in ");
    expect(copiesBeside(file)).toHaveLength(1);
  });

  test("is not taken over when somebody else has changed the file meanwhile", async () => {
    const file = makeFile();
    const { refusal } = await edit(file, (copy) => {
      writeFileSync(copy, "server:\n  port: 2\n");
      writeFileSync(file, "server:\n  port: 9\n");
    });
    expect(refusal).toContain("was changed by somebody else meanwhile | Nothing was written to ");
    expect(readFileSync(file, "utf8")).toBe("server:\n  port: 9\n");
    expect(copiesBeside(file)).toHaveLength(1);
  });

  test("of a file with a byte order mark leaves the mark", async () => {
    const file = makeFile(`\ufeff${text}`);
    expect(await edit(file, write("server:\n  port: 2\n"))).toMatchObject({ changed: true });
    expect(readFileSync(file, "utf8")).toBe("\ufeffserver:\n  port: 2\n");
  });
});
