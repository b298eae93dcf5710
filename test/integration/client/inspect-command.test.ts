import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { startTls } from "./tls-server.ts";

const folder = temporaryFolder();
const dayMs = 86_400_000;
const fromNow = (days: number) => new Date(Date.now() + days * dayMs);
const root = new OpensslCa(folder, "A root");
const intermediate = new OpensslCa(folder, "An intermediate", { issuer: root });
const extensions = ["subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "extendedKeyUsage=serverAuth"];
const good = intermediate.issue("good", { extensions });
const expired = root.issue("expired", { extensions, notBefore: fromNow(-9), notAfter: fromNow(-2) });
const chained = { cert: good.cert + intermediate.cert, key: good.key };

describe("the command", () => {
  const source = join(import.meta.dir, "../../../src/cli");
  const script = `
    const { invoke } = await import(${JSON.stringify(join(source, "invoke.ts"))});
    const { inspect } = await import(${JSON.stringify(join(source, "inspect.ts"))});
    await invoke(inspect, process.argv.slice(1), { print: console.log, version: "" });
  `;
  const run = async (...words: string[]) => {
    const child = Bun.spawn([process.execPath, "-e", script, ...words], { stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { exitCode: await child.exited, stdout, stderr };
  };

  test("prints what a server sends, the token nowhere, and ends by itself", async () => {
    using server = await startTls(chained);
    const url = `vibectl-server://s3cret@localhost:${server.port}`;
    const { exitCode, stdout, stderr } = await run(url, "--ca-bundle", root.certFile);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toStartWith(`Server localhost:${server.port}\n  Address       127.0.0.1\n`);
    expect(stdout).toContain(`  Verified      yes, by ${root.certFile}\n`);
    expect(stdout).toContain("Issued by     CN=An intermediate (number 2)\n");
    expect(stdout).toContain("The chain as sent\n  Chain         number 1 was issued by number 2\n");
    expect(stdout).not.toContain("s3cret");
  });

  test("prints JSON, and ends well when the certificate is not in order", async () => {
    using server = await startTls(expired);
    const { exitCode, stdout } = await run(`localhost:${server.port}`, "--ca-bundle", root.certFile, "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      source: `localhost:${server.port}`,
      server: { host: "localhost", verdict: { verified: false } },
      certificates: [{ number: 1, issuedBy: null, problems: ["It expired 2 days ago"] }],
      inOrder: true,
    });
  });

  test("prints the certificates of a file, and not its key", async () => {
    const path = join(folder, "pair.pem");
    writeFileSync(path, chained.cert + chained.key);
    const { exitCode, stdout } = await run(path);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("  For           localhost, 127.0.0.1, ::1\n");
    expect(stdout).toContain("a private key, which is not shown and belongs to number 1\n");
    expect(stdout).not.toContain(chained.key.split("\n")[1] ?? "");
  });

  test.each([
    [["nothing.crt"], "The certificate file nothing.crt does not exist"],
    [[good.certFile, "--ca-bundle", root.certFile], "--ca-bundle is of no use for a file"],
    [["http://localhost"], "speaks plain text"],
  ])("fails for %p", async (words, found) => {
    const { exitCode, stdout, stderr } = await run(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(found);
  });
});
