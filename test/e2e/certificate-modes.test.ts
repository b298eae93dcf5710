import { afterEach, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolders } from "../temporary-folder.ts";
import { run, type Serving, serve } from "./executable.ts";

const freshHome = temporaryFolders();
const running: Serving[] = [];
async function start(home: string, command: string, ...args: string[]): Promise<Serving> {
  const serving = await serve(args, { home, command });
  running.push(serving);
  return serving;
}

afterEach(async () => {
  for (const serving of running) serving.kill("SIGKILL");
  await Promise.all(running.splice(0).map(({ exited }) => exited));
});

async function makeCa(home: string, ...args: string[]): Promise<string> {
  expect((await run(["ca", "init", ...args], { home })).code).toBe(0);
  return join(home, ".config", "vibectl", "server", "ca");
}

async function checks(home: string, port: number, bundle: string): Promise<number> {
  const { code } = await run(["check", `vibectl-server://localhost:${port}`, "--ca-bundle", bundle], { home });
  return code;
}

describe("serve-ca", () => {
  test("issues a certificate of the private CA, keeps it, and needs no root key for that", async () => {
    const home = freshHome();
    const ca = await makeCa(home);
    await Bun.file(join(ca, "root", "ca.key")).delete();
    const first = await start(home, "serve-ca");
    expect(first.stdout()).toContain(`on by serve-ca: certificate of the CA in ${ca}, issued just now`);
    expect(await checks(home, first.port, join(ca, "ca-bundle.crt"))).toBe(0);
    const again = await start(home, "serve-ca", "--san", "127.0.0.1");
    expect(again.stdout()).toContain(`certificate of the CA in ${ca}\n`);
    const wider = await start(home, "serve-ca", "--san", "llm.example.org");
    expect(wider.stdout()).toContain("issued anew just now");
    expect(wider.stdout()).toContain("llm.example.org");
  });

  test("without a CA says how to make one, and makes no folder", async () => {
    const home = freshHome();
    const { code, stderr } = await run(["serve-ca"], { home });
    expect(code).toBe(1);
    expect(stderr).toContain("There is no CA in");
    expect(stderr).toContain("vibectl-server ca init");
    expect(existsSync(join(home, ".config"))).toBe(false);
  });

  test("does not issue for a name that the CA is not for", async () => {
    const home = freshHome();
    const ca = await makeCa(home, "--permit-domain", "example.org");
    const { code, stderr } = await run(["serve-ca", "--hostname", "llm.example.com"], { home });
    expect(code).toBe(1);
    expect(stderr).toContain("The CA may not issue for llm.example.com");
    expect(existsSync(join(ca, "server_certs"))).toBe(false);
  });
});

describe("serve-custom", () => {
  test("serves the files that are named, and needs both of them", async () => {
    const home = freshHome();
    const ca = await makeCa(home);
    await run(["ca", "create-server-cert", "localhost"], { home });
    const files = ["crt", "key"].map((end) => join(ca, "server_certs", "localhost", `localhost.${end}`));
    const args = ["--cert-file", files[0] ?? "", "--key-file", files[1] ?? ""];
    const serving = await start(home, "serve-custom", ...args, "--ca-bundle-file", join(ca, "ca-bundle.crt"));
    expect(serving.stdout()).toContain(`on by serve-custom: certificate in ${files[0]}`);
    expect(await checks(home, serving.port, join(ca, "ca-bundle.crt"))).toBe(0);
    expect((await run(["serve-custom", "--cert-file", "a"], { home })).code).toBe(2);
    const mismatch = await run(["serve-custom", ...args, "--hostname", "llm.example.org"], { home });
    expect(mismatch.stderr).toContain("is for localhost, not for llm.example.org");
    chmodSync(files[1] ?? "", 0o644);
    const exposed = await run(["serve-custom", ...args], { home });
    expect(exposed.code).toBe(1);
    expect(exposed.stderr).toContain("other users can read it");
    const loose = await start(home, "serve-custom", ...args, "--allow-loose-permissions");
    await loose.logged(/other users can read it: chmod 600/);
  });
});

describe("serve-insecure", () => {
  test("serves plain text whatever the configuration says, and says so", async () => {
    const home = freshHome();
    const config = join(home, "config.yaml");
    writeFileSync(config, "server:\n  use_tls: true\n");
    const serving = await start(home, "serve-insecure", "--config", config);
    expect(serving.stdout()).toContain("TLS     off by serve-insecure");
    const url = `vibectl-server-insecure://localhost:${serving.port}`;
    expect((await run(["check", url], { home })).code).toBe(0);
    const secure = await start(home, "serve", "--config", config);
    expect(secure.stdout()).toContain(`on by ${config}:2:3: development certificate`);
  });
});

