import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { generateSecret, resolveSecret, type SecretOptions } from "../../../src/auth/secret.ts";
import { ConfigurationError, FileError, VibectlError } from "../../../src/errors.ts";
import { writeFileAtomically } from "../../../src/safe-file.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { write } from "./key-material.ts";
import { at, now } from "./verifiers.ts";

const folder = temporaryFolder();
const [a, b, c, d] = ["a".repeat(40), "b".repeat(40), "c".repeat(40), "d".repeat(40)];
let count = 0;
const file = (text: string | Uint8Array, mode?: number) => write(folder, `secret-${count++}`, text, mode);
const keyOf = (text: string) => ({ text, source: "VIBECTL_JWT_SECRET" });
const keyFileOf = (path: string) => ({ file: path, source: "jwt.secret_key_file" });

function options(overrides: Partial<SecretOptions> = {}): SecretOptions {
  return {
    algorithm: "HS256",
    generatedFile: join(folder, `generated-${count++}`),
    now,
    save: (path, text) => writeFileAtomically(path, text, { mode: 0o600, clobber: false }),
    ...overrides,
  };
}

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

async function secretText(overrides: Partial<SecretOptions>): Promise<string> {
  return textOf((await resolveSecret(options(overrides))).bytes);
}

async function problemOf(overrides: Partial<SecretOptions>): Promise<VibectlError> {
  const error = await resolveSecret(options(overrides)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof VibectlError)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  return error;
}

test("the secret comes from the first of its places that has one", async () => {
  const [key, keyFile, generatedFile] = [keyOf(a), keyFileOf(file(`${b}\n`)), file(c)];
  const direct = await resolveSecret(options({ key, keyFile, generatedFile }));
  expect([textOf(direct.bytes), direct.source, direct.file]).toEqual([a, "VIBECTL_JWT_SECRET", undefined]);
  const named = await resolveSecret(options({ keyFile, generatedFile }));
  expect([textOf(named.bytes), named.source, named.file]).toEqual([b, keyFile.file, keyFile.file]);
  const generated = await resolveSecret(options({ generatedFile }));
  expect([textOf(generated.bytes), generated.source, generated.file]).toEqual([c, generatedFile, generatedFile]);
});

describe("where there is none", () => {
  test("one is made and kept for its owner alone, and found again", async () => {
    const generatedFile = join(folder, "kept");
    const first = await secretText({ generatedFile });
    expect(first).toMatch(/^[\w-]{86}$/);
    expect(statSync(generatedFile).mode & 0o777).toBe(0o600);
    expect(await secretText({ generatedFile })).toBe(first);
  });

  test("it is long enough for every algorithm", async () => {
    expect(generateSecret()).not.toBe(generateSecret());
    expect(await secretText({ algorithm: "HS512" })).toHaveLength(86);
  });

  test("two processes that start at once agree on one", async () => {
    const generatedFile = join(folder, "raced");
    const secrets = await Promise.all(Array.from({ length: 8 }, () => secretText({ generatedFile })));
    expect(new Set(secrets).size).toBe(1);
  });

  test("what can't be kept is not used", async () => {
    mkdirSync(join(folder, "in-the-way"));
    expect((await problemOf({ generatedFile: join(folder, "in-the-way") })).message).toMatch(/in-the-way is a folder/);
  });
});

