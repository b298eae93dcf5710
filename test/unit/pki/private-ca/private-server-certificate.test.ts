import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PairFiles } from "../../../../src/pki/files/pair-files.ts";
import { systemRandom } from "../../../../src/pki/issuing/keys.ts";
import {
  ensureServerCertificate,
  type ServerCertificate,
  type ServerCertificateOptions,
} from "../../../../src/pki/private-ca/private-server-certificate.ts";
import { dayMs, daysFromNow, now } from "../authorities.ts";
import { freshDirectories } from "../development/development-folder.ts";
import { failureOf } from "../failure.ts";
import { certificatesIn, createServer, init, leftovers, snapshot } from "./private-folder.ts";

const freshDirectory = freshDirectories();

async function makeCa(): Promise<string> {
  const directory = freshDirectory();
  await init(directory);
  return directory;
}

function ensure(directory: string, overrides: Partial<ServerCertificateOptions> = {}): Promise<ServerCertificate> {
  const wanted = { hosts: ["a.example", "10.0.0.1"], keyType: "p256" } as const;
  return ensureServerCertificate({ directory, ...wanted, now, random: systemRandom, ...overrides });
}

const serialOf = ({ identity }: ServerCertificate) => identity.leaf.serialNumber;

/** What must hold of whatever is served. */
function expectServable(directory: string, { identity, certFile, keyFile, bundleFile }: ServerCertificate): void {
  expect([certFile, keyFile]).toEqual(
    ["crt", "key"].map((end) => join(directory, `server_certs/a.example/a.example.${end}`)),
  );
  expect(bundleFile).toBe(join(directory, "ca-bundle.crt"));
  expect(identity.certificateChain).toBe(readFileSync(certFile, "utf8"));
  const [leaf, intermediate] = certificatesIn(certFile).map((text) => new X509Certificate(text));
  const root = new X509Certificate(readFileSync(bundleFile));
  expect(leaf?.checkPrivateKey(createPrivateKey(identity.privateKey))).toBe(true);
  expect(leaf?.verify(intermediate?.publicKey ?? root.publicKey)).toBe(true);
  expect(intermediate?.verify(root.publicKey)).toBe(true);
  expect(leftovers(directory)).toEqual([]);
}

