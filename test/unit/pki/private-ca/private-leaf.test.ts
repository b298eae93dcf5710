import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readCertificates } from "../../../../src/pki/files/certificate-file.ts";
import { loadIdentity } from "../../../../src/pki/identity/load-identity.ts";
import { describeKey } from "../../../../src/pki/issuing/keys.ts";
import { dayMs, now } from "../authorities.ts";
import { freshDirectories } from "../development/development-folder.ts";
import { failureOf } from "../failure.ts";
import { certificatesIn, createClient, createServer, init, leftovers, snapshot } from "./private-folder.ts";

const freshDirectory = freshDirectories();

async function makeCa(overrides: Parameters<typeof init>[1] = {}): Promise<string> {
  const directory = freshDirectory();
  await init(directory, overrides);
  return directory;
}

const shared = await makeCa();

describe("a server's certificate", () => {
  test("lies in a folder of its host, with the intermediate behind it and its key for this user alone", async () => {
    const issued = await createServer(shared, ["a.example", "b.example", "10.0.0.1", "::1"]);
    const folder = join(shared, "server_certs/a.example");
    expect(issued.certFile).toBe(join(folder, "a.example.crt"));
    expect(issued.keyFile).toBe(join(folder, "a.example.key"));
    expect([issued.certFile, issued.keyFile].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      "644",
      "600",
    ]);
    const intermediate = readFileSync(join(shared, "intermediate/ca.crt"), "utf8");
    expect(certificatesIn(issued.certFile)).toEqual([expect.any(String), intermediate]);
    expect(issued.bundleFile).toBe(join(shared, "ca-bundle.crt"));
    expect(issued.leaf.hosts).toEqual(["a.example", "b.example", "10.0.0.1", "::1"]);
    expect(issued.leaf.subject).toBe("CN=a.example");
    expect(issued.warnings).toEqual([]);
  });

  test("can be served to clients that trust the root alone", async () => {
    const issued = await createServer(shared, ["served.example"]);
    const trust = { certificates: await readCertificates(issued.bundleFile), source: issued.bundleFile };
    const { identity, warnings } = await loadIdentity({ ...issued, now, hosts: ["served.example"], trust });
    expect(identity.leaf).toEqual(issued.leaf);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["*.wild.example", "_wildcard.wild.example"],
    ["[FD00::0:1]", "fd00--1"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["UPPER.example.", "upper.example"],
  ] as const)("for %s lies in the folder %s", async (host, folder) => {
    const { certFile } = await createServer(shared, [host]);
    expect(certFile).toBe(join(shared, "server_certs", folder, `${folder}.crt`));
  });

  test.each(["", "a_b.example", "a..example", "http://a.example", "../a", "a/b", "1.2.3"])(
    "for %j is refused, and nothing is written",
    async (host) => {
      const before = snapshot(shared);
      expect((await failureOf(createServer(shared, [host]))).code).toBe("HOST_NAME_INVALID");
      expect((await failureOf(createServer(shared, ["fine.example", host]))).code).toBe("HOST_NAME_INVALID");
      expect(snapshot(shared)).toEqual(before);
    },
  );

  test("for a name that the CA may not issue for is refused, and nothing is written", async () => {
    const directory = await makeCa({ permittedDomains: ["example.org"] });
    for (const host of ["a.example", "127.0.0.1"] as const) {
      expect((await failureOf(createServer(directory, ["b.example.org", host]))).code).toBe("HOST_NAME_NOT_PERMITTED");
    }
    expect(existsSync(join(directory, "server_certs"))).toBe(false);
    expect((await createServer(directory, ["b.example.org"])).leaf.hosts).toEqual(["b.example.org"]);
  });

  test("lives for ninety days, or as long as is wanted", async () => {
    const lifeOf = ({ notBefore, notAfter }: { notBefore: Date; notAfter: Date }) =>
      (notAfter.getTime() - notBefore.getTime() + 1000) / dayMs;
    expect(lifeOf((await createServer(shared, ["long.example"])).leaf)).toBe(90);
    expect(lifeOf((await createServer(shared, ["short.example"], { lifetimeDays: 7 })).leaf)).toBe(7);
  });

  test("ends with the intermediate at the latest, which is told", async () => {
    const { leaf, warnings } = await createServer(shared, ["late.example"], { lifetimeDays: 2000 });
    const [intermediate] = await readCertificates(join(shared, "intermediate/ca.crt"));
    expect(leaf.notAfter).toEqual(intermediate.validToDate);
    expect(warnings).toEqual(["The certificate ends with the CA's intermediate, on 2032-02-28"]);
  });
});

