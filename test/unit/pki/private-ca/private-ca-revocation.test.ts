import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadClientTrust } from "../../../../src/pki/clients/client-trust.ts";
import { renewIntermediate, renewLeaves } from "../../../../src/pki/private-ca/private-ca-renewal.ts";
import { readCrlFile } from "../../../../src/pki/revocation/crl-file.ts";
import { dayMs, daysFromNow, now } from "../authorities.ts";
import { hasOpenssl, opensslVerify } from "../openssl.ts";
import { createClient, createServer, renewal, snapshot } from "./private-folder.ts";
import { freshAuthorities, revoke } from "./revoke.ts";

const { freshDirectory, makeCa } = freshAuthorities();

/** What the list of a CA folder says. */
async function listOf(directory: string) {
  const { lists, certificates } = await readCrlFile(join(directory, "crl.pem"));
  const [list, ...others] = lists;
  expect(others).toEqual([]);
  if (!list) throw new Error("there is no list");
  return { ...list, signers: certificates };
}

const serialsOf = async (directory: string) => [...(await listOf(directory)).revoked.keys()];
const serialOf = ({ leaf }: { leaf: { serialNumber: string } }) => leaf.serialNumber.toLowerCase();

function read(...path: [string, ...string[]]): X509Certificate {
  return new X509Certificate(readFileSync(join(...path)));
}

/** Why a server whose clients are the CA's would refuse one; it knows the root alone. */
async function objectionTo(directory: string, certFile: string, at = now): Promise<string | undefined> {
  const files = { caFile: join(directory, "ca-bundle.crt"), crlFile: join(directory, "crl.pem") };
  const trust = await loadClientTrust({ ...files, now: at });
  return trust.objectionTo([read(certFile), read(directory, "intermediate/ca.crt")], at);
}

test("a new CA has a list, with nothing on it, that a server takes", async () => {
  const directory = await makeCa();
  const { certFile } = await createClient(directory);
  const { revoked, nextUpdate, signers } = await listOf(directory);
  const intermediate = read(directory, "intermediate/ca.crt");
  expect([...revoked]).toEqual([]);
  expect(nextUpdate).toBe(intermediate.validToDate.getTime());
  expect(signers.map(({ raw }) => raw)).toEqual([intermediate.raw]);
  expect(await objectionTo(directory, certFile)).toBeUndefined();
});

