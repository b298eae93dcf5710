import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadRevocationLists } from "../../../../src/pki/revocation/revocation-list.ts";
import { OpensslCa, type OpensslPair } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { der, extension, utcTime } from "../der-builder.ts";
import { buildCrl, crlText, entry } from "./crl-builder.ts";

const folder = temporaryFolder();
const hourMs = 3_600_000;
const now = new Date();
const fromNow = (hours: number) => new Date(now.getTime() + hours * hourMs);
const certificateOf = ({ cert }: Pick<OpensslPair, "cert">) => new X509Certificate(cert);

const root = new OpensslCa(folder, "root");
const sub = new OpensslCa(folder, "sub", { issuer: root });
const p384 = new OpensslCa(folder, "p384", { key: "P-384" });
const rsa = new OpensslCa(folder, "rsa", { key: "rsa:2048" });
const issuers = [root, sub, p384, rsa].map(certificateOf);

let count = 0;
function place(content: string | Uint8Array): string {
  const path = join(folder, `${count++}.crl`);
  writeFileSync(path, content);
  return path;
}

const load = (content: string | Uint8Array, candidates = issuers) =>
  loadRevocationLists(place(content), candidates, now);

/** A path from a leaf to the root of its CA. */
function pathOf(leaf: OpensslPair, ...authorities: readonly OpensslPair[]): X509Certificate[] {
  return [leaf, ...authorities].map(certificateOf);
}

describe("a list that openssl made", () => {
  test.each([
    ["ECDSA P-256", root],
    ["ECDSA P-384", p384],
    ["RSA", rsa],
  ])("and signed with %s is honoured, in PEM and in DER", async (_, ca) => {
    const [good, revoked] = [ca.issue("good"), ca.issue("revoked")];
    ca.revoke(revoked, "keyCompromise");
    const text = ca.crl();
    const inDer = Buffer.from(text.replaceAll(/-----.*-----/g, ""), "base64");
    for (const content of [text, text.replaceAll("\n", "\r\n"), `\ufeffA list of a CA\n${text}`, inDer]) {
      const lists = await load(content);
      expect(lists.findRevoked(pathOf(good, ca), now)).toBeUndefined();
      expect(lists.findRevoked(pathOf(revoked, ca), now)).toMatchObject({
        kind: "revoked",
        certificate: expect.objectContaining({ subject: "CN=revoked" }),
        reason: "keyCompromise",
      });
    }
  });

  test("tells when the next one is due, and when and why each certificate was revoked", async () => {
    const ca = new OpensslCa(folder, "reasons");
    const reasons = ["unspecified", "superseded", "certificateHold", "CACompromise", "cessationOfOperation"];
    const leaves = reasons.map((reason) => ca.issue(reason));
    for (const [index, leaf] of leaves.entries()) ca.revoke(leaf, reasons[index]);
    const nextUpdate = new Date(Math.floor(fromNow(5).getTime() / 1000) * 1000);
    const lists = await load(ca.crl({ nextUpdate }), [certificateOf(ca)]);
    expect(lists.nextUpdate).toEqual(nextUpdate);
    const found = leaves.map((leaf) => lists.findRevoked(pathOf(leaf, ca), now));
    expect(found.map((each) => each?.reason.toLowerCase())).toEqual(reasons.map((reason) => reason.toLowerCase()));
    for (const each of found) expect(Math.abs(Number(each?.date) - now.getTime())).toBeLessThan(hourMs);
  });

  test("and is empty revokes nothing", async () => {
    const ca = new OpensslCa(folder, "empty");
    const lists = await load(ca.crl({ extensions: [] }), [certificateOf(ca)]);
    expect(lists.findRevoked(pathOf(ca.issue("leaf"), ca), now)).toBeUndefined();
    expect(lists.warnings).toEqual([]);
  });

  test("says nothing of another CA's certificate with the same serial number", async () => {
    const leaf = sub.issue("leaf");
    const list = buildCrl(root, { entries: [entry(certificateOf(leaf).serialNumber, now)] });
    expect((await load(list)).findRevoked(pathOf(leaf, sub, root), now)).toBeUndefined();
  });

  test("revokes an intermediate for all that is below it", async () => {
    const ca = new OpensslCa(folder, "parent");
    const middle = new OpensslCa(folder, "middle", { issuer: ca });
    const leaf = middle.issue("leaf");
    ca.revoke(middle, "CACompromise");
    const lists = await load(ca.crl(), [certificateOf(ca)]);
    expect(lists.findRevoked(pathOf(leaf, middle, ca), now)).toMatchObject({
      reason: "cACompromise",
      certificate: expect.objectContaining({ subject: "CN=middle" }),
    });
  });
});