describe("a server's certificate of the private CA", () => {
  test("is issued when it is absent, for its hosts, its lifetime and a key of its kind", async () => {
    const directory = await makeCa();
    const made = await ensure(directory, { lifetimeDays: 7, keyType: "p384" });
    expect(made).toMatchObject({ outcome: "issued", warnings: [] });
    expectServable(directory, made);
    const { hosts, notBefore, notAfter } = made.identity.leaf;
    expect(hosts).toEqual(["a.example", "10.0.0.1"]);
    expect(notAfter.getTime() - notBefore.getTime() + 1000).toBe(7 * dayMs);
    expect(createPrivateKey(made.identity.privateKey).asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
  });

  test("is kept until two thirds of its life are over, then issued anew for its key", async () => {
    const directory = await makeCa();
    const first = await ensure(directory);
    const before = snapshot(directory);
    for (const days of [0, 30, 59]) {
      const kept = await ensure(directory, { now: daysFromNow(days) });
      expect(kept).toMatchObject({ outcome: "kept", identity: first.identity });
    }
    expect(snapshot(directory)).toEqual(before);
    const renewed = await ensure(directory, { now: daysFromNow(61) });
    expect(renewed.outcome).toBe("reissued");
    expectServable(directory, renewed);
    expect(serialOf(renewed)).not.toBe(serialOf(first));
    expect(renewed.identity.privateKey).toBe(first.identity.privateKey);
    expect(renewed.identity.leaf.notAfter.getTime() - first.identity.leaf.notAfter.getTime()).toBe(61 * dayMs);
    expect(await ensure(directory, { now: daysFromNow(62) })).toMatchObject({
      outcome: "kept",
      identity: renewed.identity,
    });
  });

  test("that ends with the intermediate is kept, as another would live no longer", async () => {
    const directory = await makeCa();
    const made = await ensure(directory, { now: daysFromNow(1800) });
    expect(made.warnings).toEqual([expect.stringContaining("ends with the CA's intermediate")]);
    const kept = await ensure(directory, { now: daysFromNow(1824) });
    expect([kept.outcome, serialOf(kept)]).toEqual(["kept", serialOf(made)]);
    expect(kept.warnings).toEqual([expect.stringMatching(/expires in/)]);
  });

  test("is issued anew for another host, and covers those of before too", async () => {
    const directory = await makeCa();
    await ensure(directory);
    const wider = await ensure(directory, { hosts: ["a.example", "b.example", "::1"] });
    expect(wider.outcome).toBe("reissued");
    expect(wider.identity.leaf.hosts).toEqual(["a.example", "10.0.0.1", "b.example", "::1"]);
    expectServable(directory, wider);
    expect((await ensure(directory)).outcome).toBe("kept");
    expect((await ensure(directory, { hosts: ["a.example", "b.example"] })).outcome).toBe("kept");
  });

  test.each([
    ["has expired", 91],
    ["expired long ago", 900],
    ["is not valid yet", -2],
  ])("that %s is issued anew", async (_, days) => {
    const directory = freshDirectory();
    await init(directory, { now: daysFromNow(-10) });
    const first = await ensure(directory);
    const renewed = await ensure(directory, { now: daysFromNow(days) });
    expect(renewed.outcome).toBe("reissued");
    expect(serialOf(renewed)).not.toBe(serialOf(first));
    expectServable(directory, renewed);
  });

  test("that was made without its intermediate is issued anew", async () => {
    const directory = await makeCa();
    const { certFile } = await ensure(directory);
    writeFileSync(certFile, certificatesIn(certFile)[0] ?? "");
    const renewed = await ensure(directory);
    expect(renewed.outcome).toBe("reissued");
    expectServable(directory, renewed);
  });

  test("is one of several, by the first of its hosts", async () => {
    const directory = await makeCa();
    const first = await ensure(directory);
    const other = await ensure(directory, { hosts: ["b.example", "a.example"] });
    expect(other.outcome).toBe("issued");
    expect(other.certFile).toBe(join(directory, "server_certs/b.example/b.example.crt"));
    expect(serialOf(await ensure(directory))).toBe(serialOf(first));
  });

  test("is not issued for a name that is none, and nothing is written", async () => {
    const directory = await makeCa();
    const before = snapshot(directory);
    expect((await failureOf(ensure(directory, { hosts: ["a.example", "a_b"] }))).code).toBe("HOST_NAME_INVALID");
    expect(snapshot(directory)).toEqual(before);
  });

  test("can't be had where there is no CA; nor is a folder made", async () => {
    const directory = freshDirectory();
    await failureOf(ensure(directory));
    expect(existsSync(directory)).toBe(false);
  });
});

describe("another CA's certificate", () => {
  test.each([
    ["while it is valid", 0],
    ["when it has expired", 91],
  ])("is neither served nor touched %s", async (_, days) => {
    const [directory, other] = [await makeCa(), await makeCa()];
    await createServer(other, ["a.example", "10.0.0.1"]);
    cpSync(join(other, "server_certs"), join(directory, "server_certs"), { recursive: true });
    const before = snapshot(directory);
    const error = await failureOf(ensure(directory, { now: daysFromNow(days) }));
    expect([error.code, error.message]).toEqual([
      "CERTIFICATE_FOREIGN",
      expect.stringContaining("server_certs/a.example/a.example.crt"),
    ]);
    expect(snapshot(directory)).toEqual(before);
  });
});

test.each<[what: string, damage: (pair: ServerCertificate, other: PairFiles) => void, code: string]>([
  ["a key that is another's", ({ keyFile }, other) => cpSync(other.keyFile, keyFile), "KEY_MISMATCH"],
  ["no key", ({ keyFile }) => rmSync(keyFile), "KEY_NOT_FOUND"],
  ["a damaged certificate", ({ certFile }) => writeFileSync(certFile, "damaged"), "CERTIFICATE_MALFORMED"],
])("%s is an error, and nothing is written", async (_, damage, code) => {
  const directory = await makeCa();
  damage(await ensure(directory), await createServer(directory, ["b.example"]));
  const before = snapshot(directory);
  expect((await failureOf(ensure(directory))).code).toBe(code);
  expect(snapshot(directory)).toEqual(before);
});

describe("a folder that can only be read", () => {
  const lockOf = (directory: string) => join(directory, ".lock");

  test("is good enough while nothing has to be written: not even the lock is taken", async () => {
    const directory = await makeCa();
    const first = await ensure(directory);
    rmSync(lockOf(directory));
    chmodSync(directory, 0o555);
    const kept = await ensure(directory, { now: daysFromNow(30) });
    chmodSync(directory, 0o755);
    expect([kept.outcome, serialOf(kept)]).toEqual(["kept", serialOf(first)]);
    expect(existsSync(lockOf(directory))).toBe(false);
  });

  test("needs neither the root's key nor the intermediate's", async () => {
    const directory = await makeCa();
    await ensure(directory);
    rmSync(join(directory, "root/ca.key"));
    rmSync(join(directory, "intermediate/ca.key"));
    expect((await ensure(directory)).outcome).toBe("kept");
    expect((await failureOf(ensure(directory, { now: daysFromNow(61) }))).code).toBe("CA_INCOMPLETE");
  });
});

describe("at once", () => {
  const times = Array.from({ length: 6 }, (_, index) => index);

  test.each([
    ["in a new CA", 0, "issued"],
    ["when it is time", 61, "reissued"],
  ])("several calls %s end with one certificate", async (_, days, outcome) => {
    const directory = await makeCa();
    if (days > 0) await ensure(directory);
    const made = await Promise.all(times.map(() => ensure(directory, { now: daysFromNow(days) })));
    const outcomes: string[] = made.map((each) => each.outcome);
    expect(outcomes.sort()).toEqual([outcome, ...times.slice(1).map(() => "kept")].sort());
    expect(new Set(made.map(serialOf)).size).toBe(1);
    for (const each of made) expectServable(directory, each);
  });
});
