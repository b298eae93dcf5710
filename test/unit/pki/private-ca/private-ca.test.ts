import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeKey } from "../../../../src/pki/issuing/keys.ts";
import { openPrivateCa, rootKeyState } from "../../../../src/pki/private-ca/private-ca.ts";
import { dayMs, daysFromNow, now } from "../authorities.ts";
import { freshDirectories } from "../development/development-folder.ts";
import { failureOf } from "../failure.ts";
import { createClient, createServer, init, leftovers, snapshot } from "./private-folder.ts";

const freshDirectory = freshDirectories();
const minuteMs = 60_000;
const pieces = ["root/ca.crt", "intermediate/ca.crt", "intermediate/ca.key"] as const;

function minutesFromNow(minutes: number): Date {
  return new Date(now.getTime() + minutes * minuteMs);
}

async function fresh(overrides: Parameters<typeof init>[1] = {}): Promise<string> {
  const directory = freshDirectory();
  await init(directory, overrides);
  return directory;
}

describe("a new CA", () => {
  test("lies where the Python server's users look for it, its keys for this user alone", async () => {
    const directory = await fresh();
    expect(Object.keys(snapshot(directory))).toEqual([
      "ca-bundle.crt",
      "crl.pem",
      "intermediate/ca.crt",
      "intermediate/ca.key",
      "root/ca.crt",
      "root/ca.key",
    ]);
    const modes = ["root/ca.key", "intermediate/ca.key", "root/ca.crt", "ca-bundle.crt", "root", "intermediate"].map(
      (name) => (statSync(join(directory, name)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["600", "600", "644", "644", "700", "700"]);
    expect(leftovers(directory)).toEqual([]);
  });

  test("has a root that signs itself, is the bundle, and has issued the intermediate", async () => {
    const directory = freshDirectory();
    const made = await init(directory, { organization: "Example", country: "de" });
    expect(made.root.subject).toBe("C=DE\nO=Example\nCN=A root");
    expect(made.intermediate.subject).toBe("C=DE\nO=Example\nCN=An intermediate");
    expect(made.root.verify(made.root.publicKey)).toBe(true);
    expect(made.intermediate.checkIssued(made.root)).toBe(true);
    expect(made.intermediate.verify(made.root.publicKey)).toBe(true);
    expect(readFileSync(join(directory, "ca-bundle.crt"), "utf8")).toBe(made.root.toString());
    const { root, intermediate } = await openPrivateCa(directory, now);
    expect([root.raw, intermediate.certificate.raw]).toEqual([made.root.raw, made.intermediate.raw]);
  });

  test.each([
    ["p384", "ECDSA P-384"],
    ["rsa-2048", "RSA 2048"],
  ] as const)("has keys of the type %s where that is wanted", async (keyType, kind) => {
    const directory = await fresh({ keyType });
    const keys = ["root/ca.key", "intermediate/ca.key"].map((name) => readFileSync(join(directory, name)));
    expect(keys.map((text) => describeKey(createPrivateKey(text)))).toEqual([kind, kind]);
  });

  test("leaves alone what else is in its folder", async () => {
    const directory = freshDirectory();
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "notes.txt"), "mine");
    expect((await init(directory, { force: true })).replaced).toBeUndefined();
    expect(readFileSync(join(directory, "notes.txt"), "utf8")).toBe("mine");
  });

  test.each([
    ["a common name that is too long", { rootName: "x".repeat(65) }, "SUBJECT_INVALID"],
    ["no common name", { intermediateName: "" }, "SUBJECT_INVALID"],
    ["a country that is none", { country: "Germany" }, "SUBJECT_INVALID"],
    ["a domain that is none", { permittedDomains: ["a_b.example"] }, "HOST_NAME_INVALID"],
  ])("with %s is refused, and nothing is written", async (_, wrong, code) => {
    const directory = freshDirectory();
    expect((await failureOf(init(directory, wrong))).code).toBe(code);
    expect(existsSync(dirname(directory))).toBe(false);
  });

  test.each([
    ["below a file", () => join(import.meta.path, "ca"), "is a file, not a folder"],
    ["where the system allows no folder", () => "/proc/vibectl-ca", "/proc/vibectl-ca"],
  ])("%s is refused", async (_, place, found) => {
    const error = await failureOf(init(place()));
    expect(error.code).toBe("FILE_UNUSABLE");
    expect(error.message).toContain(found);
  });
});

