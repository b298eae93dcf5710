import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { resolvePaths } from "../../../src/config/paths.ts";
import { configurationSchema } from "../../../src/config/schema.ts";
import { ConfigurationError, FileError } from "../../../src/errors.ts";
import { isHostName } from "../../../src/pki/host-names.ts";
import { encryptPrivateKey } from "../../../src/pki/issuing/encrypted-key.ts";
import { systemRandom } from "../../../src/pki/issuing/keys.ts";
import { profiles } from "../../../src/pki/issuing/profile.ts";
import {
  type CertificateChoice,
  type CertificateSource,
  chooseCertificate,
  type ServedCertificate,
} from "../../../src/server/certificate-source.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { daysFromNow, makeParty, makeRoot, now } from "../pki/authorities.ts";
import { failureOf } from "../pki/failure.ts";
import { init } from "../pki/private-ca/private-folder.ts";

const top = temporaryFolder();
const passphrase = "a päss phrase";
const root = await makeRoot("A root");
const leaf = await makeParty({ hosts: ["llm.example.org"], profile: profiles.serverLeaf, issuer: root });
const encryptedKey = await encryptPrivateKey(leaf.key, passphrase, systemRandom);
let count = 0;

interface Settings {
  server?: object;
  tls?: object;
}

const configured: CertificateChoice = { kind: "configured", generate: false };
const generating: CertificateChoice = { kind: "configured", generate: true };

/** A home of its own, with files in it. */
function makeHome(files: Readonly<Record<string, string>> = {}) {
  const home = join(top, String(count++));
  mkdirSync(home);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(home, name), content, { mode: 0o600 });
  const paths = resolvePaths({ HOME: home });
  const choose = (choice: CertificateChoice, { server, tls }: Settings = {}): CertificateSource => {
    const configuration = configurationSchema.parse({ server, tls });
    return chooseCertificate({ server: configuration.server, tls: configuration.tls, paths, choice });
  };
  return { home, paths, choose, fileIn: (name: string) => join(home, name) };
}

const likely = isHostName(hostname()) ? [hostname().toLowerCase()] : [];
const local = ["localhost", "127.0.0.1", "::1"];
const hostsOf = ({ identity }: ServedCertificate) => [...identity.leaf.hosts];

