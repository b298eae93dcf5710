import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { developmentAuthorityName } from "../../../../src/pki/development/authority-name.ts";
import { ensureDevelopmentCa, readDevelopmentCa } from "../../../../src/pki/development/development-ca.ts";
import {
  ensureDevelopmentCertificate,
  issueDevelopmentCertificate,
} from "../../../../src/pki/development/development-certificate.ts";
import { systemRandom } from "../../../../src/pki/issuing/keys.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { dayMs, daysFromNow, makeParty, makeRoot, now } from "../authorities.ts";

const top = temporaryFolder();
let count = 0;

function options(more: { directory?: string; at?: Date; force?: boolean; name?: string } = {}) {
  return {
    directory: more.directory ?? join(top, String(count++)),
    authorityName: more.name ?? "The development CA",
    now: more.at ?? now,
    random: systemRandom,
    force: more.force ?? false,
  };
}

function read(directory: string, name: string): string {
  return readFileSync(join(directory, name), "utf8");
}

describe("the development CA", () => {
  test("is made once and then kept, whatever a new one would be called", async () => {
    const first = options();
    const made = await ensureDevelopmentCa(first);
    const again = await ensureDevelopmentCa({ ...first, authorityName: "Another name", now: daysFromNow(3000) });
    expect(again.certificate.raw.equals(made.certificate.raw)).toBe(true);
    expect(again.certificate.subject).toBe("CN=The development CA");
    expect(again.certificate.ca).toBe(true);
  });

  test("has its key and its certificate in one file, so that neither is ever without the other", async () => {
    const { directory } = options();
    await ensureDevelopmentCa(options({ directory }));
    const labels = read(directory, "development-ca.key").match(/BEGIN [A-Z ]+/g);
    expect(labels).toEqual(["BEGIN PRIVATE KEY", "BEGIN CERTIFICATE"]);
    expect(read(directory, "development-ca.key")).toEndWith(read(directory, "ca-bundle.crt"));
  });

  test("writes its bundle again, byte for byte, when that is gone", async () => {
    const { directory } = options();
    await ensureDevelopmentCertificate({ directory, hosts: [], now });
    const bundle = read(directory, "ca-bundle.crt");
    rmSync(join(directory, "ca-bundle.crt"));
    const { outcome } = await ensureDevelopmentCertificate({ directory, hosts: [], now });
    expect(outcome).toBe("kept");
    expect(read(directory, "ca-bundle.crt")).toBe(bundle);
  });

  test("leaves a bundle alone that holds its certificate among others", async () => {
    const { directory } = options();
    await ensureDevelopmentCa(options({ directory }));
    const bundle = (await makeRoot("The company")).text + read(directory, "ca-bundle.crt");
    writeFileSync(join(directory, "ca-bundle.crt"), bundle);
    await ensureDevelopmentCa(options({ directory }));
    expect(read(directory, "ca-bundle.crt")).toBe(bundle);
  });

  test.each([
    ["another CA", async () => (await makeRoot("The development CA")).text],
    ["something else", async () => "not a certificate"],
  ])("refuses to replace a bundle of %s without force", async (_, content) => {
    const foreign = await content();
    const { directory } = options();
    await mkdir(directory, { recursive: true });
    writeFileSync(join(directory, "ca-bundle.crt"), foreign);
    const refused = ensureDevelopmentCa(options({ directory }));
    await expect(refused).rejects.toMatchObject({
      code: "CERTIFICATE_FOREIGN",
      message: expect.stringContaining(join(directory, "ca-bundle.crt")),
      hint: expect.stringContaining("--force"),
    });
    expect(await readDevelopmentCa(directory)).toBeUndefined();
    expect(read(directory, "ca-bundle.crt")).toBe(foreign);

    const { certificate } = await ensureDevelopmentCa(options({ directory, force: true }));
    expect(new X509Certificate(read(directory, "ca-bundle.crt")).raw.equals(certificate.raw)).toBe(true);
  });

  test("does not serve a leaf of its own beside a bundle that would not verify it", async () => {
    const { directory } = options();
    await ensureDevelopmentCertificate({ directory, hosts: [], now });
    writeFileSync(join(directory, "ca-bundle.crt"), (await makeRoot("Another")).text);
    const refused = ensureDevelopmentCertificate({ directory, hosts: [], now });
    await expect(refused).rejects.toMatchObject({ code: "CERTIFICATE_FOREIGN" });
  });

  test.each([
    ["damaged", async () => "damaged"],
    ["a key without its certificate", async () => (await makeParty({ commonName: "x" })).keyText],
    [
      "a key with another's certificate",
      async () => (await makeParty({ commonName: "x" })).keyText + (await makeParty({ commonName: "x" })).text,
    ],
  ])("that is %s is replaced by force only", async (_, content) => {
    const { directory } = options();
    await ensureDevelopmentCertificate({ directory, hosts: [], now });
    const broken = await content();
    writeFileSync(join(directory, "development-ca.key"), broken);
    const refused = issueDevelopmentCertificate({ directory, hosts: [], now, force: false });
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining(join(directory, "development-ca.key")),
      hint: expect.stringContaining("--force"),
    });
    expect(read(directory, "development-ca.key")).toBe(broken);
    await issueDevelopmentCertificate({ directory, hosts: [], now, force: true });
    expect((await ensureDevelopmentCertificate({ directory, hosts: [], now })).outcome).toBe("kept");
  });
});