describe("a CA that is there", () => {
  test("is never overwritten", async () => {
    const directory = await fresh();
    const before = snapshot(directory);
    const error = await failureOf(init(directory));
    expect([error.code, error.hint]).toEqual(["CA_EXISTS", expect.stringContaining("--force")]);
    expect(snapshot(directory)).toEqual(before);
  });

  test.each(["root", "intermediate", "ca-bundle.crt"])("counts as one where only %s is left of it", async (left) => {
    const directory = await fresh();
    for (const name of ["root", "intermediate", "ca-bundle.crt"]) {
      if (name !== left) rmSync(join(directory, name), { recursive: true });
    }
    const before = snapshot(directory);
    expect((await failureOf(init(directory))).code).toBe("CA_EXISTS");
    expect(snapshot(directory)).toEqual(before);
  });

  test("gives way by force, and is kept beside the new one with its leaves", async () => {
    const directory = await fresh();
    await createServer(directory);
    const before = snapshot(directory);
    const { replaced = "" } = await init(directory, { force: true, now: minutesFromNow(1) });
    expect(dirname(replaced)).toBe(directory);
    expect(snapshot(replaced)).toEqual(before);
    expect(statSync(replaced).mode & 0o777).toBe(0o700);
    expect(existsSync(join(directory, "server_certs"))).toBe(false);
    expect(readFileSync(join(directory, "root/ca.key"), "utf8")).not.toBe(before["root/ca.key"] ?? "");
    // The old one can be used where it is.
    await createClient(replaced);
    await init(directory, { force: true, now: minutesFromNow(2) });
    expect(existsSync(join(replaced, "root/ca.key"))).toBe(true);
  });

  test("gives way by force also where only a part of it is left", async () => {
    const directory = await fresh();
    rmSync(join(directory, "root"), { recursive: true });
    await init(directory, { force: true, now: minutesFromNow(1) });
    await openPrivateCa(directory, now);
  });

  test("of which a killed process left only what it had made aside, is none", async () => {
    const directory = freshDirectory();
    const staging = join(directory, ".new.0123abcd.tmp");
    mkdirSync(join(staging, "root"), { recursive: true });
    writeFileSync(join(staging, "root/ca.key"), "half a key");
    expect((await failureOf(openPrivateCa(directory, now))).code).toBe("CA_NOT_FOUND");
    await init(directory);
    expect(leftovers(directory)).toEqual([]);
  });
});

