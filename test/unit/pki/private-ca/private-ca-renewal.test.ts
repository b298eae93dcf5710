import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LeafKind } from "../../../../src/pki/private-ca/private-ca-files.ts";
import {
  type LeafSelection,
  renewIntermediate,
  renewLeaves,
  renewRoot,
} from "../../../../src/pki/private-ca/private-ca-renewal.ts";
import { dayMs, daysFromNow } from "../authorities.ts";
import { freshDirectories } from "../development/development-folder.ts";
import { dissect } from "../dissect.ts";
import { failureOf } from "../failure.ts";
import { certificatesIn, createClient, createServer, init, leftovers, renewal, snapshot } from "./private-folder.ts";

const freshDirectory = freshDirectories();
const permittedDomains = ["example.org", "example.net"];

async function makeCa(overrides: Parameters<typeof init>[1] = {}): Promise<string> {
  const directory = freshDirectory();
  await init(directory, overrides);
  return directory;
}

function read(directory: string, name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(directory, name)));
}

const lifeOf = ({ validFromDate, validToDate }: X509Certificate) =>
  (validToDate.getTime() - validFromDate.getTime() + 1000) / dayMs;

const constraintsOf = (certificate: X509Certificate) =>
  dissect(certificate).extensions.find(({ id }) => id === "2.5.29.30");

const renewals = { root: renewRoot, intermediate: renewIntermediate };
const lives = { root: 3650, intermediate: 1825 };
const authorities = ["root", "intermediate"] as const;

describe.each(authorities)("the renewed %s", (which) => {
  const later = daysFromNow(100);

  test("has its name, key and constraints, and a whole life before it", async () => {
    const directory = await makeCa({ permittedDomains, organization: "Bücher", country: "DE" });
    // So that the intermediate does not end with it.
    await renewRoot(renewal(directory, { now: later }));
    const before = read(directory, `${which}/ca.crt`);
    const key = readFileSync(join(directory, which, "ca.key"));
    const { certificate, certFile } = await renewals[which](renewal(directory, { now: later }));
    expect(certFile).toBe(join(directory, which, "ca.crt"));
    expect(read(directory, `${which}/ca.crt`).raw).toEqual(certificate.raw);
    expect(dissect(certificate).subject).toBe(dissect(before).subject);
    expect(certificate.publicKey.equals(before.publicKey)).toBe(true);
    expect(constraintsOf(certificate)).toEqual(constraintsOf(before));
    expect(constraintsOf(certificate)?.critical).toBe(true);
    expect(certificate.serialNumber).not.toBe(before.serialNumber);
    expect(lifeOf(certificate)).toBe(lives[which]);
    expect(readFileSync(join(directory, which, "ca.key"))).toEqual(key);
    expect(leftovers(directory)).toEqual([]);
  });

  test("takes only the right passphrase of an encrypted root key", async () => {
    const directory = await makeCa({ passphrase: "right" });
    const before = snapshot(directory);
    expect((await failureOf(renewals[which](renewal(directory)))).code).toBe("KEY_ENCRYPTED");
    const wrong = await failureOf(renewals[which](renewal(directory, { passphrase: "wrong" })));
    expect([wrong.code, wrong.message]).toEqual(["KEY_PASSPHRASE_WRONG", expect.stringContaining("root/ca.key")]);
    expect(snapshot(directory)).toEqual(before);
    await renewals[which](renewal(directory, { passphrase: "right" }));
    expect(snapshot(directory)[`${which}/ca.crt`]).not.toBe(before[`${which}/ca.crt`] ?? "");
    expect(snapshot(directory)["root/ca.key"]).toBe(before["root/ca.key"] ?? "");
  });

  test.each([
    ["twenty years behind", -7300],
    ["a day behind", -1],
  ])("is not cut short by a clock that is %s", async (_, days) => {
    const directory = await makeCa();
    await renewRoot(renewal(directory, { now: daysFromNow(10) }));
    const before = snapshot(directory);
    const early = renewal(directory, { now: daysFromNow(which === "root" ? 10 + days : days) });
    expect((await failureOf(renewals[which](early))).code).toBe("CERTIFICATE_NOT_YET_VALID");
    expect(snapshot(directory)).toEqual(before);
  });

  test("needs the root's key", async () => {
    const directory = await makeCa();
    rmSync(join(directory, "root/ca.key"));
    const error = await failureOf(renewals[which](renewal(directory)));
    expect([error.code, error.hint]).toEqual(["KEY_NOT_FOUND", expect.stringContaining("Bring it back")]);
  });

  test("needs a root key that nobody else can read, and that is the root's", async () => {
    const [directory, other] = [await makeCa(), await makeCa()];
    chmodSync(join(directory, "root/ca.key"), 0o644);
    expect((await failureOf(renewals[which](renewal(directory)))).code).toBe("KEY_EXPOSED");
    await renewals[which](renewal(directory, { allowLoosePermissions: true }));
    cpSync(join(other, "root/ca.key"), join(directory, "root/ca.key"));
    chmodSync(join(directory, "root/ca.key"), 0o600);
    expect((await failureOf(renewals[which](renewal(directory)))).code).toBe("KEY_MISMATCH");
  });

  test("is refused where there is no CA", async () => {
    expect((await failureOf(renewals[which](renewal(freshDirectory())))).code).toBe("CA_NOT_FOUND");
  });
});

