import { expect, test } from "bun:test";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { llmService } from "./llm-service.ts";
import { identityOf } from "./mutual-tls.ts";
import { serve } from "./support.ts";

const folder = temporaryFolder();

async function openssl(...args: readonly string[]): Promise<string> {
  const child = Bun.spawn(["openssl", ...args], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const [output] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return output;
}

/** Every suite of TLS 1.2 that openssl can offer, those included that no one should. */
async function allSuites(): Promise<string[]> {
  return (await openssl("ciphers", "-s", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")).trim().split(":");
}

/** The suite that a server picks of those that it is offered; undefined when it takes none. */
async function pickedOf(port: number, suites: readonly string[]): Promise<string | undefined> {
  const offer = ["-tls1_2", "-cipher", [...suites, "@SECLEVEL=0"].join(":"), "-alpn", "h2"];
  const said = await openssl("s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", ...offer);
  return /Cipher is ([A-Z0-9-]+)/.exec(said)?.[1];
}

test.each([
  ["an ECDSA key", "P-256", "ECDSA"],
  ["an RSA key", "rsa:2048", "RSA"],
] as const)("over TLS 1.2 and with %s, only suites with forward secrecy and AEAD are spoken", async (_, key, kind) => {
  const ca = new OpensslCa(folder, kind, { key, extensions: ["keyUsage=digitalSignature,keyCertSign"] });
  const { port } = await serve({
    services: [llmService()],
    tls: { identity: identityOf(ca), minVersion: "TLSv1.2", clients: { roots: ca.cert, required: false } },
  });
  const offered = new Set(await allSuites());
  expect(offered.size).toBeGreaterThan(50);
  const accepted: string[] = [];
  for (;;) {
    const picked = await pickedOf(port, [...offered]);
    if (picked === undefined) break;
    accepted.push(picked);
    expect(offered.delete(picked)).toBe(true);
  }
  expect(accepted.sort()).toEqual([
    `ECDHE-${kind}-AES128-GCM-SHA256`,
    `ECDHE-${kind}-AES256-GCM-SHA384`,
    `ECDHE-${kind}-CHACHA20-POLY1305`,
  ]);
});
