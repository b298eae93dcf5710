import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FileError } from "../../../../src/errors.ts";
import { daysFromNow, makeRsaKey, now } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { hasOpenssl, opensslVerify } from "../openssl.ts";
import {
  authorityName,
  ensure,
  expectConsistent,
  freshDirectories,
  issue,
  namesIn,
  type Overrides,
  snapshot,
} from "./development-folder.ts";

const freshDirectory = freshDirectories();

describe("in an empty folder", () => {
  test("a CA and a leaf are made, and nothing is left over", async () => {
    const directory = freshDirectory();
    const made = await ensure(directory, { hosts: ["server.example.org", "0.0.0.0", "[::]"] });
    expect(made).toMatchObject({
      outcome: "issued",
      issuedHere: true,
      certFile: join(directory, "server.crt"),
      keyFile: join(directory, "server.key"),
      bundleFile: join(directory, "ca-bundle.crt"),
      warnings: [],
    });
    expect(made.identity.leaf).toMatchObject({
      subject: "CN=server.example.org",
      issuer: `CN=${authorityName}`,
      hosts: ["server.example.org", "localhost", "127.0.0.1", "::1"],
    });
    expect(made.identity.certificateChain).toBe(readFileSync(made.certFile, "utf8"));
    expectConsistent(directory);
  });

  test("keys are for the owner and certificates for everybody, in a folder for the owner", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    const modes = Object.entries(snapshot(directory)).map(([name, content]) => [name, content.split(" ")[0]]);
    expect(modes).toEqual([
      ["ca-bundle.crt", "644"],
      ["development-ca.key", "600"],
      ["server.crt", "644"],
      ["server.key", "600"],
    ]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test("the bundle holds the CA's certificate and no key", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    const bundle = readFileSync(join(directory, "ca-bundle.crt"), "utf8");
    expect(bundle.match(/BEGIN [A-Z ]+/g)).toEqual(["BEGIN CERTIFICATE"]);
    expect(new X509Certificate(bundle).subject).toBe(`CN=${authorityName}`);
  });

  test("names that are only likely are added where they can be", async () => {
    const made = await ensure(freshDirectory(), { hosts: [], likelyHosts: ["my-laptop", "my_laptop", "0.0.0.0"] });
    expect(made.identity.leaf.hosts).toEqual(["my-laptop", "localhost", "127.0.0.1", "::1"]);
  });

  test("a name of more than 64 characters is covered, and a shorter one is the common name", async () => {
    const long = `${"long-name.".repeat(8)}example`;
    const { leaf } = (await ensure(freshDirectory(), { hosts: [long] })).identity;
    expect(leaf.hosts[0]).toBe(long);
    expect(leaf.subject).toBe("CN=localhost");
  });

  test("a host that is none is refused before anything is written", async () => {
    const directory = freshDirectory();
    expect((await failureOf(ensure(directory, { hosts: ["my_server"] }))).code).toBe("HOST_NAME_INVALID");
    expect(() => statSync(directory)).toThrow("ENOENT");
  });

  test("the leaf may lie elsewhere", async () => {
    const directory = freshDirectory();
    const place = freshDirectory();
    const made = await ensure(directory, { certFile: join(place, "a.crt"), keyFile: join(place, "a.key") });
    expect(namesIn(place)).toEqual(["a.crt", "a.key"]);
    expect(namesIn(directory)).toEqual(["ca-bundle.crt", "development-ca.key"]);
    expect(made.bundleFile).toBe(join(directory, "ca-bundle.crt"));
  });
});

describe("a certificate of ours", () => {
  test("is kept as long as more than a third of its life is left, and nothing is written", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    const before = snapshot(directory);
    for (const days of [0, 100, 243]) {
      const kept = await ensure(directory, { now: daysFromNow(days), hosts: ["127.0.0.1", "[::1]", "LOCALHOST"] });
      expect(kept).toMatchObject({ outcome: "kept", issuedHere: true, bundleFile: join(directory, "ca-bundle.crt") });
    }
    expect(snapshot(directory)).toEqual(before);
  });

  test("is kept although a name that is only likely is not in it", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    expect((await ensure(directory, { likelyHosts: ["another-laptop"] })).outcome).toBe("kept");
  });

  test.each([
    ["is in the last third of its life", { now: daysFromNow(250) }],
    ["has expired", { now: daysFromNow(400) }],
    ["does not cover a host", { hosts: ["new.example"] }],
  ] satisfies [string, Overrides][])("that %s is issued anew for the same key and CA", async (_, overrides) => {
    const directory = freshDirectory();
    await ensure(directory, { hosts: ["first.example"] });
    const before = snapshot(directory);
    const again = await ensure(directory, overrides);
    const after = snapshot(directory);
    expect(again.outcome).toBe("reissued");
    expect(again.identity.leaf.subject).toBe("CN=first.example");
    expect(again.identity.leaf.hosts).toEqual(
      ["first.example", "localhost", "127.0.0.1", "::1"].concat("hosts" in overrides ? overrides.hosts : []),
    );
    expect(after["server.crt"]).not.toBe(before["server.crt"] ?? "");
    expect({ ...after, "server.crt": "" }).toEqual({ ...before, "server.crt": "" });
    expectConsistent(directory);
  });

  test("whose key is gone is issued anew for a new key", async () => {
    const directory = freshDirectory();
    await ensure(directory, { hosts: ["first.example"] });
    rmSync(join(directory, "server.key"));
    const again = await ensure(directory);
    expect(again.outcome).toBe("reissued");
    expect(again.identity.leaf.hosts).toContain("first.example");
    expectConsistent(directory);
  });

  test("whose key is another is issued anew for that key", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    const rsa = makeRsaKey().export({ type: "pkcs8", format: "pem" }).toString();
    writeFileSync(join(directory, "server.key"), rsa, { mode: 0o600 });
    const again = await ensure(directory);
    expect(again.outcome).toBe("reissued");
    expect(again.identity.privateKey).toBe(rsa);
    expectConsistent(directory);
  });

  test("whose key can't be used is left alone, and both are replaced by force", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    writeFileSync(join(directory, "server.key"), "damaged");
    const before = snapshot(directory);
    for (const attempt of [ensure, issue]) {
      expect(await failureOf(attempt(directory))).toMatchObject({
        code: "KEY_MALFORMED",
        hint: expect.stringContaining("--force"),
      });
    }
    expect(snapshot(directory)).toEqual(before);
    expect((await issue(directory, { force: true })).outcome).toBe("reissued");
    expectConsistent(directory);
  });

  test("that is gone is issued for the key that is left", async () => {
    const directory = freshDirectory();
    const { identity } = await ensure(directory);
    rmSync(join(directory, "server.crt"));
    const again = await ensure(directory);
    expect(again.outcome).toBe("issued");
    expect(again.identity.privateKey).toBe(identity.privateKey);
    expectConsistent(directory);
  });

  test("that is gone leaves a key of somebody else's as it is, and never replaces it unasked", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    rmSync(join(directory, "server.crt"));
    rmSync(join(directory, "server.key"));
    const key = makeRsaKey().export({ type: "pkcs1", format: "pem" }).toString();
    writeFileSync(join(directory, "server.key"), key, { mode: 0o600 });
    const error = await failureOf(issue(directory, { keyType: "p384" }));
    expect(error).toMatchObject({ code: "KEY_EXISTS", hint: expect.stringContaining("--force") });
    await issue(directory, { keyType: "rsa-2048" });
    expect(readFileSync(join(directory, "server.key"), "utf8")).toBe(key);
    expectConsistent(directory);
    await issue(directory, { keyType: "p384", force: true });
    expect(readFileSync(join(directory, "server.key"), "utf8")).not.toBe(key);
  });

  test("is replaced on demand, for the names that are now given", async () => {
    const directory = freshDirectory();
    const first = await issue(directory, { hosts: ["first.example"] });
    expect(first.outcome).toBe("issued");
    const second = await issue(directory, { hosts: ["second.example", "localhost"] });
    expect(second.outcome).toBe("reissued");
    expect(second.identity.leaf.serialNumber).not.toBe(first.identity.leaf.serialNumber);
    expect(second.identity.leaf.hosts).toEqual(["second.example", "localhost", "127.0.0.1", "::1"]);
    expectConsistent(directory);
  });

  test.each(["server.key", "development-ca.key"])("is refused while other users can read %s", async (name) => {
    const directory = freshDirectory();
    await ensure(directory);
    chmodSync(join(directory, name), 0o640);
    for (const attempt of [ensure, issue, () => issue(directory, { force: true })]) {
      expect(await failureOf(attempt(directory))).toMatchObject({
        code: "KEY_EXPOSED",
        message: expect.stringContaining(join(directory, name)),
        hint: expect.stringContaining("chmod 600"),
      });
    }
  });

  test("with keys that other users can read is used where that is allowed, with a warning for each", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    chmodSync(join(directory, "server.key"), 0o644);
    chmodSync(join(directory, "development-ca.key"), 0o644);
    const { warnings, outcome } = await ensure(directory, { allowLoosePermissions: true });
    expect(outcome).toBe("kept");
    expect(warnings).toEqual([expect.stringContaining("development-ca.key"), expect.stringContaining("server.key")]);
  });
});