describe("a file of several lists", () => {
  test("counts for each CA that has one, and names those that have none", async () => {
    const [one, two, three] = ["one", "two", "three"].map((name) => new OpensslCa(folder, `of-${name}`));
    if (!one || !two || !three) throw new Error("unreachable");
    const leaves = [one, two].map((ca) => ({ ca, leaf: ca.issue("leaf") }));
    for (const { ca, leaf } of leaves) ca.revoke(leaf);
    const lists = await load(one.crl() + two.crl({ nextUpdate: fromNow(2) }), [one, two, three].map(certificateOf));
    for (const { ca, leaf } of leaves) expect(lists.findRevoked(pathOf(leaf, ca), now)?.kind).toBe("revoked");
    expect(lists.nextUpdate?.getTime()).toBeLessThan(fromNow(3).getTime());
    expect(lists.warnings).toEqual([expect.stringContaining("no revocation list of CN=of-three")]);
    expect(lists.findRevoked(pathOf(three.issue("leaf"), three), now)).toBeUndefined();
  });

  test("takes the latest of one CA, even after one that has run out", async () => {
    const ca = new OpensslCa(folder, "renewed");
    const leaf = ca.issue("leaf");
    const old = ca.crl({ thisUpdate: fromNow(-3), nextUpdate: fromNow(-2) });
    ca.revoke(leaf);
    const current = ca.crl();
    for (const text of [old + current, current + old]) {
      expect((await load(text, [certificateOf(ca)])).findRevoked(pathOf(leaf, ca), now)?.kind).toBe("revoked");
    }
  });
});

test("an entry that takes a certificate off the list revokes nothing", async () => {
  const leaf = root.issue("leaf");
  const removed = extension("2.5.29.21", der(0x0a, Buffer.of(8)));
  const list = buildCrl(root, { entries: [entry(certificateOf(leaf).serialNumber, now, removed)] });
  expect((await load(list)).findRevoked(pathOf(leaf, root), now)).toBeUndefined();
});

test("a list that runs out while the server runs makes its CA's certificates unknown, and no others", async () => {
  const [leaf, other] = [root.issue("leaf"), p384.issue("leaf")];
  const lists = await load(root.crl({ nextUpdate: fromNow(1) }) + p384.crl());
  expect(lists.findRevoked(pathOf(leaf, root), fromNow(2))).toMatchObject({
    kind: "unknown",
    certificate: expect.objectContaining({ subject: "CN=leaf" }),
    reason: expect.stringMatching(/^the revocation list of CN=root ran out on \d/),
  });
  expect(lists.findRevoked(pathOf(other, p384), fromNow(2))).toBeUndefined();
});

test("a list without an end is honoured with a warning", async () => {
  const lists = await load(buildCrl(root, { nextUpdate: Buffer.of() }), [certificateOf(root)]);
  expect(lists.nextUpdate).toBeUndefined();
  expect(lists.warnings).toEqual([expect.stringMatching(/^The list of CN=root in .* does not say when it runs out$/)]);
});

test("a CA's clock may be a little ahead", async () => {
  const ahead = utcTime(new Date(now.getTime() + 60_000));
  expect((await load(buildCrl(root, { thisUpdate: ahead }))).nextUpdate).toBeDate();
});

test("serial numbers are compared as numbers", async () => {
  const leaf = root.issue("leaf");
  const { serialNumber } = certificateOf(leaf);
  const lists = await load(buildCrl(root, { entries: [entry(`0000${serialNumber}`, now)] }));
  expect(lists.findRevoked(pathOf(leaf, root), now)?.kind).toBe("revoked");
});

test("100,000 entries cost no more than in proportion to 1,000, with room to spare", async () => {
  const leaf = root.issue("leaf");
  const measure = async (count: number) => {
    const serials = Array.from({ length: count }, (_, index) => (0x40000000 + index).toString(16));
    const entries = [...serials, certificateOf(leaf).serialNumber].map((each) => entry(each, now));
    const text = crlText(buildCrl(root, { entries }));
    const start = process.cpuUsage();
    const lists = await load(text);
    const { user, system } = process.cpuUsage(start);
    expect(lists.findRevoked(pathOf(leaf, root), now)?.kind).toBe("revoked");
    return user + system;
  };
  await measure(1000);
  const small = Math.max(await measure(1000), await measure(1000));
  // In proportion it would be 100 times as much, and 10,000 times as much where each entry cost as much as all before it.
  expect(await measure(100_000)).toBeLessThan(1000 * small);
});