describe("files that are configured", () => {
  const makeFiles = (tls: object = {}, key = leaf.keyText) => {
    const pair = { "tls.crt": leaf.text, "tls.key": key, "root.crt": root.text };
    const { fileIn, choose, paths } = makeHome({ ...pair, "other.crt": leaf.text });
    const server = { cert_file: fileIn("tls.crt"), key_file: fileIn("tls.key") };
    return { paths, fileIn, choose: (more: object = {}) => choose(configured, { server, tls: { ...tls, ...more } }) };
  };

  test("are served as they are, and nothing is made", async () => {
    const { fileIn, choose, paths } = makeFiles();
    const source = choose();
    expect(source.name).toContain(fileIn("tls.crt"));
    expect(source.files).toEqual([fileIn("tls.crt"), fileIn("tls.key")]);
    const served = await source.load(now, "start");
    expect(served).toMatchObject({ issuedHere: false, bundleFile: undefined, outcome: "loaded" });
    expect(served.identity.certificateChain).toBe(leaf.text);
    expect(leaf.certificate.checkPrivateKey(createPrivateKey(served.identity.privateKey))).toBe(true);
    expect(existsSync(paths.home)).toBe(false);
  });

  test("are read anew each time", async () => {
    const { fileIn, choose } = makeFiles();
    const source = choose();
    await source.load(now, "start");
    const next = await makeParty({ hosts: ["b.example"], profile: profiles.serverLeaf, issuer: root });
    writeFileSync(fileIn("tls.crt"), next.text);
    writeFileSync(fileIn("tls.key"), next.keyText);
    expect((await source.load(now, "start")).identity.certificateChain).toBe(next.text);
  });

  test("that are not there, or have ended, are an error", async () => {
    const { choose, fileIn } = makeHome();
    const server = { cert_file: fileIn("tls.crt"), key_file: fileIn("tls.key") };
    expect((await failureOf(choose(configured, { server }).load(now, "start"))).code).toBe("CERTIFICATE_NOT_FOUND");
    expect((await failureOf(makeFiles().choose().load(daysFromNow(91), "start"))).code).toBe("CERTIFICATE_EXPIRED");
  });

  test("have to lead to the bundle, which is then what clients trust", async () => {
    const { fileIn, choose } = makeFiles();
    const bundle = fileIn("root.crt");
    const source = choose({ ca_bundle_file: bundle });
    expect(source.files).toEqual([fileIn("tls.crt"), fileIn("tls.key"), bundle]);
    expect(await source.load(now, "start")).toMatchObject({ bundleFile: bundle, warnings: [] });
    writeFileSync(bundle, (await makeRoot("A root")).text);
    const error = await failureOf(source.load(now, "start"));
    expect([error.code, error.message]).toEqual([
      expect.stringMatching(/^CERTIFICATE_CHAIN_/),
      expect.stringContaining("tls.crt"),
    ]);
    const missing = await failureOf(choose({ ca_bundle_file: fileIn("missing.crt") }).load(now, "start"));
    expect([missing.code, missing.message]).toEqual([
      "CERTIFICATE_NOT_FOUND",
      expect.stringContaining(fileIn("missing.crt")),
    ]);
  });

  test("have to cover the hosts that clients dial, not the address that is listened on", async () => {
    const { choose } = makeFiles();
    await choose({ hosts: ["llm.example.org"] }).load(now, "start");
    const error = await failureOf(choose({ hosts: ["llm.example.org", "b.example"] }).load(now, "start"));
    expect([error.code, error.message]).toEqual(["CERTIFICATE_HOST_MISMATCH", expect.stringContaining("b.example")]);
  });

  test("may have a key that others can read only where that is allowed", async () => {
    const { fileIn, choose } = makeFiles();
    chmodSync(fileIn("tls.key"), 0o644);
    expect((await failureOf(choose().load(now, "start"))).code).toBe("KEY_EXPOSED");
    const { warnings } = await choose({ allow_loose_permissions: true }).load(now, "start");
    expect(warnings).toContainEqual(expect.stringMatching(/tls\.key holds a private key and has mode 644/));
  });

  describe("with a passphrase", () => {
    const load = (content: string | undefined) => {
      const { fileIn, choose } = makeFiles({}, encryptedKey);
      const file = fileIn("passphrase");
      if (content !== undefined) writeFileSync(file, content);
      return choose({ key_passphrase_file: file }).load(now, "start");
    };

    test.each([
      ["without a line end", passphrase],
      ["with a line end", `${passphrase}\n`],
      ["with a line end of Windows", `${passphrase}\r\n`],
    ])("in a file %s are decrypted", async (_, content) => {
      const { identity } = await load(content);
      expect(identity.privateKey).toBe(leaf.keyText);
    });

    test.each([
      ["that is wrong", "an0ther passphrase\n"],
      ["with a blank behind it", `${passphrase} \n`],
    ])("%s are an error that does not tell it", async (_, content) => {
      const error = await failureOf(load(content));
      expect(error.code).toBe("KEY_PASSPHRASE_WRONG");
      expect(`${error.message} ${error.hint}`).not.toContain(content.trim());
    });

    test("whose file is missing are an error that names it", async () => {
      const error = await failureOf(load(undefined));
      expect(error.message).toMatch(/^tls\.key_passphrase_file names .*passphrase, .*does not exist/);
      expect(error).toBeInstanceOf(FileError);
    });

    test.each(["", "\n"])("whose file holds nothing but %j are an error", async (content) => {
      const loading = load(content);
      await expect(loading).rejects.toThrow(ConfigurationError);
      await expect(loading).rejects.toThrow(/passphrase, which tls\.key_passphrase_file names, holds no passphrase$/);
    });

    test("that nobody gives are an error", async () => {
      const error = await failureOf(makeFiles({}, encryptedKey).choose().load(now, "start"));
      expect([error.code, error.hint]).toEqual(["KEY_ENCRYPTED", expect.stringContaining("passphrase")]);
    });
  });
});

test.each([
  ["cert_file", "key_file"],
  ["key_file", "cert_file"],
])("half a pair is an error: server.%s without server.%s", (given, missing) => {
  const { choose } = makeHome();
  for (const choice of [configured, generating]) {
    const choosing = () => choose(choice, { server: { [given]: "/etc/tls.pem" } });
    expect(choosing).toThrow(ConfigurationError);
    expect(choosing).toThrow(`server.${given} is set, but server.${missing} is not`);
  }
});

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
