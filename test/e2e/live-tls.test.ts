import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { temporaryFolder } from "../temporary-folder.ts";
import { until } from "./calls.ts";
import { run, type Serving, serve } from "./executable.ts";

setDefaultTimeout(30_000);
const home = temporaryFolder();
const folder = join(home, ".config", "vibectl", "server");
const file = join(folder, "config.yaml");

interface Pair {
  cert: string;
  key: string;
}

let serving: Serving;
let first: Pair;
let second: Pair;

/** A certificate for localhost, of a CA of its own. */
async function makePair(name: string): Promise<Pair> {
  const directory = join(home, name);
  await run(["ca", "init", "--ca-dir", directory], { home });
  const made = await run(["ca", "create-server-cert", "localhost", "--ca-dir", directory, "--json"], { home });
  if (made.code !== 0) throw new Error(made.stderr);
  const { cert_file: cert, key_file: key } = JSON.parse(made.stdout);
  return { cert, key };
}

/** The serial number of the certificate that is served. */
async function servedSerial(): Promise<string> {
  const socket = connectTls({
    port: serving.port,
    host: "localhost",
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", reject);
  });
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

beforeAll(async () => {
  [first, second] = [await makePair("first"), await makePair("second")];
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `server:\n  use_tls: true\n  cert_file: ${first.cert}\n  key_file: ${first.key}\n`, {
    mode: 0o600,
  });
  serving = await serve([], { home });
});

afterAll(async () => {
  serving?.kill("SIGKILL");
  await serving?.exited;
});

test("another certificate that the configuration names is served when its key is named too, and not before", async () => {
  const before = await servedSerial();
  await run(["config", "set", "server.cert_file", second.cert], { home });
  await serving.logged(/the configuration can't be applied: the one before stays in force/);
  expect(await servedSerial()).toBe(before);
  await run(["config", "set", "server.key_file", second.key], { home });
  await until("the second certificate is served", async () => (await servedSerial()) !== before);
  expect(serving.stderr()).toContain('changed=["server.cert_file","server.key_file"]');
});

test("clients' certificates can't be asked for before the next start, and the log says so", async () => {
  await run(["config", "set", "tls.client_ca_file", join(home, "first", "ca-bundle.crt")], { home });
  await serving.logged(/Whether clients are asked for certificates can't change while the server runs/);
  await run(["config", "unset", "tls.client_ca_file"], { home });
});

test("TLS itself can't be switched off before the next start", async () => {
  await run(["config", "set", "server.use_tls", "false"], { home });
  await serving.logged(/server.use_tls is false by .*, which takes effect at the next start/);
  expect(await servedSerial()).not.toBe("");
});
