// Measures making certificates and starting with them, beside the openssl command doing the same: `npm run bench:certificates`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { executable } from "../e2e/executable.ts";

const rounds = 9;
const top = mkdtempSync(join(tmpdir(), "vibectl-server-bench-"));
let count = 0;

function freshHome(): string {
  return join(top, String(count++));
}

async function execute(command: readonly string[], home: string): Promise<void> {
  const child = Bun.spawn([...command], { env: { HOME: home, PATH: process.env.PATH ?? "" }, stderr: "pipe" });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? Number.NaN;
}

async function timed(action: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}

type Kind = "p256" | "rsa-2048";

const opensslKeys: Record<Kind, string> = {
  p256: "-newkey ec -pkeyopt ec_paramgen_curve:P-256",
  "rsa-2048": "-newkey rsa:2048",
};

/** A root, and a leaf below it with the same extensions. */
function opensslScript(kind: Kind, folder: string): string {
  const key = `${opensslKeys[kind]} -nodes`;
  return `set -e; mkdir -p ${folder}; cd ${folder}
openssl req -x509 ${key} -subj "/CN=root" -days 3650 -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt
openssl req ${key} -subj "/CN=localhost" -keyout server.key -out server.csr
printf 'basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature\\nextendedKeyUsage=serverAuth\\nsubjectAltName=DNS:localhost,IP:127.0.0.1\\n' > ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile ext -out server.crt`;
}

/** Milliseconds from the start of a process to its first TLS handshake. */
async function startToHandshake(command: readonly string[], port: number): Promise<number> {
  const home = freshHome();
  const begun = performance.now();
  const child = Bun.spawn([...command], {
    env: { HOME: home, PATH: process.env.PATH ?? "" },
    stdout: "ignore",
    stderr: "ignore",
    stdin: "ignore",
  });
  try {
    for (;;) {
      const shaken = await new Promise<boolean>((resolve) => {
        const socket = connect({ port, host: "localhost", rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on("error", () => resolve(false));
      });
      if (shaken) return performance.now() - begun;
      if (performance.now() - begun > 10_000) throw new Error(`${command[0]} does not answer`);
      await Bun.sleep(1);
    }
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

async function freePort(): Promise<number> {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

const rows: [what: string, ours: number, openssl: number][] = [];
for (const kind of ["p256", "rsa-2048"] as const) {
  const ours = await median(async () => {
    const home = freshHome();
    return await timed(async () => await execute([executable, "generate-certs", "--key-type", kind], home));
  });
  const openssl = await median(async () => {
    const home = freshHome();
    return await timed(async () => await execute(["bash", "-c", opensslScript(kind, home)], home));
  });
  rows.push([`development CA and leaf, ${kind}`, ours, openssl]);
}
const port = String(await freePort());
const serve = [executable, "serve", "--port", port];
const fresh = await median(async () => await startToHandshake([...serve, "--generate-certs"], Number(port)));
const opensslFresh = await median(async () => {
  const folder = freshHome();
  const server = `exec openssl s_server -accept ${port} -cert server.crt -key server.key -alpn h2 -quiet`;
  return await startToHandshake(["bash", "-c", `${opensslScript("p256", folder)}; ${server}`], Number(port));
});
rows.push(["start to first TLS handshake, fresh CA and leaf", fresh, opensslFresh]);

process.stdout.write(`${"".padEnd(50)}${"ours".padStart(10)}${"openssl".padStart(10)}${"ratio".padStart(8)}\n`);
for (const [what, ours, openssl] of rows) {
  const cells = [`${ours.toFixed(0)} ms`, `${openssl.toFixed(0)} ms`].map((cell) => cell.padStart(10)).join("");
  process.stdout.write(`${what.padEnd(50)}${cells}${(ours / openssl).toFixed(2).padStart(8)}\n`);
}
process.stdout.write(`Medians of ${rounds} runs, processes included.\n`);
rmSync(top, { recursive: true, force: true });
