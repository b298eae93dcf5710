import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCaStatus } from "../../../../src/pki/private-ca/private-ca-status.ts";
import { daysFromNow, now } from "../authorities.ts";
import { freshDirectories } from "../development/development-folder.ts";
import { createClient, createServer, init } from "./private-folder.ts";

const freshDirectory = freshDirectories();

async function makeCa(): Promise<string> {
  const directory = freshDirectory();
  await init(directory);
  await createServer(directory, ["b.example"]);
  await createServer(directory, ["*.a.example"]);
  await createClient(directory, "alice");
  return directory;
}

const stateOf = async (directory: string, at: Date, days = 30) =>
  (await readCaStatus(directory, at, days)).entries.map(({ kind, name, state }) => `${kind} ${name}: ${state}`);

describe("the status of a CA folder", () => {
  test("tells the root, the intermediate and every leaf, servers before clients, by name", async () => {
    const directory = await makeCa();
    expect(await stateOf(directory, now)).toEqual([
      "root root: valid",
      "intermediate intermediate: valid",
      "server _wildcard.a.example: valid",
      "server b.example: valid",
      "client alice: valid",
    ]);
  });

  test("tells of each its file, its subject, its span and the whole days left", async () => {
    const directory = await makeCa();
    const [, , , server] = (await readCaStatus(directory, now, 30)).entries;
    expect(server).toEqual({
      kind: "server",
      name: "b.example",
      file: join(directory, "server_certs/b.example/b.example.crt"),
      state: "valid",
      subject: "CN=b.example",
      notBefore: new Date("2027-03-01T12:29:56Z"),
      notAfter: new Date("2027-05-30T12:29:55Z"),
      daysLeft: 89,
      problem: undefined,
    });
  });

  test.each([
    ["not yet valid", -1],
    ["valid", 59],
    ["expiring", 60],
    ["expiring", 89],
    ["expired", 90],
  ])("calls a leaf of ninety days %s after %d days", async (state, days) => {
    expect(await stateOf(await makeCa(), daysFromNow(days))).toContain(`client alice: ${state}`);
  });

  test("counts days past the end below zero", async () => {
    const { entries } = await readCaStatus(await makeCa(), daysFromNow(100), 30);
    expect(entries.at(-1)?.daysLeft).toBe(-11);
  });

  test("says why a certificate can't be read, and tells the others", async () => {
    const directory = await makeCa();
    writeFileSync(join(directory, "server_certs/b.example/b.example.crt"), "damaged");
    rmSync(join(directory, "client_certs/alice/alice.crt"));
    const { entries } = await readCaStatus(directory, now, 30);
    const problems = entries.map(({ state, problem }) => `${state}: ${problem ?? ""}`);
    expect(problems).toEqual([
      "valid: ",
      "valid: ",
      "valid: ",
      expect.stringMatching(/^unreadable: .*b\.example\.crt holds no PEM/),
      expect.stringMatching(/^unreadable: .*alice\.crt does not exist/),
    ]);
  });

  test("passes over files and hidden folders among the leaves", async () => {
    const directory = await makeCa();
    writeFileSync(join(directory, "server_certs/README"), "");
    mkdirSync(join(directory, "server_certs/.git"));
    expect(await stateOf(directory, now)).toHaveLength(5);
  });

  test("of a folder without a CA is that all of it is missing", async () => {
    expect(await stateOf(freshDirectory(), now)).toEqual([
      "root root: unreadable",
      "intermediate intermediate: unreadable",
    ]);
  });

  test("tells whether the root's key is there, and whether it is encrypted", async () => {
    const directory = await makeCa();
    const keyState = async (folder: string) => (await readCaStatus(folder, now, 30)).rootKey;
    expect(await keyState(directory)).toBe("not encrypted");
    writeFileSync(join(directory, "root/ca.key"), "damaged");
    expect(await keyState(directory)).toBe("unreadable");
    rmSync(join(directory, "root/ca.key"));
    expect(await keyState(directory)).toBe("absent");
    mkdirSync(join(directory, "root/ca.key"));
    expect(await keyState(directory)).toBe("unreadable");
    const encrypted = freshDirectory();
    await init(encrypted, { passphrase: "a pass phrase" });
    expect(await keyState(encrypted)).toBe("encrypted");
  });
});
