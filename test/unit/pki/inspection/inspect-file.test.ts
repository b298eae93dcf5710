import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectFile } from "../../../../src/pki/inspection/inspect-file.ts";
import { failureOf } from "../failure.ts";
import { hasOpenssl } from "../openssl.ts";
import { authorityExtensions, oddCertificates, serverExtensions } from "./odd-certificates.ts";

const { folder, make, openssl } = oddCertificates();
const now = new Date();
let count = 0;

function place(content: string | Uint8Array): string {
  const path = join(folder, `file-${count++}`);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const root = make({ subject: "/CN=A root", extensions: authorityExtensions });
const intermediate = make({ subject: "/CN=An intermediate", issuer: root, extensions: authorityExtensions });
const leaf = make({ subject: "/CN=A leaf", issuer: intermediate });
const stranger = make({ subject: "/CN=A stranger" });
const keyOf = ({ keyFile }: typeof leaf) => readFileSync(keyFile, "utf8");

/** How the certificates of a file hang together, without what each of them says. */
async function linksOf(content: string | Uint8Array) {
  const { chain } = await inspectFile(place(content), now);
  const { certificates, ...rest } = chain;
  const links = certificates.map(({ subject, issuedBy }) => `${subject.text} by ${issuedBy}`);
  return { links, ...rest };
}

describe.skipIf(!hasOpenssl)("a file is read that", () => {
  test.each<[string, string | Uint8Array]>([
    ["is PEM", leaf.text],
    ["is DER", leaf.der],
    ["begins with a byte order mark", `\ufeff${leaf.text}`],
    ["is UTF-16, as Windows tools write it", Buffer.from(`\ufeff${leaf.text}`, "utf16le")],
    ["has other line ends and text around", `Some text\r\n${leaf.text.replaceAll("\n", "\r\n")}\r\nmore`],
    ["calls it an X509 certificate", leaf.text.replaceAll("CERTIFICATE", "X509 CERTIFICATE")],
  ])("%s", async (_, content) => {
    const { chain, privateKeys, others } = await inspectFile(place(content), now);
    expect(chain.certificates.map(({ subject }) => subject.text)).toEqual(["CN=A leaf"]);
    expect([privateKeys, others]).toEqual([[], []]);
  });

  test("is a trusted certificate of openssl, with what openssl adds to it", async () => {
    const path = join(folder, "trusted.pem");
    openssl("x509", "-in", leaf.certFile, "-addtrust", "serverAuth", "-trustout", "-out", path);
    expect(readFileSync(path, "utf8")).toContain("BEGIN TRUSTED CERTIFICATE");
    const { chain } = await inspectFile(path, now);
    const [plain] = (await inspectFile(leaf.certFile, now)).chain.certificates;
    expect(chain.certificates[0]?.fingerprints).toEqual(plain?.fingerprints);
  });

  test("has a key of a kind that the runtime does not know", async () => {
    const { certFile } = make({ key: ["-algorithm", "ED448"], extensions: serverExtensions });
    const { chain } = await inspectFile(certFile, now);
    expect(chain.certificates[0]).toMatchObject({ key: { kind: "Ed448" }, selfSigned: true, issuedBy: 1 });
  });
});

describe.skipIf(!hasOpenssl)("the certificates of a file hang together", () => {
  test("as a leaf, its intermediate and the root", async () => {
    expect(await linksOf(leaf.text + intermediate.text + root.text)).toEqual({
      links: ["CN=A leaf by 2", "CN=An intermediate by 3", "CN=A root by 3"],
      inOrder: true,
      rightOrder: [1, 2, 3],
      issuerMissing: [],
    });
  });

  test("as a chain without its root", async () => {
    expect(await linksOf(leaf.text + intermediate.text)).toMatchObject({ inOrder: true, issuerMissing: [2] });
  });

  test("as a leaf whose intermediate is missing", async () => {
    expect(await linksOf(leaf.text + root.text)).toMatchObject({ inOrder: true, issuerMissing: [1] });
  });

  test("in the wrong order, and the right one is found", async () => {
    expect(await linksOf(root.text + leaf.text + intermediate.text)).toMatchObject({
      links: ["CN=A root by 1", "CN=A leaf by 3", "CN=An intermediate by 1"],
      inOrder: false,
      rightOrder: [2, 3, 1],
    });
  });

  test("not with an issuer of the same name and another key", async () => {
    const namesake = make({ subject: "/CN=An intermediate", extensions: authorityExtensions });
    expect(await linksOf(leaf.text + namesake.text)).toMatchObject({
      links: ["CN=A leaf by undefined", expect.anything()],
    });
  });

  test("as several roots", async () => {
    const found = await linksOf(root.text + stranger.text + root.text);
    expect(found).toMatchObject({ inOrder: true, rightOrder: undefined, issuerMissing: [] });
  });
});

describe.skipIf(!hasOpenssl)("a private key in a file", () => {
  test.each([
    ["belongs to a certificate", () => intermediate.text + leaf.text + keyOf(leaf), [2]],
    ["belongs to none", () => leaf.text + keyOf(stranger), []],
  ])("%s", async (_, content, belongsTo) => {
    const found = await inspectFile(place(content()), now);
    expect(found.privateKeys).toEqual([{ belongsTo, unreadable: undefined }]);
    expect(JSON.stringify(found)).not.toContain(keyOf(leaf).split("\n")[1] ?? "");
  });

  test("is encrypted", async () => {
    const path = join(folder, "encrypted.key");
    openssl("pkcs8", "-topk8", "-in", leaf.keyFile, "-passout", "pass:secret", "-out", path);
    const { privateKeys } = await inspectFile(place(leaf.text + readFileSync(path, "utf8")), now);
    expect(privateKeys).toEqual([{ belongsTo: undefined, unreadable: "encrypted" }]);
  });

  test("is damaged", async () => {
    const { privateKeys } = await inspectFile(place(leaf.text + keyOf(leaf).replace("MIG", "AAA")), now);
    expect(privateKeys).toEqual([{ belongsTo: undefined, unreadable: "damaged" }]);
  });
});

test.skipIf(!hasOpenssl)("what else is in a file is named", async () => {
  const block = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
  const rest = ["CERTIFICATE REQUEST", "X509 CRL", "X509 CRL", "EC PARAMETERS"].map(block).join("");
  const { others } = await inspectFile(place(leaf.text + rest), now);
  expect(others).toEqual(["a certificate request", "a certificate revocation list", '"EC PARAMETERS"']);
});

describe.skipIf(!hasOpenssl)("a file is refused that", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["is empty", "", "is empty"],
    ["holds only a key", keyOf(leaf), "holds a private key, not a certificate"],
    ["is DER that is cut off", leaf.der.subarray(0, -1), "holds binary data, not PEM"],
    ["has a certificate that is cut off", leaf.text.slice(0, -40), "lacks its END line"],
    [
      "has a damaged certificate",
      leaf.text + root.text.replace("MII", "AAA"),
      "its certificate number 2 can't be decoded",
    ],
    ["has characters that are no base64", leaf.text.replace("MII", "M!I"), "its certificate number 1 can't be decoded"],
    ["is larger than 1 MiB", Buffer.concat([leaf.der, Buffer.alloc(1024 * 1024)]), "may have 1048576"],
  ])("%s", async (_, content, found) => {
    const error = await failureOf(inspectFile(place(content), now));
    expect(error.code).toBe("CERTIFICATE_MALFORMED");
    expect(error.message).toContain(found);
  });

  test("has a certificate whose dates are none, which is told by its number", async () => {
    const der = Buffer.from(leaf.der);
    der.write("9999", der.indexOf(Buffer.of(0x17, 0x0d)) + 4, "latin1");
    const text = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
    const error = await failureOf(inspectFile(place(root.text + text), now));
    expect(error.message).toEndWith("is damaged. Certificate number 2 can't be decoded: its dates are damaged");
  });

  test("is a pipe that nobody writes to", async () => {
    const path = join(folder, "pipe");
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    expect((await failureOf(inspectFile(path, now))).message).toContain("is no regular file");
  });

  test.each([
    ["is a folder", folder, "FILE_UNUSABLE"],
    ["is not there", join(folder, "nothing.crt"), "CERTIFICATE_NOT_FOUND"],
  ])("%s", async (_, path, code) => {
    expect((await failureOf(inspectFile(path, now))).code).toBe(code);
  });
});
