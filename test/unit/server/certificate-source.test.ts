import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FileError } from "../../../src/errors.ts";
import { isHostName } from "../../../src/pki/host-names.ts";
import type { CertificateChoice, ServedCertificate } from "../../../src/server/certificate-source.ts";
import { daysFromNow, now } from "../pki/authorities.ts";
import { failureOf } from "../pki/failure.ts";
import { init } from "../pki/private-ca/private-folder.ts";
import { configured, freshHomes, generating } from "./homes.ts";

const makeHome = freshHomes();
const likely = isHostName(hostname()) ? [hostname().toLowerCase()] : [];
const local = ["localhost", "127.0.0.1", "::1"];
const hostsOf = ({ identity }: ServedCertificate) => [...identity.leaf.hosts];

describe("without files, a development certificate", () => {
  test("is made in the usual place, then kept", async () => {
    const { paths, choose } = makeHome();
    const source = choose(configured);
    const files = ["server.crt", "server.key", "ca-bundle.crt", "development-ca.key"];
    expect([...source.files].sort()).toEqual(files.map((name) => join(paths.certificates, name)).sort());
    const made = await source.load(now, "start");
    const bundleFile = join(paths.certificates, "ca-bundle.crt");
    expect(made).toMatchObject({ issuedHere: true, bundleFile, outcome: "issued", warnings: [] });
    expect(made.identity.certificateChain).toBe(readFileSync(join(paths.certificates, "server.crt"), "utf8"));
    expect(await source.load(now, "start")).toMatchObject({ outcome: "kept", identity: made.identity });
    expect((await source.load(daysFromNow(300), "serving")).outcome).toBe("reissued");
  });

  test("covers the hosts, the address that is listened on, and this machine", async () => {
    const { choose } = makeHome();
    const settings = { server: { host: "10.0.0.1" }, tls: { hosts: ["llm.example.org"] } };
    const served = await choose(configured, settings).load(now, "start");
    expect(hostsOf(served).sort()).toEqual([...new Set(["llm.example.org", "10.0.0.1", ...likely, ...local])].sort());
  });

  test("does not cover the unspecified address", async () => {
    const { choose } = makeHome();
    expect(hostsOf(await choose(configured, { server: { host: "0.0.0.0" } }).load(now, "start"))).not.toContain(
      "0.0.0.0",
    );
  });

  test("is made in the configured place when that is asked for", async () => {
    const { fileIn, choose, paths } = makeHome();
    const server = { cert_file: fileIn("tls.crt"), key_file: fileIn("tls.key") };
    const source = choose(generating, { server });
    expect(source.files).toContain(fileIn("tls.crt"));
    expect(source.files).toContain(fileIn("tls.key"));
    const { identity, outcome } = await source.load(now, "start");
    expect(outcome).toBe("issued");
    expect(readFileSync(fileIn("tls.crt"), "utf8")).toBe(identity.certificateChain);
    expect(existsSync(fileIn("tls.key"))).toBe(true);
    expect(existsSync(join(paths.certificates, "server.crt"))).toBe(false);
  });

  test("whose CA is gone is served to its end, and no other CA is made while it serves", async () => {
    const { paths, choose } = makeHome();
    const source = choose(configured);
    const { identity } = await source.load(now, "start");
    for (const name of ["development-ca.key", "ca-bundle.crt"]) rmSync(join(paths.certificates, name));
    const names = () => readdirSync(paths.certificates).filter((name) => !name.startsWith("."));
    expect(await source.load(daysFromNow(300), "serving")).toMatchObject({ outcome: "kept", identity });
    expect((await failureOf(source.load(daysFromNow(370), "serving"))).code).toBe("CERTIFICATE_EXPIRED");
    expect(names().sort()).toEqual(["server.crt", "server.key"]);
    for (const name of names()) rmSync(join(paths.certificates, name));
    expect((await failureOf(source.load(now, "serving"))).code).toBe("CA_NOT_FOUND");
    expect(names()).toEqual([]);
  });

  test("that can't be written is an error which names the way without files", async () => {
    const { choose } = makeHome({ ".config": "a file" });
    const error = await failureOf(choose(configured).load(now, "start"));
    expect(error).toBeInstanceOf(FileError);
    expect(error.hint).toContain("--ephemeral");
  });
});