describe("after the renewal", () => {
  test("of the root, the bundle is the new one, and both verify the intermediate", async () => {
    const directory = await makeCa();
    const before = read(directory, "root/ca.crt");
    const { certificate } = await renewRoot(renewal(directory));
    expect(read(directory, "ca-bundle.crt").raw).toEqual(certificate.raw);
    const intermediate = read(directory, "intermediate/ca.crt");
    for (const root of [before, certificate]) expect(intermediate.verify(root.publicKey)).toBe(true);
  });

  test("of an expired intermediate, leaves can be issued again, and come with the new one", async () => {
    const directory = await makeCa();
    const later = daysFromNow(2000);
    expect((await failureOf(createServer(directory, ["a.example"], { now: later }))).code).toBe("CERTIFICATE_EXPIRED");
    const { certificate } = await renewIntermediate(renewal(directory, { now: later }));
    const { certFile } = await createServer(directory, ["a.example"], { now: later });
    expect(certificatesIn(certFile).at(-1)).toBe(certificate.toString());
  });

  test("of an expired root, the intermediate can be renewed too, not before", async () => {
    const directory = await makeCa();
    const options = renewal(directory, { now: daysFromNow(4000) });
    expect((await failureOf(renewIntermediate(options))).code).toBe("CERTIFICATE_EXPIRED");
    await renewRoot(options);
    await renewIntermediate(options);
    await createClient(directory, "alice", { now: options.now });
  });

  test("near the root's end, the intermediate ends with it", async () => {
    const directory = await makeCa();
    const { certificate } = await renewIntermediate(renewal(directory, { now: daysFromNow(3600) }));
    expect(certificate.validToDate).toEqual(read(directory, "root/ca.crt").validToDate);
  });
});