describe("a revoked certificate", () => {
  test("is on the list with its time and reason, and its files are moved aside", async () => {
    const directory = await makeCa();
    const issued = await createClient(directory);
    const before = snapshot(join(directory, "client_certs/alice"));
    const at = daysFromNow(3);
    const revoked = await revoke(directory, "alice", { reason: "superseded", now: at });
    const serial = serialOf(issued);
    expect(revoked).toMatchObject({
      kind: "client",
      leaf: issued.leaf,
      crlFile: join(directory, "crl.pem"),
      place: join(directory, "revoked", `alice-${serial.slice(0, 8)}`),
    });
    const { revoked: entries, thisUpdate, nextUpdate, signers } = await listOf(directory);
    const seconds = Math.floor(at.getTime() / 1000) * 1000;
    expect([...entries]).toEqual([[serial, { date: seconds, reason: "superseded" }]]);
    expect(thisUpdate).toBe(seconds);
    const intermediate = read(directory, "intermediate/ca.crt");
    expect(nextUpdate).toBe(intermediate.validToDate.getTime());
    expect(signers.map(({ raw }) => raw)).toEqual([intermediate.raw]);
    expect(existsSync(join(directory, "client_certs/alice"))).toBe(false);
    expect(snapshot(revoked.place)).toEqual(before);
    expect(statSync(join(directory, "revoked")).mode & 0o777).toBe(0o700);
  });

  test("stays on the list when another is revoked, and when a third is", async () => {
    const directory = await makeCa();
    const names = ["alice", "bob", "carol"];
    const serials: string[] = [];
    for (const [days, name] of names.entries()) {
      serials.push(serialOf(await createClient(directory, name)));
      await revoke(directory, name, { now: daysFromNow(days), reason: days === 0 ? "keyCompromise" : "superseded" });
      expect(await serialsOf(directory)).toEqual(serials);
    }
    const { revoked } = await listOf(directory);
    expect(revoked.get(serials[0] ?? "")).toEqual({
      date: Math.floor(now.getTime() / 1000) * 1000,
      reason: "keyCompromise",
    });
  });

  test("is refused by a server that knows the root and the list, where others are not", async () => {
    const directory = await makeCa();
    const bob = await createClient(directory, "bob");
    await createClient(directory, "alice");
    const { place } = await revoke(directory, "alice");
    expect(await objectionTo(directory, bob.certFile)).toBeUndefined();
    expect(await objectionTo(directory, join(place, "alice.crt"))).toMatch(/was revoked on .* \(keyCompromise\)$/);
  });

  test("gives way to another of the same name, which counts, and which can be revoked too", async () => {
    const directory = await makeCa();
    const first = await createClient(directory);
    const { place } = await revoke(directory, "alice");
    const second = await createClient(directory);
    expect(second.leaf.serialNumber).not.toBe(first.leaf.serialNumber);
    expect(await objectionTo(directory, second.certFile)).toBeUndefined();
    expect(await objectionTo(directory, join(place, "alice.crt"))).toContain("was revoked");
    const again = await revoke(directory, "alice");
    expect(again.place).not.toBe(place);
    expect(existsSync(join(place, "alice.key"))).toBe(true);
    expect(await serialsOf(directory)).toEqual([first, second].map(serialOf));
  });

  test("is not renewed any more", async () => {
    const directory = await makeCa();
    await createClient(directory);
    await createClient(directory, "bob");
    await revoke(directory, "alice");
    const renewed = await renewLeaves({ by: "all" }, renewal(directory));
    expect(renewed.map(({ name }) => name)).toEqual(["bob"]);
  });

  test("may have expired", async () => {
    const directory = await makeCa();
    const issued = await createClient(directory);
    await revoke(directory, "alice", { now: daysFromNow(200) });
    expect(await serialsOf(directory)).toEqual([serialOf(issued)]);
  });

  test.each([
    ["unspecified", "unspecified"],
    ["keyCompromise", "keyCompromise"],
    ["affiliationChanged", "affiliationChanged"],
    ["superseded", "superseded"],
    ["cessationOfOperation", "cessationOfOperation"],
    ["privilegeWithdrawn", "privilegeWithdrawn"],
  ])("for the reason %s is listed as %s", async (reason, listed) => {
    const directory = await makeCa();
    const issued = await createClient(directory);
    await revoke(directory, "alice", { reason });
    expect((await listOf(directory)).revoked.get(serialOf(issued))?.reason).toBe(listed);
  });
});

describe.skipIf(!hasOpenssl)("openssl", () => {
  const verify = (directory: string, certFile: string) => {
    const time = String(Math.floor(now.getTime() / 1000));
    const chain = ["-untrusted", join(directory, "intermediate/ca.crt"), "-attime", time];
    const list = ["-CRLfile", join(directory, "crl.pem"), "-crl_check"];
    return opensslVerify(join(directory, "ca-bundle.crt"), certFile, [...chain, ...list]);
  };

  test("takes the list, refuses what is on it and accepts what is not", async () => {
    const directory = await makeCa();
    const good = await createServer(directory, ["good.example"]);
    await createServer(directory, ["bad.example"]);
    await createServer(directory, ["worse.example"]);
    const places = [await revoke(directory, "bad.example"), await revoke(directory, "worse.example")];
    expect(await verify(directory, good.certFile)).toMatchObject({ accepted: true });
    for (const { place, leaf } of places) {
      const { accepted, said } = await verify(directory, join(place, `${leaf.hosts[0]}.crt`));
      expect(accepted).toBe(false);
      expect(said).toContain("certificate revoked");
    }
  });

  test("shows the number of the list grow, and each entry's reason", async () => {
    const directory = await makeCa();
    const show = () => {
      const command = ["openssl", "crl", "-in", join(directory, "crl.pem"), "-noout", "-text"];
      return Bun.spawnSync(command).stdout.toString();
    };
    const numberOf = (text: string) => BigInt(/CRL Number: *\n? *(0x[0-9A-F]+|\d+)/i.exec(text)?.[1] ?? -1);
    await createClient(directory, "alice");
    await createClient(directory, "bob");
    await revoke(directory, "alice", { reason: "superseded" });
    const first = show();
    await revoke(directory, "bob", { reason: "keyCompromise", now: new Date(now.getTime() + 1) });
    const second = show();
    expect(numberOf(first)).toBeGreaterThan(0n);
    expect(numberOf(second)).toBeGreaterThan(numberOf(first));
    expect(second.match(/Superseded|Key Compromise/g)).toEqual(["Superseded", "Key Compromise"]);
  });
});