test.each([
  ["one file for both", "both.pem", "both.pem"],
  ["the CA's own file for the key", "own.crt", "development-ca.key"],
  ["the bundle for the certificate", "ca-bundle.crt", "own.key"],
])("%s is refused, and nothing is written", async (_, cert, key) => {
  const directory = freshDirectory();
  await ensure(directory);
  const before = snapshot(directory);
  const files = { certFile: join(directory, cert), keyFile: join(directory, ".", key) };
  await expect(issue(directory, { ...files, force: true })).rejects.toThrow("can't be two files at once");
  expect(snapshot(directory)).toEqual(before);
});

test("where no CA may be made, one that is gone is missed", async () => {
  const directory = freshDirectory();
  await ensure(directory);
  rmSync(directory, { recursive: true });
  const error = await failureOf(ensure(directory, { mayCreateAuthority: false }));
  expect(error).toMatchObject({ code: "CA_NOT_FOUND", hint: expect.stringContaining("Put it back") });
  expect(namesIn(directory)).toEqual([]);
});

describe("a client that trusts the bundle once", () => {
  test.skipIf(!hasOpenssl)("goes on accepting every later certificate, by name and by address", async () => {
    const directory = freshDirectory();
    const { certFile } = await ensure(directory, { hosts: ["first.example"] });
    const bundle = join(directory, "trusted-once.crt");
    writeFileSync(bundle, readFileSync(join(directory, "ca-bundle.crt")));
    const at = (time: Date) => ["-attime", String(Math.floor(time.getTime() / 1000))];
    const accepts = async (time: Date, ...options: string[]) => {
      const { accepted, said } = await opensslVerify(bundle, certFile, [...at(time), ...options]);
      return accepted || said;
    };
    expect(await accepts(now, "-verify_hostname", "first.example")).toBe(true);
    await ensure(directory, { hosts: ["bücher.example", "*.wild.example", "2001:db8::5"], now: daysFromNow(1) });
    const later = daysFromNow(1);
    expect(await accepts(later, "-verify_hostname", "first.example")).toBe(true);
    expect(await accepts(later, "-verify_hostname", "xn--bcher-kva.example")).toBe(true);
    expect(await accepts(later, "-verify_hostname", "a.wild.example")).toBe(true);
    expect(await accepts(later, "-verify_ip", "2001:db8::5")).toBe(true);
    expect(await accepts(later, "-verify_ip", "127.0.0.1")).toBe(true);
    expect(await accepts(later, "-verify_hostname", "other.example")).toContain("hostname mismatch");
    await issue(directory, { hosts: ["second.example"], now: daysFromNow(800), force: true });
    expect(await accepts(daysFromNow(800), "-verify_hostname", "second.example")).toBe(true);
  });
});

describe("where files can't be written", () => {
  test("because the folder's place is taken by a file, the error says so", async () => {
    const blocked = dirname(freshDirectory());
    writeFileSync(blocked, "a file");
    const error = await failureOf(ensure(join(blocked, "certs")));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain(join(blocked, "certs"));
    expect(error.message).toContain("is a file, not a folder");
  });

  test.each(["server.crt", "server.key", "ca-bundle.crt", "development-ca.key"])(
    "because %s is a folder, the error names it and nothing else is written",
    async (name) => {
      const directory = freshDirectory();
      mkdirSync(join(directory, name), { recursive: true });
      const error = await failureOf(ensure(directory));
      expect(error.code).toBe("FILE_UNUSABLE");
      expect(error.message).toContain(`${join(directory, name)} is a folder`);
      expect(namesIn(directory)).toEqual([name]);
    },
  );
});
