import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { credentials } from "@grpc/grpc-js";
import { systemRandom } from "../../src/pki/issuing/keys.ts";
import { initialisePrivateCa } from "../../src/pki/private-ca/private-ca-init.ts";
import { createServerCertificate } from "../../src/pki/private-ca/private-leaf.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { run, serve } from "./executable.ts";
import { startLoad } from "./steady-load.ts";

/** How often the certificate is rotated. */
const rotations = Number(process.env.ROTATIONS ?? 12);
const longestMs = 5000;

const home = temporaryFolder();
const ca = join(home, "ca");
const mount = join(home, "mount");
const config = join(home, "config.yaml");

async function issue(): Promise<{ certFile: string; keyFile: string; serial: string }> {
  const options = { directory: ca, keyType: "p256", force: true, now: new Date(), random: systemRandom } as const;
  const { certFile, keyFile, leaf } = await createServerCertificate(["localhost"], options);
  return { certFile, keyFile, serial: leaf.serialNumber };
}

/** As Kubernetes does it: a folder a version, and a link that is swapped. */
function mountVersion(name: string, certFile: string, keyFile: string): void {
  mkdirSync(join(mount, name));
  copyFileSync(certFile, join(mount, name, "tls.crt"));
  copyFileSync(keyFile, join(mount, name, "tls.key"));
  symlinkSync(name, join(mount, "..data_tmp"));
  renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
}

/** As a script with `cp` does it: one after the other, and not in one step. */
function overwrite(certFile: string, keyFile: string): void {
  writeFileSync(join(mount, "..data", "tls.key"), readFileSync(keyFile));
  writeFileSync(join(mount, "..data", "tls.crt"), readFileSync(certFile));
}

/** The serial number that a new connection is shown. */
function servedSerial(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "localhost", ca, ALPNProtocols: ["h2"] }, () => {
      resolve(socket.getPeerCertificate().serialNumber.toUpperCase());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test(
  `a certificate that is rotated ${rotations} times under load fails no call, and is served within seconds each time`,
  async () => {
    const names = { rootName: "Root", intermediateName: "Intermediate", keyType: "p256" } as const;
    await initialisePrivateCa({ directory: ca, ...names, force: false, now: new Date(), random: systemRandom });
    const root = readFileSync(join(ca, "ca-bundle.crt"), "utf8");
    mkdirSync(mount);
    const first = await issue();
    mountVersion("..v0", first.certFile, first.keyFile);
    for (const name of ["tls.crt", "tls.key"]) symlinkSync(join("..data", name), join(mount, name));
    writeFileSync(config, "providers:\n  echo: { chunk_delay_ms: 20 }\n");
    const files = ["--cert-file", join(mount, "tls.crt"), "--key-file", join(mount, "tls.key")];
    const serving = await serve(["--config", config, ...files], { home });
    const load = startLoad(serving.port, credentials.createSsl(Buffer.from(root)), 3);
    const delays: number[] = [];
    try {
      for (let rotation = 1; rotation <= rotations; rotation++) {
        const { certFile, keyFile, serial } = await issue();
        if (rotation % 4 === 0) overwrite(certFile, keyFile);
        else mountVersion(`..v${rotation}`, certFile, keyFile);
        const begun = performance.now();
        while ((await servedSerial(serving.port, root)) !== serial) {
          if (performance.now() - begun > longestMs) throw new Error(`rotation ${rotation} was not served in time`);
          await Bun.sleep(20);
        }
        delays.push(performance.now() - begun);
      }
    } finally {
      await load.stop();
      serving.kill("SIGTERM");
    }
    const { unary, streams, fresh, failures } = load.result;
    delays.sort((a, b) => a - b);
    process.stdout.write(
      `${rotations} rotations: ${unary} unary calls, ${streams} streams, ${fresh} calls on new connections, ${failures.length} failed; ` +
        `served after ${delays[delays.length >> 1]?.toFixed(0)} ms (median), ${delays.at(-1)?.toFixed(0)} ms (longest)\n`,
    );
    expect(failures).toEqual([]);
    expect(Math.min(unary, streams, fresh)).toBeGreaterThan(rotations);
    const { code, stderr } = await serving.exited;
    expect(code).toBe(0);
    expect(stderr.match(/another certificate is served/g)?.length).toBe(rotations);
  },
  60_000 + rotations * (longestMs + 1000),
);

test("SIGHUP loads a certificate at once, and a bad one leaves the one before in service", async () => {
  const { certFile, keyFile } = await issue();
  const root = readFileSync(join(ca, "ca-bundle.crt"), "utf8");
  const serving = await serve(["--cert-file", certFile, "--key-file", keyFile], { home });
  const before = await servedSerial(serving.port, root);
  writeFileSync(keyFile, "half a k");
  serving.kill("SIGHUP");
  await serving.logged(/the certificate can't be loaded: the one before stays in service/);
  expect(await servedSerial(serving.port, root)).toBe(before);
  const { serial } = await issue();
  serving.kill("SIGHUP");
  await serving.logged(/another certificate is served/);
  expect(await servedSerial(serving.port, root)).toBe(serial);
  const { code } = await run(
    ["check", `vibectl-server://localhost:${serving.port}`, "--ca-bundle", join(ca, "ca-bundle.crt")],
    { home },
  );
  expect(code).toBe(0);
  serving.kill("SIGTERM");
  expect((await serving.exited).code).toBe(0);
});
