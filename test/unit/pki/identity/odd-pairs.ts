import { generateKeyPairSync } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { made, madeText, passphrase } from "./openssl-files.ts";
import {
  chainOf,
  chainText,
  daysFromThen,
  hosts,
  intermediate,
  issue,
  leaf,
  namesakeRoot,
  root,
  rsaKey,
  rsaLeaf,
  strangeRoot,
  trust,
} from "./pair-parties.ts";
import { type Content, type OddPair, odd, type PairSource } from "./pair-table.ts";

/** Both files changed in the same way. */
function both(change: (text: string) => string | Uint8Array): PairSource {
  return { certificate: change(chainText), key: change(leaf.keyText), options: { trust } };
}

/** The text with its base64 in lines of another length. */
function rewrapped(text: string, length: number): string {
  return text.replaceAll(/(?<=-----\n)[^-]+(?=\n-----)/g, (base64) =>
    base64.replaceAll("\n", "").replace(new RegExp(`.{${length}}(?=.)`, "g"), "$&\n"),
  );
}

function swapBytes(text: string): Uint8Array {
  return Buffer.from(`\uFEFF${text}`, "utf16le").swap16();
}

/** A file that only its owner may read, for a certificate with its key beside it. */
const secret =
  (text: string): Content =>
  (path) =>
    writeFileSync(path, text, { mode: 0o600 });

/** A link to a file in a folder that is a link itself, as Kubernetes mounts a Secret. */
const mounted =
  (text: string): Content =>
  (path) => {
    writeFileSync(`${path}.mounted`, text, { mode: 0o600 });
    symlinkSync(`${path}.mounted`, `${path}.link`);
    symlinkSync(`${path}.link`, path);
  };

const encrypted = (name: string): PairSource => ({ key: made(name), options: { passphrase, trust } });
const rsaChain = rsaLeaf.text + intermediate.text;
const rsaText = (type: "pkcs1" | "pkcs8") => rsaKey.export({ type, format: "pem" }).toString();
const sec1 = leaf.key.export({ type: "sec1", format: "pem" }).toString();
const below = { options: { trust: { certificates: [intermediate.certificate], source: "clients.crt" } } };
const unknownEnd = "Clients have to trust CN=Intermediate itself; if that is an intermediate";

const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const self = await issue({ commonName: "self", hosts: ["self"] });
const authority = await issue({
  commonName: "self",
  hosts: ["self"],
  profile: { ...profiles.developmentRoot, keyUsage: ["digitalSignature", "keyCertSign"] },
});
const oldRoot = await issue({
  commonName: "Root",
  key: root.key,
  profile: profiles.developmentRoot,
  at: daysFromThen(-4000),
});

