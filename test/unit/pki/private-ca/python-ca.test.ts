import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../../../src/pki/issuing/keys.ts";
import { renewIntermediate, renewLeaves, renewRoot } from "../../../../src/pki/private-ca/private-ca-renewal.ts";
import { readCaStatus } from "../../../../src/pki/private-ca/private-ca-status.ts";
import { ensureServerCertificate } from "../../../../src/pki/private-ca/private-server-certificate.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { dissect } from "../dissect.ts";
import { failureOf } from "../failure.ts";
import { hasOpenssl, opensslVerify } from "../openssl.ts";
import { certificatesIn, createClient, createServer, init, renewal } from "./private-folder.ts";
import { makePythonCa } from "./python-ca.ts";

const host = "llm.example.org";
const top = temporaryFolder();
const original = join(top, "original");
if (hasOpenssl) makePythonCa(original, host);

const now = new Date(Date.now() + 60_000);
let count = 0;

function copyOfIt(): string {
  const directory = join(top, String(count++));
  cpSync(original, directory, { recursive: true });
  return directory;
}

const bundleOf = (directory: string) => join(directory, "ca-bundle.crt");
const leafOf = (directory: string) => join(directory, "server_certs", host, `${host}.crt`);

async function expectVerified(directory: string, certFile: string): Promise<void> {
  expect(await opensslVerify(bundleOf(directory), certFile, ["-untrusted", certFile])).toMatchObject({
    accepted: true,
  });
}

describe.skipIf(!hasOpenssl)("a CA that the Python server made", () => {
  test("issues certificates that a strict client takes", async () => {
    const directory = copyOfIt();
    const server = await createServer(directory, ["new.example.org", "10.0.0.1"], { now });
    await expectVerified(directory, server.certFile);
    const { leaf } = await createClient(directory, "alice", { now, keyType: "rsa-2048" });
    expect(leaf.issuer).toBe("C=US, O=vibectl, CN=vibectl Intermediate CA");
  });

  test("has a status like any other", async () => {
    const { rootKey, entries } = await readCaStatus(copyOfIt(), now, 30);
    expect(rootKey).toBe("not encrypted");
    expect(entries.map(({ name, state }) => [name, state])).toEqual([
      ["root", "valid"],
      ["intermediate", "valid"],
      [host, "valid"],
    ]);
  });

  test("is never overwritten either", async () => {
    expect((await failureOf(init(copyOfIt(), { now }))).code).toBe("CA_EXISTS");
  });

  test("has its leaves renewed for their key, names and lifetime, now with the intermediate and no critical use", async () => {
    const directory = copyOfIt();
    const [old = ""] = certificatesIn(leafOf(directory));
    expect(dissect(new X509Certificate(old)).extensions.find(({ id }) => id === "2.5.29.37")?.critical).toBe(true);
    await renewLeaves({ by: "all" }, renewal(directory, { now }));
    const [text = "", intermediate] = certificatesIn(leafOf(directory));
    expect(intermediate).toBe(readFileSync(join(directory, "intermediate/ca.crt"), "utf8"));
    const [before, after] = [new X509Certificate(old), new X509Certificate(text)];
    expect([after.subject, after.subjectAltName]).toEqual([before.subject, before.subjectAltName]);
    expect(after.publicKey.equals(before.publicKey)).toBe(true);
    expect((after.validToDate.getTime() - after.validFromDate.getTime() + 1000) / 86_400_000).toBe(90);
    const { extensions } = dissect(after);
    expect(extensions.find(({ id }) => id === "2.5.29.37")?.critical).toBe(false);
    expect(extensions.find(({ id }) => id === "2.5.29.15")?.hex).toBe("030205a0");
    await expectVerified(directory, leafOf(directory));
  });

  test("has its intermediate and root renewed with their names and keys", async () => {
    const directory = copyOfIt();
    for (const [name, renew] of [
      ["root", renewRoot],
      ["intermediate", renewIntermediate],
    ] as const) {
      const before = new X509Certificate(readFileSync(join(directory, name, "ca.crt")));
      const { certificate } = await renew(renewal(directory, { now }));
      expect(dissect(certificate).subject).toBe(dissect(before).subject);
      expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(directory, name, "ca.key"))))).toBe(true);
      expect(dissect(certificate).algorithm).toBe("300d06092a864886f70d01010b0500");
    }
    const { certFile } = await createServer(directory, ["new.example.org"], { now });
    await expectVerified(directory, certFile);
  });

  test("gives a server its certificate, issued anew because the old one lacks the intermediate", async () => {
    const directory = copyOfIt();
    const options = { directory, hosts: [host], keyType: "p256", now, random: systemRandom } as const;
    const { outcome, identity } = await ensureServerCertificate(options);
    expect([outcome, identity.leaf.hosts]).toEqual(["reissued", [host, "127.0.0.1"]]);
    expect((await ensureServerCertificate(options)).outcome).toBe("kept");
  });
});
