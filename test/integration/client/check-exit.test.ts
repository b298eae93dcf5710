import { expect, test } from "bun:test";
import { join } from "node:path";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Chunk, startServer } from "./fake-server.ts";

const folder = temporaryFolder();
const source = join(import.meta.dir, "../../../src/client");

// What a health probe does, and nothing that ends the process.
const probe = `
  const { checkServer } = await import(${JSON.stringify(join(source, "check-server.ts"))});
  const { parseServerUrl } = await import(${JSON.stringify(join(source, "server-url.ts"))});
  const { loadRoots } = await import(${JSON.stringify(join(source, "trust.ts"))});
  const [url, caBundle] = process.argv.slice(1);
  const roots = await loadRoots({ caBundle, environment: {} });
  for await (const event of checkServer(parseServerUrl(url), { roots, prompt: { text: "hi" } })) {
    if (event.kind === "result") console.log(event.step, event.outcome);
  }
`;

async function run(url: string, caBundle: string): Promise<string[]> {
  const command = [process.execPath, "-e", probe, url, caBundle];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return output.trim().split("\n");
}

test("a process that made a check ends by itself, whatever came of it", async () => {
  const authority = new OpensslCa(folder, "CA");
  const identity = authority.issue("leaf", {
    extensions: ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"],
  });
  const answer = (): Chunk[] => [{ case: "textChunk", value: "hi" }];
  using server = await startServer({ identity, answer });
  const secured = await run(`vibectl-server://localhost:${server.port}`, authority.certFile);
  expect(secured.at(-1)).toBe("prompt failed");
  const wrong = await run(`vibectl-server-insecure://localhost:${server.port}`, authority.certFile);
  expect(wrong).toContain("tls failed");
});
