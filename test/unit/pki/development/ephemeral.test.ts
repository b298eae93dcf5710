import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEphemeralAuthority, type EphemeralOptions } from "../../../../src/pki/development/ephemeral.ts";
import type { Identity } from "../../../../src/pki/identity/identity.ts";
import { systemRandom } from "../../../../src/pki/issuing/keys.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { dayMs, daysFromNow, now } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { hasOpenssl, opensslVerify } from "../openssl.ts";

const folder = temporaryFolder();

function create(overrides: Partial<EphemeralOptions> = {}) {
  return createEphemeralAuthority({
    hosts: ["llm.example.org"],
    likelyHosts: [],
    now,
    random: systemRandom,
    ...overrides,
  });
}

const leafOf = ({ certificateChain }: Identity) => new X509Certificate(certificateChain);

describe("a CA in memory", () => {
  test("issues leaves that its bundle verifies, each with its own key", async () => {
    const { bundle, issue } = await create();
    const root = new X509Certificate(bundle);
    const identities = [await issue(now), await issue(now), await issue(daysFromNow(1))];
    for (const identity of identities) {
      const leaf = leafOf(identity);
      expect(leaf.checkIssued(root)).toBe(true);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.checkPrivateKey(createPrivateKey(identity.privateKey))).toBe(true);
      expect(identity.leaf.serialNumber).toBe(leaf.serialNumber.toUpperCase());
    }
    expect(new Set(identities.map(({ privateKey }) => privateKey)).size).toBe(3);
    expect(new Set(identities.map(({ leaf }) => leaf.serialNumber)).size).toBe(3);
  });

  test.skipIf(!hasOpenssl)("issues leaves that openssl verifies", async () => {
    const { bundle, issue } = await create();
    const [bundleFile, leafFile] = [join(folder, "bundle.crt"), join(folder, "leaf.crt")];
    writeFileSync(bundleFile, bundle);
    writeFileSync(leafFile, (await issue(now)).certificateChain);
    const time = ["-attime", String(Math.floor(now.getTime() / 1000))];
    const { accepted, said } = await opensslVerify(bundleFile, leafFile, [
      ...time,
      "-verify_hostname",
      "llm.example.org",
    ]);
    expect(said).toEndWith(": OK\n");
    expect(accepted).toBe(true);
  });

  test("gives away its certificate and no key", async () => {
    const { bundle, issue } = await create();
    expect(bundle.match(/BEGIN [A-Z ]+/g)).toEqual(["BEGIN CERTIFICATE"]);
    const { certificateChain } = await issue(now);
    expect(certificateChain.match(/BEGIN [A-Z ]+/g)).toEqual(["BEGIN CERTIFICATE"]);
    expect(new X509Certificate(bundle).ca).toBe(true);
    expect(new X509Certificate(certificateChain).ca).toBe(false);
  });

  test("issues by the clock of the moment, not by that of its making", async () => {
    const { issue } = await create();
    const [first, later] = [await issue(now), await issue(daysFromNow(200))];
    expect(later.leaf.notBefore.getTime() - first.leaf.notBefore.getTime()).toBe(200 * dayMs);
    expect(later.leaf.notAfter.getTime() - first.leaf.notAfter.getTime()).toBe(200 * dayMs);
    const age = daysFromNow(200).getTime() - later.leaf.notBefore.getTime();
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(dayMs);
  });

  test("issues nothing that outlives it", async () => {
    const { bundle, issue } = await create();
    const { leaf } = await issue(daysFromNow(3600));
    expect(leaf.notAfter).toEqual(new X509Certificate(bundle).validToDate);
  });

  test("is another each time", async () => {
    const [one, two] = [await create(), await create()];
    expect(leafOf(await two.issue(now)).verify(new X509Certificate(one.bundle).publicKey)).toBe(false);
  });
});

describe("its leaves cover", () => {
  const hostsOf = async (overrides: Partial<EphemeralOptions>) => {
    const { issue } = await create(overrides);
    return (await issue(now)).leaf.hosts;
  };
  const local = ["localhost", "127.0.0.1", "::1"];

  test("the hosts, then what is likely to be dialled, then this machine", async () => {
    const hosts = await hostsOf({ hosts: ["llm.example.org", "10.0.0.1"], likelyHosts: ["box.lan"] });
    expect(hosts).toEqual(["llm.example.org", "10.0.0.1", "box.lan", ...local]);
  });

  test("no unspecified address: nobody dials one", async () => {
    const unspecified = ["0.0.0.0", "::", "[::]"];
    const hosts = await hostsOf({ hosts: [...unspecified, "llm.example.org"], likelyHosts: unspecified });
    expect(hosts).toEqual(["llm.example.org", ...local]);
    expect(await hostsOf({ hosts: ["0.0.0.0"] })).toEqual(local);
  });

  test("nothing twice", async () => {
    expect(await hostsOf({ hosts: ["LOCALHOST", "[::1]"], likelyHosts: ["localhost"] })).toEqual([
      "localhost",
      "::1",
      "127.0.0.1",
    ]);
  });

  test("no likely host that is none: machines have such names", async () => {
    expect(await hostsOf({ hosts: [], likelyHosts: ["my_box", ""] })).toEqual(local);
  });
});

test.each(["a_b.example", "", "http://a.example"])("a CA for %j is refused", async (host) => {
  expect((await failureOf(create({ hosts: ["a.example", host] }))).code).toBe("HOST_NAME_INVALID");
});
