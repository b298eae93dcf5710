import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../src/pki/issuing/keys.ts";
import { initialisePrivateCa } from "../../src/pki/private-ca/private-ca-init.ts";
import { createClientCertificate } from "../../src/pki/private-ca/private-leaf.ts";
import { OpensslCa } from "../openssl-ca.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { run, type Serving, serve } from "./executable.ts";

const home = temporaryFolder();
const ca = join(home, "ca");
const caBundle = join(ca, "ca-bundle.crt");
const crl = join(ca, "crl.pem");
const serverBundle = join(home, ".config", "vibectl", "server", "certs", "ca-bundle.crt");
const running: Serving[] = [];

/** A certificate to show, and its key. */
interface Shown {
  certFile: string;
  keyFile: string;
}

async function ours(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run([...args, "--ca-dir", ca], { home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

async function start(...args: string[]): Promise<Serving> {
  const serving = await serve(["--generate-certs", "--client-ca", caBundle, ...args], { home });
  running.push(serving);
  return serving;
}

function issued(name: string): Shown {
  const place = join(ca, "client_certs", name, name);
  return { certFile: `${place}.crt`, keyFile: `${place}.key` };
}

/** gRPC's length prefix of an empty message, as GetServerInfo takes it. */
const body = join(home, "body");

/** Calls GetServerInfo with curl, which shares nothing with this server. */
async function call(port: number, shown: Shown | undefined, token?: string): Promise<string> {
  const url = `https://localhost:${port}/vibectl.llm_proxy.VibectlLLMProxy/GetServerInfo`;
  const certificate = shown ? ["--cert", shown.certFile, "--key", shown.keyFile] : [];
  const authorization = token === undefined ? [] : ["-H", `authorization: Bearer ${token}`];
  const child = Bun.spawn(
    [
      ...["curl", "--silent", "--show-error", "--http2", "--cacert", serverBundle, "--data-binary", `@${body}`],
      ...["-H", "content-type: application/grpc", "-H", "te: trailers", "-D", "-", "-o", "/dev/null"],
      ...[...certificate, ...authorization, url],
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) return `no connection: ${stderr.trim()}`;
  const status = /^grpc-status: (\d+)/im.exec(stdout)?.[1];
  return status === "0" ? "ok" : status === "16" ? "UNAUTHENTICATED" : `status ${status}: ${stdout}`;
}

const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs);

/** What a client shows, by what is wrong with it. */
const shown: Record<string, Shown | undefined> = { "no certificate": undefined };

beforeAll(async () => {
  writeFileSync(body, new Uint8Array(5));
  const names = { rootName: "Root", intermediateName: "Intermediate", keyType: "p256", random: systemRandom } as const;
  await initialisePrivateCa({ ...names, directory: ca, force: false, now: daysAgo(200) });
  const past = { directory: ca, keyType: "p256", force: false, now: daysAgo(150), random: systemRandom } as const;
  shown["an expired one"] = await createClientCertificate("expired", past);
  await ours("ca", "create-client-cert", "alice");
  shown["a good one"] = issued("alice");
  await ours("ca", "create-client-cert", "mallory");
  expect(await ours("ca", "revoke", "mallory", "--reason", "keyCompromise")).toContain(crl);
  const [place = ""] = new Bun.Glob("revoked/mallory-*/").scanSync({ cwd: ca, onlyFiles: false });
  const revoked = join(ca, place, "mallory");
  shown["a revoked one"] = { certFile: `${revoked}.crt`, keyFile: `${revoked}.key` };
  await ours("ca", "create-server-cert", "server.example");
  const server = join(ca, "server_certs", "server.example", "server.example");
  shown["a server's"] = { certFile: `${server}.crt`, keyFile: `${server}.key` };
  shown["another CA's"] = new OpensslCa(home, "foreign").issue("alice");
});

afterAll(async () => {
  for (const serving of running) serving.kill("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
});

/** What curl gets, by what it shows and whether a certificate is required. */
const outcomes = [
  ["a good one", "ok", "ok"],
  ["no certificate", /^no connection: .*(certificate required|reset|not connected)/, "ok"],
  ["another CA's", /^no connection/, "UNAUTHENTICATED"],
  ["an expired one", /^no connection/, "UNAUTHENTICATED"],
  ["a server's", /^no connection/, "UNAUTHENTICATED"],
  ["a revoked one", "UNAUTHENTICATED", "UNAUTHENTICATED"],
] as const;

describe.each([
  ["required", ["--client-crl", crl], 1],
  ["requested", ["--client-crl", crl, "--client-auth", "request"], 2],
] as const)("where a client's certificate is %s", (mode, flags, column) => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await start(...flags);
  });

  const cells = outcomes.map((row) => [row[0], String(row[column]), row[column]] as const);
  test.each(cells)("%s gets: %s", async (what, _, expected) => {
    const answer = await call(serving.port, shown[what]);
    if (typeof expected === "string") expect(answer).toBe(expected);
    else expect(answer).toMatch(expected);
  });

  const refusedAtHandshake = mode === "required" ? ["CERT_HAS_EXPIRED", "\\S*DID_NOT_RETURN_A_CERTIFICATE"] : [];
  test.each(refusedAtHandshake)("the log tells of what the handshake refused: %s", async (code) => {
    await serving.logged(new RegExp(`the client's certificate was refused.* code=${code}`));
  });

  test("the log names who was let in, and who was not and why", async () => {
    await serving.logged(/subject=alice identifiedBy=certificate/);
    await serving.logged(/the client certificate \(.*CN=mallory.* was revoked on .*keyCompromise/);
  });
});

describe("where a token is required too", () => {
  let serving: Serving;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    serving = await start("--client-auth", "request", "--require-auth");
    for (const subject of ["alice", "bob"]) {
      tokens[subject] = (await run(["generate-token", subject], { home })).stdout.trim();
    }
  });

  test("a certificate stands in for it", async () => {
    expect(await call(serving.port, shown["a good one"])).toBe("ok");
  });

  test("a token does without a certificate", async () => {
    expect(await call(serving.port, undefined, tokens.bob)).toBe("ok");
  });

  test("both must be the same subject's", async () => {
    expect(await call(serving.port, shown["a good one"], tokens.alice)).toBe("ok");
    expect(await call(serving.port, shown["a good one"], tokens.bob)).toBe("UNAUTHENTICATED");
    await serving.logged(/the token is bob's, the client certificate is alice's/);
  });

  test("a bad certificate is refused, however good the token is", async () => {
    expect(await call(serving.port, shown["an expired one"], tokens.alice)).toBe("UNAUTHENTICATED");
  });

  test("neither is refused", async () => {
    expect(await call(serving.port, undefined)).toBe("UNAUTHENTICATED");
  });
});

test("a revocation takes effect on a server that runs, without a restart", async () => {
  await ours("ca", "create-client-cert", "eve");
  const serving = await start("--client-crl", crl);
  const eve = issued("eve");
  expect(await call(serving.port, eve)).toBe("ok");
  const { stdout } = await run(["ca", "revoke", "eve", "--ca-dir", ca], { home });
  const place = /Moved to +(\S+)/.exec(stdout)?.[1] ?? "";
  await serving.logged(/the clients' CAs and revocation lists were loaded anew/);
  const moved = { certFile: join(place, "eve.crt"), keyFile: join(place, "eve.key") };
  expect(await call(serving.port, moved)).toBe("UNAUTHENTICATED");
});

test("check shows a certificate where it is given one, and says that it is missing where not", async () => {
  const serving = await start();
  const url = `vibectl-server://localhost:${serving.port}`;
  const { certFile, keyFile } = issued("alice");
  const own = ["--client-cert", certFile, "--client-key", keyFile];
  expect((await run(["check", url, "--ca-bundle", serverBundle, ...own], { home })).code).toBe(0);
  const without = await run(["check", url, "--ca-bundle", serverBundle], { home });
  expect(without.code).toBe(1);
  expect(without.stdout).toContain("the server demands a client certificate");
});