test.each(["HS256", "HS384", "HS512"] as const)(
  "a secret that is too short for %s is refused, and not repeated",
  async (algorithm) => {
    const short = "s3cr3t-".repeat(4);
    const error = await problemOf({ key: keyOf(short), algorithm });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(/VIBECTL_JWT_SECRET has 28 bytes; HS\d+ needs at least (32|48|64) \(RFC 7518/);
    expect(error.hint).toBe("Make one: vibectl-server generate-secret --output FILE");
    expect(error.message).not.toContain(short);
  },
);

test("a secret's bytes are counted, not its letters", async () => {
  expect(await secretText({ key: keyOf("ä".repeat(16)) })).toHaveLength(16);
});

const foreign: readonly (readonly [string, string])[] = [
  ["a public key", `-----BEGIN PUBLIC KEY-----\n${a}\n-----END PUBLIC KEY-----`],
  ["a public key after a blank (CVE-2023-48223)", ` -----BEGIN PUBLIC KEY-----\n${a}`],
  ["a certificate", `-----BEGIN CERTIFICATE-----\n${a}`],
  ["a private key", `-----BEGIN PRIVATE KEY-----\n${a}`],
  ["a key for SSH (CVE-2022-29217)", `ssh-ed25519 ${a}`],
  ["an ECDSA key for SSH (CVE-2024-33663)", `ecdsa-sha2-nistp256 ${a}`],
  ["a JWK (CVE-2026-48526)", `{"kty":"RSA","n":"${a}","e":"AQAB"}`],
];
test.each(foreign)("%s is no secret", async (_name, text) => {
  const error = await problemOf({ key: keyOf(text) });
  expect(error.message).toBe("The secret from VIBECTL_JWT_SECRET is a key for another algorithm than HS256");
  expect(error.message).not.toContain(a);
});

describe("a file that should hold the secret", () => {
  const cases: readonly (readonly [string, () => string, RegExp])[] = [
    ["is empty", () => file(""), /is empty$/],
    ["has only line ends", () => file(" \n\r\n"), /is empty$/],
    ["is too large", () => file("x".repeat(64 * 1024 + 1)), /is too large: it has 65537 bytes/],
    ["has NUL characters", () => file(`${a}\0${a}`), /has NUL characters/],
    ["is not UTF-8", () => file(new Uint8Array(40).fill(0xff)), /is no text in UTF-8/],
    ["is a folder", () => folder, /is a folder/],
    ["is a device", () => "/dev/zero", /is no regular file/],
    ["does not exist", () => join(folder, "none"), /can't be read: it does not exist/],
  ];
  test.each(cases)("and %s is refused", async (_name, make, message) => {
    const error = await problemOf({ keyFile: keyFileOf(make()) });
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(message);
    expect(error.message).toStartWith("jwt.secret_key_file names /");
    expect(error.hint).toContain("generate-secret");
  });

  test("and is a pipe that nobody writes to is refused at once", async () => {
    const pipe = join(folder, "pipe");
    expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
    expect((await problemOf({ keyFile: keyFileOf(pipe) })).message).toMatch(/is no regular file/);
  });

  test("may have 64 KiB", async () => {
    expect(await secretText({ keyFile: keyFileOf(file("x".repeat(64 * 1024))) })).toHaveLength(64 * 1024);
  });

  test("may have line ends around it, which are no part of it", async () => {
    expect(await secretText({ keyFile: keyFileOf(file(`${a} \r\n\n`)) })).toBe(a);
  });

  test.each([0o640, 0o604, 0o644, 0o620])("and has mode %o is used with a warning", async (mode) => {
    const path = file(a, mode);
    const { warnings } = await resolveSecret(options({ keyFile: keyFileOf(path) }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${path} holds a secret and has mode ${mode.toString(8)}: other users`);
    expect((await resolveSecret(options({ keyFile: keyFileOf(file(a)) }))).warnings).toEqual([]);
  });

  test.each(["secret-and-no-file-at-all-0123456789", "secret/with+slashes=", "/secret/ghi+0123456789AB", "id.secret"])(
    "is not named where %s stands, which may be the secret itself",
    async (secret) => {
      const { message, hint } = await problemOf({ keyFile: keyFileOf(secret) });
      expect(`${message} ${hint}`).not.toContain(secret);
    },
  );
});

describe("the previous secret", () => {
  const until = "until 2026-06-01T12:01:00Z";

  test("is not there unless it is given", async () => {
    expect((await resolveSecret(options({ key: keyOf(a) }))).previous).toBeUndefined();
  });

  test("that is configured has no end", async () => {
    const previousKey = { text: b, source: "jwt.previous_secret_key" };
    const { previous } = await resolveSecret(options({ key: keyOf(a), previousKey }));
    expect(previous).toEqual({
      bytes: new TextEncoder().encode(b),
      source: "jwt.previous_secret_key",
      until: undefined,
    });
    const previousKeyFile = { file: file(`${c}\n`), source: "jwt.previous_secret_key_file" };
    const fromFile = await resolveSecret(options({ key: keyOf(a), previousKeyFile }));
    expect(textOf(fromFile.previous?.bytes)).toBe(c);
  });

  test("that is configured has to be long enough, too", async () => {
    const previousKey = { text: "short", source: "jwt.previous_secret_key" };
    expect((await problemOf({ key: keyOf(a), previousKey })).message).toMatch(
      /from jwt.previous_secret_key has 5 bytes/,
    );
  });

  test("that a rotation left is accepted until its time", async () => {
    const path = file(a);
    write(folder, `${path.split("/").at(-1)}.previous`, `${b}\n${until}\n`);
    const { previous, warnings } = await resolveSecret(options({ keyFile: keyFileOf(path) }));
    expect(previous).toEqual({ bytes: new TextEncoder().encode(b), source: `${path}.previous`, until: at(60) });
    expect(warnings).toEqual([]);
    const later = await resolveSecret(options({ generatedFile: path, now: at(60) }));
    expect(later.previous).toBeUndefined();
  });

  test("that is configured goes before one that a rotation left, which is told", async () => {
    const path = file(a);
    write(folder, `${path.split("/").at(-1)}.previous`, `${b}\n${until}\n`);
    const previousKey = { text: c, source: "jwt.previous_secret_key" };
    const { previous, warnings } = await resolveSecret(options({ keyFile: keyFileOf(path), previousKey }));
    expect(textOf(previous?.bytes)).toBe(c);
    expect(warnings).toEqual([
      `${path}.previous is not looked at, because jwt.previous_secret_key is the previous secret`,
    ]);
  });

  test("that is too short for a new algorithm is told, and not used", async () => {
    const path = file("x".repeat(64));
    write(folder, `${path.split("/").at(-1)}.previous`, `${d}\n${until}\n`);
    const { previous, warnings } = await resolveSecret(options({ keyFile: keyFileOf(path), algorithm: "HS512" }));
    expect(previous).toBeUndefined();
    expect(warnings).toEqual([`The secret in ${path}.previous is too short for HS512, and not used`]);
  });

  const damages: readonly (readonly [string, string, RegExp])[] = [
    ["without a time", `${b}\n`, /line 2 is missing/],
    ["without a secret", `${until}\n`, /line 1 is missing/],
    ["with a time of another form", `${b}\nuntil tomorrow`, /line 2 is not of the form "until 2026-/],
    ["with a time that is none", `${b}\nuntil 2026-02-30T10:00:00Z`, /line 2 is not of the form/],
    ["with a time in another zone", `${b}\nuntil 2026-06-01T12:01:00+02:00`, /line 2 is not of the form/],
    ["with something after it", `${b}\n${until}\nx`, /line 3 is not of the form/],
    ["that is empty", "", /is empty/],
  ];
  test.each(damages)("in a file %s is refused", async (_name, text, message) => {
    const path = file(a);
    write(folder, `${path.split("/").at(-1)}.previous`, text);
    const error = await problemOf({ keyFile: keyFileOf(path) });
    expect(error.message).toStartWith(`${path}.previous `);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain(b);
    expect(existsSync(path)).toBe(true);
  });
});