describe("near its end, the development CA", () => {
  test("issues nothing that would live less than thirty days", async () => {
    const { directory } = options();
    await ensureDevelopmentCertificate({ directory, hosts: [], now });
    const late = { directory, hosts: ["new.example"], now: daysFromNow(3625) };
    await expect(ensureDevelopmentCertificate(late)).rejects.toMatchObject({
      code: "CERTIFICATE_EXPIRED",
      message: expect.stringContaining("ends on 2037-02-26"),
      hint: expect.stringContaining("generate-certs --force"),
    });
  });

  test("is no reason to stop while a leaf of it is valid that could not live longer", async () => {
    const { directory } = options();
    await ensureDevelopmentCertificate({ directory, hosts: [], now });
    const issued = await ensureDevelopmentCertificate({ directory, hosts: [], now: daysFromNow(3500) });
    expect((await readDevelopmentCa(directory))?.certificate.validToDate).toEqual(issued.identity.leaf.notAfter);
    const kept = await ensureDevelopmentCertificate({ directory, hosts: [], now: daysFromNow(3649) });
    expect(kept.outcome).toBe("kept");
    expect(kept.warnings).toEqual([expect.stringContaining("expires in 23 hours")]);
  });

  test("is renewed by force, for the same name and key", async () => {
    const { directory } = options();
    const old = await ensureDevelopmentCa(options({ directory, name: "Prüfstelle, (me@here)" }));
    const at = daysFromNow(3625);
    await issueDevelopmentCertificate({ directory, hosts: [], now: at, force: true });
    const renewed = new X509Certificate(read(directory, "ca-bundle.crt"));
    expect(renewed.subject).toBe(old.certificate.subject);
    expect(renewed.checkPrivateKey(old.key)).toBe(true);
    expect(renewed.validToDate.getTime()).toBeGreaterThan(at.getTime() + 3600 * dayMs);
  });

  test("takes an outdated bundle for its own", async () => {
    const { directory } = options();
    await ensureDevelopmentCa(options({ directory }));
    const outdated = read(directory, "ca-bundle.crt");
    const renewed = await ensureDevelopmentCa(options({ directory, at: daysFromNow(3625), force: true }));
    writeFileSync(join(directory, "ca-bundle.crt"), outdated);
    await ensureDevelopmentCa(options({ directory, at: daysFromNow(3625) }));
    expect(new X509Certificate(read(directory, "ca-bundle.crt")).raw.equals(renewed.certificate.raw)).toBe(true);
  });
});

test("a clock that is behind the CA is named", async () => {
  const { directory } = options();
  await ensureDevelopmentCertificate({ directory, hosts: [], now });
  const early = ensureDevelopmentCertificate({ directory, hosts: [], now: daysFromNow(-1) });
  await expect(early).rejects.toMatchObject({
    code: "CERTIFICATE_NOT_YET_VALID",
    hint: expect.stringContaining("clock"),
  });
});

describe("the CA's common name", () => {
  test("tells the user and the machine", () => {
    expect(developmentAuthorityName("me", "laptop")).toBe("vibectl-server development CA (me@laptop)");
  });

  test("is never longer than 64 characters", () => {
    const name = developmentAuthorityName("someone-with-a-long-name", "machine-with-a-long-name.example.org");
    expect(name.length).toBe(64);
    expect(name).toEndWith("…)");
  });

  test("does without a user, and holds no odd characters", () => {
    expect(developmentAuthorityName("", "lap\ntop")).toBe("vibectl-server development CA (lap?top)");
    expect(developmentAuthorityName()).toMatch(/^vibectl-server development CA \(.+\)$/);
  });
});
