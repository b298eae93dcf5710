import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadRevocationLists } from "../../../../src/pki/revocation/revocation-list.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { der, extension, oid } from "../der-builder.ts";
import { failureOf } from "../failure.ts";
import { buildCrl, crlText, entry } from "./crl-builder.ts";

const folder = temporaryFolder();
const now = new Date();
const fromNow = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

const root = new OpensslCa(folder, "root");
const rsa = new OpensslCa(folder, "rsa", { key: "rsa:2048" });
const edwards = new OpensslCa(folder, "edwards", { key: "ed25519" });
const impostor = new OpensslCa(folder, "impostor", { subject: "/CN=root" });
const noCrlSign = new OpensslCa(folder, "no-crl-sign", { extensions: ["keyUsage=critical,keyCertSign"] });
const issuers = [root, rsa, edwards, noCrlSign].map(({ cert }) => new X509Certificate(cert));

let count = 0;
function place(content: string | Uint8Array): string {
  const path = join(folder, `${count++}.crl`);
  writeFileSync(path, content);
  return path;
}

const good = buildCrl(root);
const goodText = crlText(good);
const changed = (at: number, value: number) => {
  const bytes = Buffer.from(good);
  bytes[at] = value;
  return bytes;
};
const flipLastBit = (signature: Buffer) =>
  Buffer.concat([signature.subarray(0, -1), Buffer.of((signature.at(-1) ?? 0) ^ 1)]);
const odd = "1.3.6.1.4.1.99999.1";
const nothing = der(0x05);
const inEntry = (...extensions: readonly Uint8Array[]) =>
  buildCrl(root, { entries: [entry("7f", now, ...extensions)] });

test.each<[what: string, content: string | Uint8Array, code: string, found: string]>([
  ["is empty", " \n", "CRL_MALFORMED", "is empty"],
  ["is text", "no list", "CRL_MALFORMED", "holds no revocation list"],
  ["holds a certificate", root.cert, "CRL_MALFORMED", "holds a certificate, not a revocation list"],
  ["holds a key", root.key, "CRL_MALFORMED", "holds a private key, not"],
  ["is cut off in PEM", goodText.slice(0, 200), "CRL_MALFORMED", "is cut off"],
  ["is cut off in DER", buildCrl(root, { entries: [entry("7f", now)] }).subarray(0, -9), "CRL_MALFORMED", "damaged"],
  [
    "is not base64",
    goodText.replace("MI", "M*"),
    "CRL_MALFORMED",
    "number 1 can't be decoded, as it has characters that are no base64",
  ],
  ["has bytes after the list", Buffer.concat([good, Buffer.of(0)]), "CRL_MALFORMED", "1 bytes too many"],
  ["is a certificate in DER", new X509Certificate(root.cert).raw, "CRL_MALFORMED", "can't be decoded"],
  ["has another tag in it", changed(3, 0x31), "CRL_MALFORMED", "begins with tag 0x31"],
  ["has a length that is not DER", Buffer.of(0x30, 0x82, 0x00, 0x01, 0x00), "CRL_MALFORMED", "length at byte 1"],
  ["has an endless length", Buffer.concat([Buffer.of(0x30, 0x81), Buffer.alloc(3)]), "CRL_MALFORMED", "is not DER"],
  ["is huge", Buffer.alloc(16 * 1024 * 1024 + 1, 0x30), "CRL_MALFORMED", "may have 16777216"],
  [
    "has a date that is none",
    buildCrl(root, { thisUpdate: der(0x17, Buffer.from("261332000000Z")) }),
    "CRL_MALFORMED",
    "is no time",
  ],
  [
    "has a date without seconds",
    buildCrl(root, { thisUpdate: der(0x17, Buffer.from("2611250000Z")) }),
    "CRL_MALFORMED",
    "is no time",
  ],
  [
    "names two algorithms",
    buildCrl(root, { innerAlgorithm: der(0x30, oid("1.2.840.10045.4.3.3")) }),
    "CRL_MALFORMED",
    "two signature algorithms",
  ],
  [
    "is signed with SHA-1",
    buildCrl(root, { algorithm: der(0x30, oid("1.2.840.10045.4.1")) }),
    "CRL_MALFORMED",
    "unknown or weak",
  ],
  ["is signed by openssl with SHA-1", rsa.crl({ digest: "sha1" }), "CRL_MALFORMED", "1.2.840.113549.1.1.5"],
  [
    "is signed with Ed25519",
    buildCrl(root, { algorithm: der(0x30, oid("1.3.101.112")) }),
    "CRL_MALFORMED",
    "1.3.101.112",
  ],
  [
    "is a delta list",
    root.crl({ extensions: ["2.5.29.27=critical,DER:020101"] }),
    "CRL_MALFORMED",
    "it is a delta list",
  ],
  [
    "covers only users' certificates",
    root.crl({ extensions: ["issuingDistributionPoint=critical,@point", "[point]", "onlyuser=TRUE"] }),
    "CRL_MALFORMED",
    "issuing distribution point",
  ],
  [
    "has an unknown critical extension",
    root.crl({ extensions: [`${odd}=critical,DER:0500`] }),
    "CRL_MALFORMED",
    `critical extension ${odd}`,
  ],
  [
    "has an entry with an unknown critical extension",
    inEntry(extension(odd, nothing, true)),
    "CRL_MALFORMED",
    `entries has the critical extension ${odd}`,
  ],
  ["has an entry of another issuer", inEntry(extension("2.5.29.29", nothing, true)), "CRL_MALFORMED", "other issuers"],
  [
    "has a broken entry",
    buildCrl(root, { entries: [der(0x30, der(0x02, Buffer.of(1)))] }),
    "CRL_MALFORMED",
    "can't be decoded",
  ],
  [
    "has run out",
    root.crl({ thisUpdate: fromNow(-3), nextUpdate: fromNow(-2) }),
    "CRL_EXPIRED",
    "CN=root that ran out on",
  ],
  ["is of tomorrow", root.crl({ thisUpdate: fromNow(2) }), "CRL_EXPIRED", "CN=root that is valid only from"],
  [
    "is of an unknown CA",
    new OpensslCa(folder, "stranger").crl(),
    "CRL_FOREIGN",
    "a list of CN=stranger, which is none of the CAs",
  ],
  [
    "is of an unknown CA after a known one",
    root.crl() + new OpensslCa(folder, "alien").crl(),
    "CRL_FOREIGN",
    "CN=alien",
  ],
  ["is of another CA with the same name", impostor.crl(), "CRL_FOREIGN", "not signed with that CA's key"],
  ["was changed after it was signed", buildCrl(root, { spoil: flipLastBit }), "CRL_FOREIGN", "not signed"],
  [
    "has a signature that is none",
    buildCrl(root, { spoil: (signature) => signature.fill(0) }),
    "CRL_FOREIGN",
    "not signed",
  ],
  ["is of a CA whose key may not sign lists", noCrlSign.crl(), "CRL_FOREIGN", "does not let it sign lists"],
  [
    "claims ECDSA for a CA with another key",
    buildCrl(root, { issuer: der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(0x0c, Buffer.from("edwards"))))) }),
    "CRL_FOREIGN",
    "not signed",
  ],
])("a file that %s is refused", async (_, content, code, found) => {
  const path = place(content);
  const error = await failureOf(loadRevocationLists(path, issuers, now));
  expect(error.code).toBe(code);
  expect(error.message).toContain(path);
  expect(error.message).toContain(found);
});