/** Pairs that look odd, and are served. */
export const oddPairs: readonly OddPair[] = [
  odd("good", { options: { trust, hosts: [...hosts, "any.wild.example.org", "SERVER.example.org."] } }),
  odd(
    "crlf",
    both((text) => text.replaceAll("\n", "\r\n")),
  ),
  odd(
    "cr",
    both((text) => text.replaceAll("\n", "\r")),
  ),
  odd(
    "byte-order-mark",
    both((text) => `\uFEFF${text}`),
  ),
  odd(
    "utf-16",
    both((text) => Buffer.from(`\uFEFF${text}`, "utf16le")),
  ),
  odd("utf-16-big-endian", both(swapBytes)),
  odd(
    "trailing-blanks",
    both((text) => text.replaceAll("\n", " \t\n")),
  ),
  odd(
    "indented",
    both((text) => text.replaceAll(/^/gm, "  ")),
  ),
  odd(
    "empty-lines",
    both((text) => text.replaceAll("\n", "\n\n")),
  ),
  odd(
    "no-last-line-end",
    both((text) => text.trimEnd()),
  ),
  odd(
    "short-lines",
    both((text) => rewrapped(text, 48)),
  ),
  odd(
    "one-long-line",
    both((text) => rewrapped(text, 10_000)),
  ),
  odd(
    "comments",
    both((text) => `# The server's\n${text}# -- the end\n`),
  ),
  odd("bag-attributes", { certificate: made("bags.pem"), key: made("bags.pem") }, unknownEnd),
  odd("text-before", { certificate: made("text.crt") }, unknownEnd),
  odd(
    "x509-certificate",
    both((text) => text.replaceAll(" CERTIFICATE", " X509 CERTIFICATE")),
  ),
  odd("key-in-certificate-file", { certificate: secret(leaf.keyText + chainText), options: { trust } }),
  odd("links-to-links", { certificate: mounted(chainText), key: mounted(leaf.keyText), options: { trust } }),
  odd("root-appended", { certificate: chainText + root.text, options: { trust } }),
  odd("root-appended-twice", { certificate: chainText + root.text + root.text, options: { trust } }),
  odd("root-signed-with-sha-1", { certificate: madeText("below-old.crt") + madeText("old-ca.crt") }),
  odd("trust-in-intermediate", { certificate: leaf.text, ...below }),
  odd("trust-in-many", {
    options: {
      trust: {
        ...trust,
        certificates: [strangeRoot, namesakeRoot, oldRoot, root].map(({ certificate }) => certificate),
      },
    },
  }),
  odd("key-of-mode-400", { mode: 0o400, options: { trust } }),
  odd(
    "key-readable-by-group-allowed",
    { mode: 0o640, options: { trust, allowLoosePermissions: true } },
    "server.key holds a private key and has mode 640: other users can read it: chmod 600 server.key",
  ),
  odd(
    "key-readable-by-all-allowed",
    { mode: 0o644, options: { trust, allowLoosePermissions: true } },
    "server.key holds a private key and has mode 644: other users can read it: chmod 600 server.key",
  ),
  odd(
    "key-in-certificate-file-readable-by-all-allowed",
    { certificate: leaf.keyText + chainText, options: { trust, allowLoosePermissions: true } },
    "server.crt holds a private key and has mode 644: other users can read it: chmod 600 server.crt",
  ),
  odd("key-in-sec1", { key: sec1, options: { trust } }),
  odd("key-in-sec1-after-parameters", {
    key: encodePem("EC PARAMETERS", Buffer.from("06082a8648ce3d030107", "hex")) + sec1,
    options: { trust },
  }),
  odd("rsa-key-in-pkcs1", { certificate: rsaChain, key: rsaText("pkcs1"), options: { trust } }),
  odd("rsa-key-in-pkcs8", { certificate: rsaChain, key: rsaText("pkcs8"), options: { trust } }),
  odd("key-encrypted-with-aes", encrypted("aes.key")),
  odd("key-encrypted-with-3des", encrypted("3des.key")),
  odd("key-encrypted-with-aes-as-of-old", encrypted("old-aes.key")),
  odd("key-encrypted-with-3des-as-of-old", { ...encrypted("old-3des.key"), certificate: rsaChain }),
  odd("passphrase-not-needed", { options: { passphrase, trust } }),
  odd("p-384", { ...(await chainOf({ key: p384 })), options: { trust } }),
  odd("self-signed", { certificate: self.text, key: self.keyText }),
  odd(
    "self-signed-ca",
    { certificate: authority.text, key: authority.keyText },
    "The certificate in server.crt is a CA's own: strict clients don't take it as a server's",
  ),
  odd(
    "no-names",
    { certificate: made("nameless.crt") },
    unknownEnd,
    "The certificate in server.crt names no host (it has no subject alternative name): clients refuse it",
  ),
  odd(
    "version-1",
    { certificate: made("version1.crt") },
    unknownEnd,
    "The certificate in server.crt names no host (it has no subject alternative name): clients refuse it",
  ),
  odd(
    "serial-number-negative",
    { certificate: made("negative.crt") },
    unknownEnd,
    "The certificate in server.crt has the serial number -05, which is not a positive one of 20 bytes at most: strict clients refuse it",
  ),
  odd(
    "serial-number-zero",
    { certificate: made("zero.crt") },
    unknownEnd,
    "The certificate in server.crt has the serial number 0, which is not a positive one of 20 bytes at most: strict clients refuse it",
  ),
  odd(
    "serial-number-too-long",
    { certificate: made("long.crt") },
    unknownEnd,
    "The certificate in server.crt has the serial number 700000000000000000000000000000000000000000000001, which is not a positive one of 20 bytes at most: strict clients refuse it",
  ),
  odd("valid-for-millennia", { certificate: made("distant.crt") }, unknownEnd),
  odd("first-second", { options: { trust, now: leaf.certificate.validFromDate } }),
  odd(
    "last-second",
    { options: { trust, now: leaf.certificate.validToDate } },
    "The certificate in server.crt expires in less than an hour",
  ),
];
