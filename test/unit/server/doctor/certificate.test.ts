import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { chooseCertificate } from "../../../../src/server/certificate-source.ts";
import { checkCertificate } from "../../../../src/server/doctor/certificate.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { failureOf } from "../../pki/failure.ts";
import { type DoctorHome, doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const fromNow = (days: number) => new Date(Date.now() + days * 86_400_000 + 60_000);
const folder = temporaryFolder();
const root = new OpensslCa(folder, "A root", { notAfter: fromNow(400) });
const extensions = ["subjectAltName=DNS:llm.example.org", "extendedKeyUsage=serverAuth"];
const issue = (name: string, days: number) =>
  root.issue(name, { extensions, notBefore: fromNow(-1), notAfter: fromNow(days) });
const good = issue("good", 60);

function withFiles(pair: { certFile: string; keyFile: string }, server: object = {}, tls: object = {}) {
  const configuration = { server: { use_tls: true, cert_file: pair.certFile, key_file: pair.keyFile, ...server }, tls };
  return makeHome({ configuration }).context();
}

test.if(process.platform === "linux")("a certificate that can't be made is a failure", async () => {
  const { context, paths } = makeHome({ environment: { HOME: "/proc/vibectl" } });
  const unwritable = await context();
  unwritable.loaded.configuration.server.use_tls = true;
  const [text] = told(await checkCertificate(unwritable));
  expect(text).toStartWith(`failed: there is no certificate, and none can be made in ${paths.certificates}\n`);
  expect(text).toContain("--ephemeral");
});

describe("a certificate in files", () => {
  test("is fine with its names and the days that it has left", async () => {
    const [text] = told(await checkCertificate(await withFiles(good, {}, { ca_bundle_file: root.certFile })));
    expect(text).toMatch(
      new RegExp(`^ok: certificate in ${good.certFile} for llm.example.org, 60 days left, until \\d{4}-\\d\\d-\\d\\d$`),
    );
  });

  test("is a warning when it ends within 30 days, or does not cover where the server listens", async () => {
    const [text] = told(await checkCertificate(await withFiles(issue("short", 20), { host: "10.1.2.3" })));
    expect(text).toStartWith("warning: ");
    expect(text).toContain("It does not cover 10.1.2.3, where the server listens");
    expect(text).toContain("It has 20 days left, until ");
    expect(text).toContain("hint: Renew it");
  });

  test("fails when it has expired, has another key, or does not cover what clients dial", async () => {
    const expired = root.issue("expired", { extensions, notBefore: fromNow(-9), notAfter: fromNow(-2) });
    const failing = async (context: Parameters<typeof checkCertificate>[0]) =>
      (await failureOf(checkCertificate(context))).code;
    expect(await failing(await withFiles(expired))).toBe("CERTIFICATE_EXPIRED");
    expect(await failing(await withFiles({ ...good, keyFile: expired.keyFile }))).toBe("KEY_MISMATCH");
    expect(await failing(await withFiles(good, {}, { hosts: ["other.example.org"] }))).toBe(
      "CERTIFICATE_HOST_MISMATCH",
    );
  });

  test("is not looked at while TLS is off", async () => {
    const [text] = told(await checkCertificate(await withFiles(good, { use_tls: false })));
    expect(text).toStartWith("skipped: off by ");
  });
});

describe("a development certificate", () => {
  const tlsHome = (tls: object = {}) => makeHome({ configuration: { server: { use_tls: true }, tls } });
  const serve = async ({ paths, context }: DoctorHome, now = new Date()) => {
    const { server, tls } = (await context()).loaded.configuration;
    await chooseCertificate({ server, tls, paths, choice: { kind: "configured", generate: false } }).load(now, "start");
  };

  test("may be made later, and is not made now", async () => {
    const { context, paths } = tlsHome();
    expect(told(await checkCertificate(await context()))).toEqual([
      `ok: no certificate yet: it and its development CA are made at the first start, in ${paths.certificates}`,
    ]);
    expect(existsSync(paths.certificates)).toBe(false);
  });

  test("that a server has made is fine, and nothing of it is touched", async () => {
    const home = tlsHome();
    await serve(home);
    const { certificates } = home.paths;
    const times = () =>
      readdirSync(certificates).map((name) => `${name} ${statSync(`${certificates}/${name}`).mtimeMs}`);
    const before = times();
    const [text, ...more] = told(await checkCertificate(await home.context()));
    expect(text).toMatch(/^ok: development certificate for .*localhost.*, \d+ days left, until \S+, renews itself\n/);
    expect(more).toEqual([]);
    expect(times()).toEqual(before);
  });

  test("that is due, lacks a name or its key is made anew at the next start", async () => {
    const home = tlsHome();
    await serve(home);
    const later = told(await checkCertificate(await home.context({ now: fromNow(340) })));
    expect(later[0]).toMatch(/^ok: the certificate in \S+ is made anew at the next start: it has \d+ days left/);
    const context = await home.context();
    context.loaded.configuration.tls.hosts.push("llm.example.org");
    expect(told(await checkCertificate(context))[0]).toEndWith(
      "made anew at the next start: it does not cover llm.example.org",
    );
    rmSync(`${home.paths.certificates}/server.key`);
    expect(told(await checkCertificate(await home.context()))[0]).toContain("is made anew at the next start: ");
    rmSync(`${home.paths.certificates}/server.crt`);
    expect(told(await checkCertificate(await home.context()))).toEqual([
      "ok: no certificate yet: the development CA issues it at the next start",
    ]);
  });

  test("whose CA ends soon is a warning", async () => {
    const home = tlsHome();
    await serve(home);
    const texts = told(await checkCertificate(await home.context({ now: fromNow(3640) })));
    expect(texts.at(-1)).toStartWith("warning: the development CA can't issue certificates any more\nIt has ");
    expect(texts.at(-1)).toContain("generate-certs --force");
  });

  test("fails when others can read its key, or the bundle is another CA's", async () => {
    const home = tlsHome();
    await serve(home);
    const key = `${home.paths.certificates}/server.key`;
    chmodSync(key, 0o644);
    expect((await failureOf(checkCertificate(await home.context()))).code).toBe("KEY_EXPOSED");
    chmodSync(key, 0o600);
    await Bun.write(`${home.paths.certificates}/ca-bundle.crt`, root.cert);
    expect((await failureOf(checkCertificate(await home.context()))).code).toBe("CERTIFICATE_FOREIGN");
  });

  test("of somebody else in its place is one that does not renew itself", async () => {
    const pair = root.issue("local", {
      extensions: ["subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth"],
      notBefore: fromNow(-1),
      notAfter: fromNow(20),
    });
    const files = { "certs/server.crt": pair.cert, "certs/server.key": pair.key };
    const home = makeHome({ configuration: { server: { use_tls: true } }, files });
    expect(told(await checkCertificate(await home.context()))[0]).toMatch(
      /^warning: certificate in \S+ for localhost, 127.0.0.1, 20 days left/,
    );
    const named = makeHome({
      configuration: { server: { use_tls: true }, tls: { hosts: ["llm.example.org"] } },
      files,
    });
    expect((await failureOf(checkCertificate(await named.context()))).code).toBe("CERTIFICATE_HOST_MISMATCH");
  });
});