describe("serve --ephemeral", () => {
  test("writes nothing, and prints a bundle that verifies", async () => {
    const home = freshHome();
    const serving = await start(home, "serve", "--ephemeral");
    const [bundle = ""] = /-----BEGIN CERT[\s\S]*-----END CERTIFICATE-----\n/.exec(serving.stdout()) ?? [];
    expect(new X509Certificate(bundle).ca).toBe(true);
    expect(existsSync(join(home, ".config"))).toBe(false);
    writeFileSync(join(home, "bundle.crt"), bundle);
    expect(await checks(home, serving.port, join(home, "bundle.crt"))).toBe(0);
  });

  test("is what a folder that can't be written is told of", async () => {
    const home = freshHome();
    writeFileSync(join(home, ".config"), "a file where the folder would be");
    const { code, stderr } = await run(["serve", "--generate-certs"], { home });
    expect(code).toBe(1);
    expect(stderr).toContain("can't be written");
    expect(stderr).toContain("start with --ephemeral");
  });
});

describe("the root's passphrase", () => {
  test("comes from a file or the environment, and is asked for nowhere else", async () => {
    const home = freshHome();
    const file = join(home, "passphrase");
    writeFileSync(file, "correct horse\n");
    const ca = await makeCa(home, "--passphrase-file", file);
    expect(readFileSync(join(ca, "root", "ca.key"), "utf8")).toStartWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    const renew = ["ca", "renew", "--intermediate"];
    expect((await run([...renew, "--passphrase-file", file], { home })).code).toBe(0);
    expect((await run(renew, { home, environment: { VIBECTL_CA_PASSPHRASE: "correct horse" } })).code).toBe(0);
    const wrong = await run(renew, { home, environment: { VIBECTL_CA_PASSPHRASE: "battery staple" } });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("The passphrase for the private key");
    expect(wrong.stderr).not.toContain("battery");
    const none = await run(renew, { home });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("no terminal to ask for it");
    expect((await run(["ca", "create-server-cert", "localhost"], { home })).code).toBe(0);
  });
});

test("check-expiry ends with 1 when something ends soon, and prints JSON", async () => {
  const home = freshHome();
  await makeCa(home);
  await run(["ca", "create-client-cert", "ci-bot", "--validity-days", "10"], { home });
  expect((await run(["ca", "check-expiry", "--days", "5"], { home })).code).toBe(0);
  const { code, stdout } = await run(["ca", "check-expiry", "--days", "14", "--json"], { home });
  expect(code).toBe(1);
  expect(JSON.parse(stdout).certificates).toMatchObject([
    { kind: "client", name: "ci-bot", state: "expiring", days_left: 9 },
  ]);
  expect((await run(["ca", "renew", "--days", "14"], { home })).stdout).toContain("renewed  client ci-bot");
});

test("export-bundle replaces certificates, and nothing else", async () => {
  const home = freshHome();
  const ca = await makeCa(home);
  const key = readFileSync(join(ca, "root", "ca.key"), "utf8");
  const { code, stderr } = await run(["ca", "export-bundle", "--output", join(ca, "root", "ca.key")], { home });
  expect(code).toBe(1);
  expect(stderr).toContain("holds something else than certificates");
  expect(readFileSync(join(ca, "root", "ca.key"), "utf8")).toBe(key);
  const file = join(home, "root.crt");
  for (let round = 0; round < 2; round++) {
    expect((await run(["ca", "export-bundle", "--output", file], { home })).code).toBe(0);
  }
  expect(readFileSync(file, "utf8")).toBe(readFileSync(join(ca, "ca-bundle.crt"), "utf8"));
});

test("a certificates folder that is deleted under a server leaves its certificate in service", async () => {
  const home = freshHome();
  const serving = await start(home, "serve", "--generate-certs");
  const bundle = join(home, ".config", "vibectl", "server", "certs", "ca-bundle.crt");
  const kept = join(home, "kept.crt");
  writeFileSync(kept, readFileSync(bundle));
  rmSync(join(bundle, ".."), { recursive: true });
  await serving.logged(/the certificate can't be loaded: the one before stays in service[\s\S]*hint: Put it back/);
  expect(await checks(home, serving.port, kept)).toBe(0);
});

test("a server that listens on an address of its own has a certificate for it, and says how to reach it", async () => {
  const home = freshHome();
  await makeCa(home);
  const serving = await start(home, "serve-ca", "--host", "127.0.0.2");
  expect(serving.stdout()).toContain(`check vibectl-server://127.0.0.2:${serving.port} `);
  const named = await start(home, "serve-ca", "--host", "127.0.0.2", "--hostname", "*.example.org");
  expect(named.stdout()).toContain(`check vibectl-server://HOST.example.org:${named.port} `);
});

test.each([
  ["--client-auth", "require"],
  ["--client-crl", "crl.pem"],
])("%s %s turns TLS on, or says what is missing, rather than serve plain text", async (flag, value) => {
  const { code, stderr } = await run(["serve", flag, value], { home: freshHome() });
  expect(code).toBe(1);
  expect(stderr).toContain("tls.client_ca_file is not");
});