describe("leaves", () => {
  const fileOf = (directory: string, kind: LeafKind, name: string) =>
    join(directory, `${kind}_certs`, name, `${name}.crt`);

  async function renew(directory: string, selection: LeafSelection, days = 0): Promise<string[]> {
    const renewed = await renewLeaves(selection, renewal(directory, { now: daysFromNow(days) }));
    return renewed.map(({ kind, name, outcome }) => `${kind} ${name} ${outcome}`);
  }

  async function makeLeaves(): Promise<string> {
    const directory = await makeCa();
    await createServer(directory, ["*.a.example", "10.0.0.1"]);
    await createServer(directory, ["::1"], { lifetimeDays: 7 });
    await createClient(directory, "alice");
    return directory;
  }

  test("keep their key, names and lifetime, and get a new serial number and the intermediate", async () => {
    const directory = await makeLeaves();
    const before = snapshot(directory);
    const renewed = await renewLeaves({ by: "all" }, renewal(directory, { now: daysFromNow(5) }));
    const after = snapshot(directory);
    expect(renewed.map(({ outcome }) => outcome)).toEqual(["renewed", "renewed", "renewed"]);
    for (const [path, text] of Object.entries(before)) {
      if (!/_certs.*crt$/.test(path)) expect(after[path]).toBe(text);
      else {
        const [old, leaf] = [new X509Certificate(text), new X509Certificate(after[path] ?? "")];
        expect(leaf.serialNumber).not.toBe(old.serialNumber);
        expect([leaf.subject, leaf.subjectAltName]).toEqual([old.subject, old.subjectAltName]);
        expect(lifeOf(leaf)).toBe(lifeOf(old));
        expect(leaf.validFromDate.getTime() - old.validFromDate.getTime()).toBe(5 * dayMs);
        expect(certificatesIn(join(directory, path)).at(-1)).toBe(before["intermediate/ca.crt"] ?? "");
      }
    }
  });

  test("of the root's key have no need", async () => {
    const directory = await makeLeaves();
    rmSync(join(directory, "root/ca.key"));
    expect(await renew(directory, { by: "all" })).toHaveLength(3);
  });

  test.each([
    ["_wildcard.a.example", "server _wildcard.a.example"],
    ["*.A.example", "server _wildcard.a.example"],
    ["[0::1]", "server --1"],
    ["alice", "client alice"],
  ])("called %s are renewed alone", async (name, renewed) => {
    expect(await renew(await makeLeaves(), { by: "name", name })).toEqual([`${renewed} renewed`]);
  });

  test("called alike are all renewed", async () => {
    const directory = await makeLeaves();
    await createServer(directory, ["alice"]);
    const renewed = await renew(directory, { by: "name", name: "alice" });
    expect(renewed).toEqual(["server alice renewed", "client alice renewed"]);
  });

  test.each(["bob", "Alice", "../alice", ""])("called %j are not there", async (name) => {
    const error = await failureOf(renewLeaves({ by: "name", name }, renewal(await makeLeaves())));
    expect([error.code, error.hint]).toEqual(["CERTIFICATE_NOT_FOUND", expect.stringContaining("ca status")]);
  });

  test("are renewed by age from two thirds of their life on", async () => {
    const directory = await makeLeaves();
    const kept = (name: string) => `${name} kept`;
    const names = ["server --1", "server _wildcard.a.example", "client alice"];
    expect(await renew(directory, { by: "age" }, 4)).toEqual(names.map(kept));
    expect(await renew(directory, { by: "age" }, 5)).toEqual(["server --1 renewed", ...names.slice(1).map(kept)]);
    expect(await renew(directory, { by: "age" }, 59)).toEqual(["server --1 renewed", ...names.slice(1).map(kept)]);
    expect(await renew(directory, { by: "age" }, 200)).toEqual(names.map((name) => `${name} renewed`));
  });

  test("are renewed by the days that they have left", async () => {
    const directory = await makeLeaves();
    const [first, ...others] = await renew(directory, { by: "days", days: 30 });
    expect(first).toBe("server --1 renewed");
    expect(others).toEqual(["server _wildcard.a.example kept", "client alice kept"]);
    expect(await renew(directory, { by: "days", days: 90 })).not.toContain("client alice kept");
  });

  test("are told when they end, where they are kept", async () => {
    const directory = await makeCa();
    const { leaf } = await createClient(directory);
    const [kept] = await renewLeaves({ by: "age" }, renewal(directory));
    expect(kept).toEqual({ kind: "client", name: "alice", outcome: "kept", notAfter: leaf.notAfter });
  });

  test("that are broken or another CA's do not keep the others from it", async () => {
    const [directory, other] = [await makeLeaves(), await makeLeaves()];
    for (const name of ["damaged", "foreign", "keyless", "zoe"]) await createClient(directory, name);
    writeFileSync(fileOf(directory, "client", "damaged"), "damaged");
    cpSync(fileOf(other, "client", "alice"), fileOf(directory, "client", "foreign"));
    rmSync(fileOf(directory, "client", "keyless").replace(".crt", ".key"));
    const results = await renewLeaves({ by: "all" }, renewal(directory));
    const codes = results.map((result) => [result.name, result.outcome === "failed" ? result.problem.code : ""]);
    expect(codes).toEqual([
      ["--1", ""],
      ["_wildcard.a.example", ""],
      ["alice", ""],
      ["damaged", "CERTIFICATE_MALFORMED"],
      ["foreign", "CERTIFICATE_FOREIGN"],
      ["keyless", "KEY_NOT_FOUND"],
      ["zoe", ""],
    ]);
  });

  test("that the intermediate's end had cut short live whole again after its renewal", async () => {
    const directory = await makeCa();
    const late = daysFromNow(1800);
    await createClient(directory, "alice", { now: late });
    expect(read(directory, "client_certs/alice/alice.crt").validToDate).toEqual(
      read(directory, "intermediate/ca.crt").validToDate,
    );
    await renewIntermediate(renewal(directory, { now: late }));
    expect(await renew(directory, { by: "all" }, 1800)).toEqual(["client alice renewed"]);
    expect(lifeOf(read(directory, "client_certs/alice/alice.crt"))).toBe(90);
  });

  test("are none in a new CA", async () => {
    expect(await renew(await makeCa(), { by: "all" })).toEqual([]);
  });

  test("are not renewed while the intermediate is expired", async () => {
    const expired = renewal(await makeLeaves(), { now: daysFromNow(1900) });
    expect((await failureOf(renewLeaves({ by: "all" }, expired))).code).toBe("CERTIFICATE_EXPIRED");
  });
});
