import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPassphrase } from "../../../src/cli/passphrase.ts";
import { ConfigurationError, FileError, VibectlError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
let count = 0;

function place(content: string | Uint8Array): string {
  const path = join(folder, String(count++));
  writeFileSync(path, content);
  return path;
}

const none = { file: undefined, environment: {} };

async function failure(action: Promise<unknown>): Promise<VibectlError> {
  const error = await action.catch((thrown: unknown) => thrown);
  if (!(error instanceof VibectlError)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  return error;
}

/** The ways to name a file, and how messages call them. */
const ways = [
  ["--passphrase-file", (file: string) => ({ ...none, file })],
  ["VIBECTL_CA_PASSPHRASE_FILE", (file: string) => ({ ...none, environment: { VIBECTL_CA_PASSPHRASE_FILE: file } })],
] as const;

describe.each(ways)("a passphrase in the file that %s names", (way, from) => {
  test.each([
    ["without a line end", "s3cret", "s3cret"],
    ["with a line end", "s3cret\n", "s3cret"],
    ["with a line end of Windows", "s3cret\r\n", "s3cret"],
    ["with an empty line behind it", "s3cret\n\n", "s3cret"],
    ["with another line behind it", "s3cret\r\nand a remark\n", "s3cret"],
    ["behind a byte order mark", "\ufeffs3cret\n", "s3cret"],
    ["of 1000 bytes", `${"é".repeat(500)}\n`, "é".repeat(500)],
    ["with blanks at its ends", " s3cret \n", " s3cret "],
    ["that ends with a carriage return", "s3cret\r", "s3cret\r"],
    ["beyond ASCII", "pässwörd 鍵 🔑\n", "pässwörd 鍵 🔑"],
    ["of one character", "x", "x"],
  ])("%s is read", async (_, content, passphrase) => {
    expect(await findPassphrase(from(place(content)))).toBe(passphrase);
  });

  test.each([
    ["holds nothing", "", "holds no passphrase"],
    ["holds a line end alone", "\n", "holds no passphrase"],
    ["holds a line end of Windows alone", "\r\n", "holds no passphrase"],
    ["has an empty first line", "\ns3cret\n", "holds no passphrase"],
    ["holds a byte order mark alone", "\ufeff", "holds no passphrase"],
    ["holds 1001 bytes", `${"é".repeat(500)}x`, "holds a passphrase of 1001 bytes; 1000 are allowed"],
    ["is not UTF-8", Buffer.from("s\u00e9cret", "latin1"), "is not UTF-8 text"],
  ])("which %s is an error that does not tell it", async (_, content, found) => {
    const file = place(content);
    const error = await failure(findPassphrase(from(file)));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe(`${file}, which ${way} names, ${found}`);
    expect(`${error.message} ${error.hint}`).not.toMatch(/cret|éé/);
  });

  test.each([
    ["is not there", () => join(folder, "missing"), "it does not exist"],
    [
      "is a folder",
      () => {
        const path = join(folder, String(count++));
        mkdirSync(path);
        return path;
      },
      "it is a folder",
    ],
    ["is below a file", () => join(place("x"), "passphrase"), "a part of its path is no folder"],
  ])("which %s is an error", async (_, make, found) => {
    const file = make();
    const error = await failure(findPassphrase(from(file)));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toStartWith(`${way} names `);
    expect(error.message).toEndWith(found);
  });

  test("that stands where the file's name belongs is not told", async () => {
    const error = await failure(findPassphrase(from("s3cret phrase")));
    expect(`${error.message} ${error.hint}`).not.toContain("s3cret");
  });
});

describe("a passphrase in the environment", () => {
  test.each(["s3cret", " s3cret ", "s3cret\n", "pässwörd 🔑"])("is taken as it is: %j", async (passphrase) => {
    expect(await findPassphrase({ ...none, environment: { VIBECTL_CA_PASSPHRASE: passphrase } })).toBe(passphrase);
  });

  test("comes before the file that the environment names, and behind the one of the flag", async () => {
    const environment = { VIBECTL_CA_PASSPHRASE: "value", VIBECTL_CA_PASSPHRASE_FILE: place("from its file") };
    expect(await findPassphrase({ ...none, environment })).toBe("value");
    expect(await findPassphrase({ file: place("from the flag"), environment })).toBe("from the flag");
  });

  test.each([
    ["is empty", "", "holds no passphrase"],
    ["has 1001 bytes", "x".repeat(1001), "holds a passphrase of 1001 bytes; 1000 are allowed"],
  ])("that %s is an error, and no reason to do without", async (_, passphrase, found) => {
    const environment = { VIBECTL_CA_PASSPHRASE: passphrase, VIBECTL_CA_PASSPHRASE_FILE: place("from its file") };
    const error = await failure(findPassphrase({ ...none, environment }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toBe(`VIBECTL_CA_PASSPHRASE ${found}`);
  });

  test("that should be in a file without a name is an error", async () => {
    const error = await failure(findPassphrase({ ...none, environment: { VIBECTL_CA_PASSPHRASE_FILE: "" } }));
    expect(error.message).toStartWith("VIBECTL_CA_PASSPHRASE_FILE names ");
  });
});

test("without any of them there is none", async () => {
  expect(await findPassphrase(none)).toBeUndefined();
});