describe("after a renewal", () => {
  test("of the leaf, what it was before is revoked with it", async () => {
    const directory = await makeCa();
    const first = await createClient(directory);
    const old = readFileSync(first.certFile);
    const [second] = await renewLeaves({ by: "all" }, renewal(directory, { now: daysFromNow(60) }));
    if (second?.outcome !== "renewed") throw new Error(`unexpected: ${second?.outcome}`);
    const [third] = await renewLeaves({ by: "all" }, renewal(directory, { now: daysFromNow(61) }));
    if (third?.outcome !== "renewed") throw new Error(`unexpected: ${third?.outcome}`);
    await revoke(directory, "alice", { now: daysFromNow(62) });
    const serials = [first, second.issued, third.issued].map(serialOf);
    expect((await serialsOf(directory)).sort()).toEqual(serials.sort());
    const kept = join(freshDirectory(), "..", "old.crt");
    await Bun.write(kept, old);
    expect(await objectionTo(directory, kept, daysFromNow(62))).toContain("was revoked");
  });

  test("of the leaf, what it was before is not listed when it has ended", async () => {
    const directory = await makeCa();
    await createClient(directory);
    const [renewed] = await renewLeaves({ by: "all" }, renewal(directory, { now: daysFromNow(100) }));
    if (renewed?.outcome !== "renewed") throw new Error(`unexpected: ${renewed?.outcome}`);
    await revoke(directory, "alice", { now: daysFromNow(101) });
    expect(await serialsOf(directory)).toEqual([serialOf(renewed.issued)]);
  });

  test("by force, what the leaf was before is revoked with it", async () => {
    const directory = await makeCa();
    const first = await createClient(directory);
    const second = await createClient(directory, "alice", { force: true });
    await revoke(directory, "alice");
    expect((await serialsOf(directory)).sort()).toEqual([first, second].map(serialOf).sort());
  });

  test("of the intermediate, the list is signed anew, and lasts as long as that does", async () => {
    const directory = await makeCa();
    const issued = await createClient(directory);
    const { place } = await revoke(directory, "alice");
    const later = daysFromNow(30);
    const { certificate } = await renewIntermediate(renewal(directory, { now: later }));
    const { revoked, thisUpdate, nextUpdate, signers } = await listOf(directory);
    expect([...revoked]).toEqual([
      [serialOf(issued), { date: Math.floor(now.getTime() / 1000) * 1000, reason: "keyCompromise" }],
    ]);
    expect(thisUpdate).toBe(Math.floor(later.getTime() / 1000) * 1000);
    expect(nextUpdate).toBe(certificate.validToDate.getTime());
    expect((nextUpdate ?? 0) - later.getTime()).toBeGreaterThan(1800 * dayMs);
    expect(signers.map(({ raw }) => raw)).toEqual([certificate.raw]);
    const fresh = await createClient(directory, "bob", { now: later });
    expect(await objectionTo(directory, fresh.certFile, later)).toBeUndefined();
    expect(await objectionTo(directory, join(place, "alice.crt"), later)).toContain("was revoked");
  });
});