describe("a CA is opened", () => {
  test.each(pieces)("never without %s, which is named", async (piece) => {
    const directory = await fresh();
    rmSync(join(directory, piece));
    const error = await failureOf(openPrivateCa(directory, now));
    expect([error.code, error.message]).toEqual([
      "CA_INCOMPLETE",
      `The CA in ${directory} lacks ${join(directory, piece)}`,
    ]);
    expect((await failureOf(createServer(directory))).code).toBe("CA_INCOMPLETE");
  });

  test("never without two pieces, which are both named", async () => {
    const directory = await fresh();
    rmSync(join(directory, "intermediate"), { recursive: true });
    const { message } = await failureOf(openPrivateCa(directory, now));
    expect(message).toEndWith(`intermediate/ca.crt and ${directory}/intermediate/ca.key`);
  });

  test("never where there is none; nor is a folder made", async () => {
    const directory = freshDirectory();
    const error = await failureOf(createServer(directory));
    expect([error.code, error.hint]).toEqual(["CA_NOT_FOUND", expect.stringContaining("ca init")]);
    expect(existsSync(directory)).toBe(false);
  });

  test("without the root's key, encrypted or not, and without the bundle", async () => {
    const directory = await fresh();
    expect(await rootKeyState(directory)).toBe("not encrypted");
    rmSync(join(directory, "root/ca.key"));
    rmSync(join(directory, "ca-bundle.crt"));
    expect(await rootKeyState(directory)).toBe("absent");
    expect((await openPrivateCa(directory, now)).warnings).toEqual([]);
    const encrypted = await fresh({ passphrase: "a pass phrase" });
    expect(await rootKeyState(encrypted)).toBe("encrypted");
    await openPrivateCa(encrypted, now);
  });

  test.each([
    ["with an intermediate's key that belongs to another", "intermediate/ca.key", "KEY_MISMATCH"],
    ["with a root that did not issue the intermediate", "root/ca.crt", "CERTIFICATE_CHAIN_BROKEN"],
  ])("never %s", async (_, piece, code) => {
    const [directory, other] = [await fresh(), await fresh()];
    copyFileSync(join(other, piece), join(directory, piece));
    const error = await failureOf(openPrivateCa(directory, now));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(join(directory, piece))]);
  });

  test.each([
    ["root/ca.crt", "CERTIFICATE_MALFORMED"],
    ["intermediate/ca.crt", "CERTIFICATE_MALFORMED"],
    ["intermediate/ca.key", "KEY_MALFORMED"],
  ])("never with a damaged %s", async (piece, code) => {
    const directory = await fresh();
    writeFileSync(join(directory, piece), "damaged");
    const error = await failureOf(openPrivateCa(directory, now));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(join(directory, piece))]);
  });

  test("with a key that others can read only where that is allowed, with a warning", async () => {
    const directory = await fresh();
    chmodSync(join(directory, "intermediate/ca.key"), 0o640);
    expect((await failureOf(openPrivateCa(directory, now))).code).toBe("KEY_EXPOSED");
    const { warnings } = await openPrivateCa(directory, now, { allowLoosePermissions: true });
    expect(warnings).toEqual([expect.stringContaining("other users can read it")]);
    const { warnings: told } = await createServer(directory, ["a.example"], { allowLoosePermissions: true });
    expect(told).toEqual([...warnings]);
  });

  test("until the last second of the intermediate, whose renewal is then named", async () => {
    const directory = await fresh();
    const { intermediate } = await openPrivateCa(directory, now);
    const end = intermediate.certificate.validToDate;
    await openPrivateCa(directory, end);
    const error = await failureOf(openPrivateCa(directory, new Date(end.getTime() + 1000)));
    expect([error.code, error.message]).toEqual(["CERTIFICATE_EXPIRED", expect.stringContaining("intermediate in")]);
    expect(error.hint).toContain("ca renew --intermediate");
    expect(end.getTime()).toBeGreaterThan(daysFromNow(1825).getTime() - dayMs);
  });

  test("never after the root's end, whose renewal is then named", async () => {
    const error = await failureOf(openPrivateCa(await fresh(), daysFromNow(3651)));
    expect([error.code, error.hint]).toEqual(["CERTIFICATE_EXPIRED", expect.stringContaining("ca renew --root")]);
  });

  test("by a clock that is four minutes behind or an hour ahead, not by one an hour behind", async () => {
    const directory = await fresh();
    for (const minutes of [-4, 60]) await openPrivateCa(directory, minutesFromNow(minutes));
    const error = await failureOf(openPrivateCa(directory, minutesFromNow(-60)));
    expect([error.code, error.hint]).toEqual(["CERTIFICATE_NOT_YET_VALID", expect.stringContaining("clock")]);
    expect(error.hint).toContain("2027-03-01 11:34 UTC");
  });
});

test("the root's key is encrypted as PKCS#8, and opens with its passphrase alone", async () => {
  const directory = await fresh({ passphrase: "pass wörd" });
  const key = readFileSync(join(directory, "root/ca.key"), "utf8");
  expect(key).toStartWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
  const root = new X509Certificate(readFileSync(join(directory, "root/ca.crt")));
  expect(root.checkPrivateKey(createPrivateKey({ key, passphrase: "pass wörd" }))).toBe(true);
  expect(() => createPrivateKey({ key, passphrase: "pass word" })).toThrow();
});