describe("a client's certificate", () => {
  test("has the client's name as its common name, and no host", async () => {
    const { leaf, certFile } = await createClient(shared, "alice");
    expect([leaf.subject, leaf.hosts]).toEqual(["CN=alice", []]);
    expect(certFile).toBe(join(shared, "client_certs/alice/alice.crt"));
    const certificate = new X509Certificate(readFileSync(certFile));
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.subjectAltName).toBe("DirName:CN=alice");
    expect(certificatesIn(certFile)).toHaveLength(2);
  });

  test.each(["Älice Müller", "bob@example.org", "a.b-c_d+e", "7", "x".repeat(64), "李雷"])(
    "can be for %s",
    async (name) => {
      const { leaf, certFile } = await createClient(shared, name);
      expect(leaf.subject).toBe(`CN=${name.replace("+", "\\+")}`);
      expect(basename(certFile)).toBe(`${name}.crt`);
    },
  );

  test.each(["", "../a", "a/b", "a\\b", ".a", "-a", "a ", "a.", "a\nb", "a:b", "*", "x".repeat(65)])(
    "can't be for %j, and nothing is written",
    async (name) => {
      const before = snapshot(shared);
      expect((await failureOf(createClient(shared, name))).code).toBe("SUBJECT_INVALID");
      expect(snapshot(shared)).toEqual(before);
    },
  );
});

describe("a certificate that is there", () => {
  test("is not replaced unless by force, and then together with its key", async () => {
    const { certFile, keyFile } = await createServer(shared, ["there.example"]);
    const read = () => [readFileSync(certFile, "utf8"), readFileSync(keyFile, "utf8")];
    const before = read();
    const error = await failureOf(createServer(shared, ["there.example", "more.example"]));
    expect([error.code, error.message]).toEqual(["CERTIFICATE_EXISTS", expect.stringContaining(certFile)]);
    expect(read()).toEqual(before);
    await createServer(shared, ["there.example"], { force: true });
    const [certificate = "", key = ""] = read();
    expect(before).not.toContain(certificate);
    expect(before).not.toContain(key);
    expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  test("for a server leaves a client of the same name alone", async () => {
    await createServer(shared, ["both.example"]);
    await createClient(shared, "both.example");
    expect(readdirSync(join(shared, "client_certs"))).toContain("both.example");
  });
});

describe("keys", () => {
  test.each([
    ["p384", "ECDSA P-384"],
    ["rsa-2048", "RSA 2048"],
  ] as const)("can be of the type %s", async (keyType, kind) => {
    for (const { keyFile, certFile } of [
      await createServer(shared, [`${keyType}.example`], { keyType }),
      await createClient(shared, keyType, { keyType }),
    ]) {
      const key = createPrivateKey(readFileSync(keyFile));
      expect(describeKey(key)).toBe(kind);
      expect(new X509Certificate(readFileSync(certFile)).checkPrivateKey(key)).toBe(true);
    }
  });

  test("of the root is not needed to issue for servers and clients", async () => {
    const directory = await makeCa();
    rmSync(join(directory, "root/ca.key"));
    await createServer(directory);
    await createClient(directory);
    const encrypted = await makeCa({ passphrase: "a pass phrase" });
    await createServer(encrypted);
    await createClient(encrypted);
  });

  test("of the intermediate that others can read issue nothing", async () => {
    const directory = await makeCa();
    chmodSync(join(directory, "intermediate/ca.key"), 0o644);
    expect((await failureOf(createClient(directory))).code).toBe("KEY_EXPOSED");
    expect(existsSync(join(directory, "client_certs"))).toBe(false);
  });
});

describe("several at once", () => {
  test("for the same host make one, and tell the others that it is there", async () => {
    const directory = await makeCa();
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => createServer(directory)));
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(refused.map(({ code }) => code)).toEqual(Array(3).fill("CERTIFICATE_EXISTS"));
    const [made] = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const certificate = new X509Certificate(readFileSync(made?.certFile ?? ""));
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(made?.keyFile ?? "")))).toBe(true);
  });

  test("for different names make them all, and leave nothing behind", async () => {
    const directory = await makeCa();
    const names = ["a", "b", "c", "d"];
    const issued = await Promise.all(names.map((name) => createClient(directory, name)));
    expect(issued.map(({ certFile }) => basename(dirname(certFile)))).toEqual(names);
    expect(new Set(issued.map(({ leaf }) => leaf.serialNumber)).size).toBe(4);
    expect(leftovers(directory)).toEqual([]);
  });
});

test("an RSA key below a CA with an ECDSA key is said to be of little use", async () => {
  const { warnings } = await createServer(await makeCa(), ["rsa.example"], { keyType: "rsa-2048" });
  expect(warnings).toEqual([expect.stringContaining("The CA itself signs with ECDSA")]);
});
