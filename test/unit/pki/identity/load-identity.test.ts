import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { loadIdentity } from "../../../../src/pki/identity/load-identity.ts";
import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { daysFromNow, makeParty, makeRoot, now } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { chainText, identityFiles, leaf, root, rsaKey, rsaLeaf } from "../identity-files.ts";

const { folder, place, load, certFile, keyFile } = identityFiles();

/** What clients trust. */
const trust = { certificates: [root.certificate], source: "the bundle" };

describe("an identity", () => {
  test("is the chain, the key in PKCS#8, and what the leaf says", async () => {
    const hosts = ["::1", "a.wild.example.org"];
    const { identity, warnings } = await loadIdentity({ certFile, keyFile, now, hosts, trust });
    expect(identity.certificateChain).toBe(chainText);
    expect(identity.privateKey).toBe(leaf.keyText);
    expect(identity.leaf).toEqual({
      subject: "CN=server.example.org",
      issuer: "CN=An intermediate",
      serialNumber: leaf.certificate.serialNumber.toUpperCase(),
      notBefore: leaf.certificate.validFromDate,
      notAfter: leaf.certificate.validToDate,
      hosts: ["server.example.org", "*.wild.example.org", "xn--bcher-kva.example", "127.0.0.1", "::1"],
    });
    expect(warnings).toEqual([]);
  });

  test.each<[string, (text: string) => string | Uint8Array]>([
    ["CRLF line ends", (text) => text.replaceAll("\n", "\r\n")],
    ["a byte order mark", (text) => `\uFEFF${text}`],
    ["UTF-16 as Windows writes it", (text) => Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["text before, between and after", (text) => `Bag Attributes\n  x: 1\n${text}-- \nthe end`],
    ["indentation", (text) => text.replaceAll(/^/gm, "    ")],
    ["no line end at its end", (text) => text.trimEnd()],
  ])("loads from files with %s", async (_, change) => {
    const { identity } = await load(change(chainText), change(leaf.keyText));
    expect(identity.certificateChain).toBe(chainText);
    expect(identity.privateKey).toBe(leaf.keyText);
  });

  test("loads from one file that holds both, and never sends the key", async () => {
    const both = place(leaf.keyText + chainText, "both");
    const { identity } = await loadIdentity({ certFile: both, keyFile: both, now });
    expect(identity.certificateChain).toBe(chainText);
  });

  test("loads through symbolic links, as Kubernetes makes them", async () => {
    symlinkSync(certFile, join(folder, "link.crt"));
    symlinkSync(keyFile, join(folder, "link.key"));
    const linked = { certFile: join(folder, "link.crt"), keyFile: join(folder, "link.key"), now };
    expect((await loadIdentity(linked)).identity.leaf.subject).toBe("CN=server.example.org");
  });

  test.each([
    ["SEC 1", leaf.key.export({ type: "sec1", format: "pem" }), chainText],
    ["PKCS#1", rsaKey.export({ type: "pkcs1", format: "pem" }), rsaLeaf.text],
    ["RSA in PKCS#8", rsaKey.export({ type: "pkcs8", format: "pem" }), rsaLeaf.text],
    [
      "SEC 1 after its parameters",
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${leaf.key.export({ type: "sec1", format: "pem" })}`,
      chainText,
    ],
  ])("takes a key in %s", async (_, key, chain) => {
    const { identity } = await load(chain, key.toString());
    expect(identity.privateKey).toStartWith("-----BEGIN PRIVATE KEY-----\n");
    const certificate = new X509Certificate(identity.certificateChain);
    expect(certificate.checkPrivateKey(createPrivateKey(identity.privateKey))).toBe(true);
  });

  test("may be a certificate that signed itself", async () => {
    const own = await makeParty({ commonName: "self", hosts: ["self"] });
    expect((await load(own.text, own.keyText)).identity.leaf.issuer).toBe("CN=self");
  });
});

describe("an identity's time", () => {
  test("is over when the leaf has expired", async () => {
    const error = await failureOf(load(chainText, leaf.keyText, daysFromNow(365)));
    expect(error.code).toBe("CERTIFICATE_EXPIRED");
    expect(error.message).toContain("expired on 2028-02-29 12:29 UTC");
  });

  test("has not come when the leaf begins later, and the clock is then named", async () => {
    const error = await failureOf(load(chainText, leaf.keyText, daysFromNow(-1)));
    expect(error.code).toBe("CERTIFICATE_NOT_YET_VALID");
    expect(error.message).toContain("only from 2027-03-01 12:29 UTC");
    expect(error.hint).toContain("it says 2027-02-28 12:34 UTC");
  });

  test("is over when an intermediate has expired", async () => {
    const short = { ...profiles.developmentRoot, lifetimeDays: 10 };
    const oldRoot = await makeRoot("An old root", daysFromNow(-100));
    const old = await makeParty({ commonName: "Old", profile: short, issuer: oldRoot, at: daysFromNow(-20) });
    const under = await makeParty({ commonName: "Old", profile: profiles.developmentRoot, key: old.key });
    const child = await makeParty({ commonName: "child", hosts: ["child"], issuer: under });
    const error = await failureOf(load(child.text + old.text, child.keyText));
    expect(error.code).toBe("CERTIFICATE_EXPIRED");
    expect(error.message).toContain("Certificate number 2");
    expect(error.message).toContain("CN=Old");
  });

  test("includes the leaf's first and last second", async () => {
    await load(chainText, leaf.keyText, leaf.certificate.validFromDate);
    await load(chainText, leaf.keyText, leaf.certificate.validToDate);
  });
});

interface WarningOptions {
  at?: Date;
  mode?: number;
  allowLoosePermissions?: boolean;
  trusted?: boolean;
}

describe("an identity can be used and gives a warning when", () => {
  const warningsOf = async (
    certificate: string,
    key: string,
    { at = now, mode, allowLoosePermissions, trusted = true }: WarningOptions = {},
  ) => {
    const files = { certFile: place(certificate), keyFile: place(key, "key", mode) };
    const known = trusted ? { trust } : {};
    return (await loadIdentity({ ...files, ...known, now: at, allowLoosePermissions })).warnings;
  };

  test("it is not known whether its chain leads to a root", async () => {
    const [warning] = await warningsOf(leaf.text, leaf.keyText, { trusted: false });
    expect(warning).toContain("Clients have to trust CN=An intermediate itself");
    const self = await makeParty({ commonName: "self", hosts: ["self"] });
    expect(await warningsOf(self.text, self.keyText, { trusted: false })).toEqual([]);
  });

  test("it names no host at all", async () => {
    const nameless = await makeParty({ commonName: "server.example.org", issuer: root });
    const warnings = await warningsOf(nameless.text, nameless.keyText);
    expect(warnings).toEqual([expect.stringContaining("no subject alternative name")]);
  });

  test("it ends within fourteen days", async () => {
    expect(await warningsOf(chainText, leaf.keyText, { at: daysFromNow(350) })).toEqual([]);
    const [warning] = await warningsOf(chainText, leaf.keyText, { at: daysFromNow(360) });
    expect(warning).toContain("expires in 4 days, on 2028-02-29 12:29 UTC");
    const [last] = await warningsOf(chainText, leaf.keyText, { at: daysFromNow(364) });
    expect(last).toContain("expires in 23 hours");
  });

  test("it was made for a day and ends in its last fifth", async () => {
    const profile = { ...profiles.developmentLeaf, lifetimeDays: 1 };
    const brief = await makeParty({ commonName: "brief", hosts: ["brief"], profile, issuer: root });
    expect(await warningsOf(brief.text, brief.keyText, { at: daysFromNow(0.75) })).toEqual([]);
    expect((await warningsOf(brief.text, brief.keyText, { at: daysFromNow(0.85) })).length).toBe(1);
  });

  test("other users can read its key, and that is allowed", async () => {
    const [warning] = await warningsOf(chainText, leaf.keyText, { mode: 0o640, allowLoosePermissions: true });
    expect(warning).toContain("other users can read it: chmod 600 ");
    const refused = warningsOf(chainText, leaf.keyText, { mode: 0o640 });
    await expect(refused).rejects.toMatchObject({ code: "KEY_EXPOSED", hint: expect.stringContaining("chmod 600") });
    expect(await warningsOf(chainText, leaf.keyText, { mode: 0o400 })).toEqual([]);
  });
});

test("a name that is written to look like two counts as one", async () => {
  const forged = await makeParty({ commonName: "forged", hosts: ["harmless.example"], issuer: root });
  // A name in a certificate may hold anything.
  const raw = Buffer.from(forged.certificate.raw);
  const at = raw.lastIndexOf("harmless.example");
  raw.write("harmless, DNS:ab", at, "latin1");
  const { identity } = await load(encodePem("CERTIFICATE", raw), forged.keyText);
  expect(identity.leaf.hosts).toEqual(["harmless, dns:ab"]);
});