test("a file that is not there, is a folder or can't be read is told apart", async () => {
  const missing = join(folder, "missing.crl");
  expect(await failureOf(loadRevocationLists(missing, issuers, now))).toMatchObject({
    code: "CRL_NOT_FOUND",
    message: `The revocation list file ${missing} does not exist`,
  });
  const directory = join(folder, "directory");
  mkdirSync(directory);
  expect(await failureOf(loadRevocationLists(directory, issuers, now))).toMatchObject({
    code: "FILE_UNUSABLE",
    message: `The revocation list file ${directory} is a folder`,
  });
  const locked = place(goodText);
  chmodSync(locked, 0o000);
  if (process.getuid?.() === 0) return;
  expect((await failureOf(loadRevocationLists(locked, issuers, now))).message).toContain("permission denied");
});

test("a list of which any byte has changed is refused", async () => {
  const list = buildCrl(root, { entries: [entry("7f01", now, extension("2.5.29.21", der(0x0a, Buffer.of(1))))] });
  await loadRevocationLists(place(list), issuers, now);
  for (const at of list.keys()) {
    const bytes = Buffer.from(list);
    bytes[at] = (bytes[at] ?? 0) ^ 0x04;
    const { code } = await failureOf(loadRevocationLists(place(bytes), issuers, now));
    expect(["CRL_MALFORMED", "CRL_FOREIGN"]).toContain(code);
  }
});

test("a list that ends at any byte is refused", async () => {
  const list = buildCrl(root, { entries: [entry("7f01", now)] });
  for (const length of list.keys()) {
    const { code } = await failureOf(loadRevocationLists(place(list.subarray(0, length)), issuers, now));
    expect(code).toBe("CRL_MALFORMED");
  }
});
