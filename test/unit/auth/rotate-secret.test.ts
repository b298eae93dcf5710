import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatPrevious } from "../../../src/auth/previous-secret.ts";
import { generateSecret, resolveSecret, rotateSecret } from "../../../src/auth/secret.ts";
import { temporaryFolders } from "../../temporary-folder.ts";
import { at, now } from "./verifiers.ts";

const freshFolder = temporaryFolders();
const script = join(import.meta.dir, "rotate-again.ts");
const algorithm = "HS256";
const old = "o".repeat(40);

function freshSecret(text = old): string {
  const file = join(freshFolder(), "jwt-secret");
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

async function stateOf(file: string, time = now) {
  const options = { algorithm, generatedFile: file, now: time, save: async () => false } as const;
  const { bytes, previous } = await resolveSecret(options);
  return { current: textOf(bytes), previous: textOf(previous?.bytes), until: previous?.until };
}

test("a rotation makes a new secret and keeps the old one for the overlap", async () => {
  const file = freshSecret();
  const rotation = await rotateSecret({ file, algorithm, overlapSeconds: 60, now });
  expect(rotation).toEqual({ previousFile: `${file}.previous`, until: at(60), dropped: undefined });
  expect(readFileSync(`${file}.previous`, "utf8")).toBe(`${old}\nuntil 2026-06-01T12:01:00Z\n`);
  for (const path of [file, `${file}.previous`]) expect(statSync(path).mode & 0o777).toBe(0o600);
  const state = await stateOf(file);
  expect(state).toEqual({ current: expect.stringMatching(/^[\w-]{86}$/), previous: old, until: at(60) });
  expect(await stateOf(file, at(60))).toMatchObject({ current: state.current, previous: undefined });
});

test("an overlap ends at a whole second, and never early", async () => {
  const { until } = await rotateSecret({ file: freshSecret(), algorithm, overlapSeconds: 60, now: at(0.25) });
  expect(until).toEqual(at(61));
});

test("without an overlap the old secret stops at once", async () => {
  const file = freshSecret();
  await rotateSecret({ file, algorithm, overlapSeconds: 3600, now });
  const { current } = await stateOf(file);
  const rotation = await rotateSecret({ file, algorithm, overlapSeconds: 0, now });
  expect(rotation).toEqual({ previousFile: undefined, until: undefined, dropped: at(3600) });
  expect(existsSync(`${file}.previous`)).toBe(false);
  const state = await stateOf(file);
  expect(state.previous).toBeUndefined();
  expect(state.current).not.toBe(current);
});

test("a second rotation within the overlap tells until when the first secret would have gone on", async () => {
  const file = freshSecret();
  await rotateSecret({ file, algorithm, overlapSeconds: 3600, now });
  const { current } = await stateOf(file);
  const { dropped } = await rotateSecret({ file, algorithm, overlapSeconds: 60, now: at(10) });
  expect(dropped).toEqual(at(3600));
  expect(await stateOf(file, at(10))).toMatchObject({ previous: current, until: at(70) });
});

test("a secret that is too short to have signed anything is not kept", async () => {
  const file = freshSecret("short");
  expect(await rotateSecret({ file, algorithm, overlapSeconds: 60, now })).toMatchObject({ previousFile: undefined });
  expect((await stateOf(file)).previous).toBeUndefined();
});

test("what a killed rotation left half-written is removed, and nothing else", async () => {
  const file = freshSecret();
  const folder = join(file, "..");
  const torn = [".jwt-secret.0123abcd.tmp", ".jwt-secret.previous.0123abcd.tmp"];
  for (const name of [...torn, ".other.0123abcd.tmp"]) writeFileSync(join(folder, name), old, { mode: 0o600 });
  await rotateSecret({ file, algorithm, overlapSeconds: 60, now });
  const left = readdirSync(folder);
  for (const name of torn) expect(left).not.toContain(name);
  expect(left).toContain(".other.0123abcd.tmp");
});

test("a link to the secret stays a link", async () => {
  const file = freshSecret();
  const link = join(freshFolder(), "link");
  symlinkSync(file, link);
  await rotateSecret({ file: link, algorithm, overlapSeconds: 60, now });
  expect((await stateOf(link)).previous).toBe(old);
  expect(readFileSync(file, "utf8").trim()).not.toBe(old);
});

describe("a rotation that was cut short", () => {
  test("after the old secret was kept leaves that in force, without an end", async () => {
    const file = freshSecret();
    writeFileSync(`${file}.previous`, formatPrevious(old, at(60)), { mode: 0o600 });
    expect(await stateOf(file)).toEqual({ current: old, previous: undefined, until: undefined });
    expect(await rotateSecret({ file, algorithm, overlapSeconds: 60, now })).toMatchObject({ dropped: undefined });
    expect((await stateOf(file)).previous).toBe(old);
  });

  test("by SIGKILL at any moment loses no secret whose tokens are valid", async () => {
    for (let run = 0; run < 12; run++) {
      const file = freshSecret(generateSecret());
      const child = Bun.spawn([process.execPath, script, file], { stdout: "pipe", stderr: "inherit" });
      let told = "";
      const decoder = new TextDecoder();
      for await (const chunk of child.stdout) {
        told += decoder.decode(chunk, { stream: true });
        if (told.length > 87 * (run % 5)) setTimeout(() => child.kill("SIGKILL"), Math.random() * 6);
      }
      expect(await child.exited).toBe(137);
      const last = told.trimEnd().split("\n").at(-1);
      const { current, previous } = await stateOf(file, new Date());
      expect([current, previous]).toContain(last);
      // What was half-written is gone after the next rotation, which nothing keeps from being made.
      await rotateSecret({ file, algorithm, overlapSeconds: 60, now: new Date() });
      const names = readdirSync(join(file, "..")).filter((name) => !name.endsWith(".lock"));
      expect(names.sort()).toEqual(["jwt-secret", "jwt-secret.previous"]);
    }
  });
});

test("rotations at once are made one after the other", async () => {
  const file = freshSecret();
  await Promise.all(Array.from({ length: 4 }, () => rotateSecret({ file, algorithm, overlapSeconds: 60, now })));
  const { current, previous } = await stateOf(file);
  expect(current).not.toBe(previous);
  expect(previous).not.toBe(old);
});

describe("no secret is rotated", () => {
  test("that is not there", async () => {
    const file = join(freshFolder(), "none");
    await expect(rotateSecret({ file, algorithm, overlapSeconds: 60, now })).rejects.toThrow("it does not exist");
    expect(existsSync(file)).toBe(false);
  });

  test.each([-1, 0.5, Number.NaN, 1e15])("for %p seconds", async (overlapSeconds) => {
    const file = freshSecret();
    await expect(rotateSecret({ file, algorithm, overlapSeconds, now })).rejects.toThrow("can't be the overlap");
    expect(await stateOf(file)).toMatchObject({ current: old, previous: undefined });
  });

  test("when what was kept before is damaged", async () => {
    const file = freshSecret();
    writeFileSync(`${file}.previous`, "damaged", { mode: 0o600 });
    await expect(rotateSecret({ file, algorithm, overlapSeconds: 60, now })).rejects.toThrow("line 2 is missing");
    expect(readFileSync(file, "utf8").trim()).toBe(old);
  });

  test("whose place beside it is taken by a folder", async () => {
    const file = freshSecret();
    mkdirSync(`${file}.previous`);
    await expect(rotateSecret({ file, algorithm, overlapSeconds: 60, now })).rejects.toThrow("is a folder");
    expect(readFileSync(file, "utf8").trim()).toBe(old);
  });
});