describe("the private CA", () => {
  const choiceIn = (directory: string, overrides: object = {}): CertificateChoice => ({
    kind: "private-ca",
    directory,
    hosts: ["llm.example.org", "10.0.0.1"],
    lifetimeDays: undefined,
    keyType: "p256",
    ...overrides,
  });

  test("issues a certificate for the hosts of both, keeps it, and renews it", async () => {
    const { paths, choose } = makeHome();
    await init(paths.authority);
    const source = choose(choiceIn(paths.authority), { tls: { hosts: ["b.example"] } });
    expect(source.name).toContain(paths.authority);
    const folder = join(paths.authority, "server_certs/llm.example.org");
    for (const end of ["crt", "key"]) expect(source.files).toContain(join(folder, `llm.example.org.${end}`));
    expect(source.files).toContain(join(paths.authority, "intermediate/ca.crt"));
    const made = await source.load(now, "start");
    const bundleFile = join(paths.authority, "ca-bundle.crt");
    expect(made).toMatchObject({ issuedHere: true, bundleFile, outcome: "issued", warnings: [] });
    expect(hostsOf(made)).toEqual(["llm.example.org", "10.0.0.1", "b.example"]);
    expect(await source.load(now, "start")).toMatchObject({ outcome: "kept", identity: made.identity });
    expect((await source.load(daysFromNow(61), "serving")).outcome).toBe("reissued");
    expect(existsSync(paths.certificates)).toBe(false);
  });

  test.each([
    ["10.0.0.2", ["localhost", "10.0.0.2"]],
    ["0.0.0.0", ["localhost"]],
    ["::", ["localhost"]],
  ])("without a name of its own, covers where it listens: %s", async (host, hosts) => {
    const { paths, choose } = makeHome();
    await init(paths.authority);
    const source = choose(choiceIn(paths.authority, { hosts: ["localhost"] }), { server: { host } });
    expect(hostsOf(await source.load(now, "start"))).toEqual(hosts);
  });

  test("with a name of its own, does not cover where it listens", async () => {
    const { paths, choose } = makeHome();
    await init(paths.authority);
    const source = choose(choiceIn(paths.authority), { server: { host: "10.0.0.2" } });
    expect(hostsOf(await source.load(now, "start"))).not.toContain("10.0.0.2");
  });

  test("is asked even where files are configured, or half of them", async () => {
    const { paths, choose } = makeHome();
    await init(paths.authority);
    const source = choose(choiceIn(paths.authority), { server: { cert_file: "/etc/tls.crt" } });
    const bundleFile = join(paths.authority, "ca-bundle.crt");
    expect(await source.load(now, "start")).toMatchObject({ outcome: "issued", bundleFile });
  });

  test("gives a key of the kind and a life of the length that is wanted", async () => {
    const { paths, choose } = makeHome();
    await init(paths.authority);
    const { identity } = await choose(choiceIn(paths.authority, { keyType: "p384", lifetimeDays: 7 })).load(
      now,
      "start",
    );
    expect(createPrivateKey(identity.privateKey).asymmetricKeyDetails?.namedCurve).toBe("secp384r1");
    expect(identity.leaf.notAfter.getTime()).toBeLessThan(daysFromNow(8).getTime());
  });

  test("that is not there is an error", async () => {
    const { paths, choose } = makeHome();
    await failureOf(choose(choiceIn(paths.authority)).load(now, "start"));
    expect(existsSync(paths.authority)).toBe(false);
  });
});

describe("in memory", () => {
  test("certificates are made anew each time by one CA, dated now, and nothing is written", async () => {
    const { home, paths, choose } = makeHome();
    const settings = { server: { host: "10.0.0.1", cert_file: "/etc/tls.crt" }, tls: { hosts: ["llm.example.org"] } };
    const source = choose({ kind: "ephemeral" }, settings);
    expect(source.files).toEqual([]);
    const [first, second] = [await source.load(now, "start"), await source.load(daysFromNow(200), "serving")];
    expect(first).toMatchObject({ issuedHere: true, bundleFile: undefined, outcome: "issued", warnings: [] });
    expect(first.bundle).toContain("BEGIN CERTIFICATE");
    expect(second.bundle).toBe(first.bundle);
    expect(second.identity.privateKey).not.toBe(first.identity.privateKey);
    const authority = new X509Certificate(first.bundle ?? "");
    for (const { identity } of [first, second]) {
      expect(new X509Certificate(identity.certificateChain).verify(authority.publicKey)).toBe(true);
    }
    expect(second.identity.leaf.notAfter.getTime()).toBeGreaterThan(daysFromNow(500).getTime());
    expect(hostsOf(first).sort()).toEqual([...new Set(["llm.example.org", "10.0.0.1", ...likely, ...local])].sort());
    expect(existsSync(paths.home)).toBe(false);
    expect(existsSync(join(home, ".config"))).toBe(false);
  });
});
