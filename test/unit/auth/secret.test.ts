import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveSecret, type SecretOptions } from "../../../src/auth/secret.ts";
import type { FileError } from "../../../src/errors.ts";
import { writeFileAtomically } from "../../../src/safe-file.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(40)) as [
  string,
  string,
  string,
  string,
  string,
];
let count = 0;

function options(overrides: Partial<SecretOptions> = {}): SecretOptions {
  return {
    environment: {},
    algorithm: "HS256",
    generatedFile: join(folder, `generated-${count++}`),
    save: (file, text) => writeFileAtomically(file, text, { mode: 0o600, clobber: false }),
    ...overrides,
  };
}

async function textOf(overrides: Partial<SecretOptions>): Promise<string> {
  return new TextDecoder().decode((await resolveSecret(options(overrides))).bytes);
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the secret comes from the first of its places that has one", async () => {
  const environment: Record<string, string> = {
    VIBECTL_JWT_SECRET: a,
    VIBECTL_JWT_SECRET_FILE: file("variable", `${b}\n`),
  };
  const key = c;
  const keyFile = file("configured", d);
  expect(await textOf({ environment, key, keyFile })).toBe(a);
  delete environment.VIBECTL_JWT_SECRET;
  expect(await textOf({ environment, key, keyFile })).toBe(b);
  expect(await textOf({ key, keyFile })).toBe(c);
  expect(await textOf({ keyFile })).toBe(d);
  expect(await textOf({ generatedFile: file("generated", `${e}\n`) })).toBe(e);
});

describe("where there is none", () => {
  test("one is made and kept, and found again", async () => {
    const generatedFile = join(folder, "kept");
    const first = await textOf({ generatedFile });
    expect(existsSync(generatedFile)).toBe(true);
    expect(await textOf({ generatedFile })).toBe(first);
  });

  test("two processes that start at once agree on one", async () => {
    const generatedFile = join(folder, "raced");
    const secrets = await Promise.all(Array.from({ length: 8 }, () => textOf({ generatedFile })));
    expect(new Set(secrets).size).toBe(1);
  });
});

describe("the old name VIBECTL_JWT_SECRET_KEY", () => {
  test("works alone, and is said to be deprecated", async () => {
    const secret = await resolveSecret(options({ environment: { VIBECTL_JWT_SECRET_KEY: a } }));
    expect(new TextDecoder().decode(secret.bytes)).toBe(a);
    expect(secret.warnings).toEqual([
      "VIBECTL_JWT_SECRET_KEY is deprecated; the variable's name is VIBECTL_JWT_SECRET",
    ]);
  });

  test("is accepted silently beside the same value", async () => {
    const environment = { VIBECTL_JWT_SECRET: a, VIBECTL_JWT_SECRET_KEY: a };
    expect((await resolveSecret(options({ environment }))).warnings).toEqual([]);
  });

  test("is refused beside another value", async () => {
    const environment = { VIBECTL_JWT_SECRET: a, VIBECTL_JWT_SECRET_KEY: b };
    await expect(resolveSecret(options({ environment }))).rejects.toThrow("they differ");
  });
});

test("a secret that is too short for its algorithm is refused, without being repeated", async () => {
  const short = "s3cr3t-".repeat(4);
  const problem = await resolveSecret(options({ key: short })).catch((error: Error) => error.message);
  expect(problem).toContain("has 28 bytes; HS256 needs at least 32");
  expect(problem).not.toContain(short);
  await expect(resolveSecret(options({ key: a, algorithm: "HS512" }))).rejects.toThrow("HS512 needs at least 64");
});

test.each(["secret-and-no-file-at-all-0123456789", "secret/with+slashes=", "/secret/ghi+0123456789AB", "id.secret"])(
  "%s where a file's name belongs is not repeated",
  async (secret) => {
    const environment = { VIBECTL_JWT_SECRET_FILE: secret };
    const error = (await resolveSecret(options({ environment })).catch((thrown: unknown) => thrown)) as FileError;
    expect(`${error.message} ${error.hint}`).not.toContain(secret);
  },
);

test("a file that can't be read is named", async () => {
  await expect(resolveSecret(options({ keyFile: join(folder, "none") }))).rejects.toThrow(
    /jwt.secret_key_file names .*none/,
  );
  await expect(resolveSecret(options({ generatedFile: folder }))).rejects.toThrow("can't be read");
});
