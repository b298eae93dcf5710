import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { resolvePaths } from "../../../src/config/paths.ts";
import { configurationSchema } from "../../../src/config/schema.ts";
import { createLogger } from "../../../src/observe/logger.ts";
import { createRpcServer } from "../../../src/rpc/server.ts";
import { chooseCertificate } from "../../../src/server/certificate-source.ts";
import { loadTls } from "../../../src/server/tls.ts";
import { onCleanup } from "../../integration/rpc/support.ts";
import type { OpensslPair } from "../../openssl-ca.ts";
import { failureOf } from "../pki/failure.ts";
import { makeClientAuthorities } from "./client-authorities.ts";

const { first, second, brief, clients, makeCa, place } = makeClientAuthorities();
const extensions = ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"];
const [server, nextServer] = [first.issue("server", { extensions }), first.issue("next", { extensions })];
const sink = { write: () => undefined };
const logger = createLogger({ level: "info", format: "json", colour: false, sink });

async function serve(ca: string, crl?: string) {
  const { home, caFile, crlFile } = place(ca, crl);
  const [cert_file, key_file] = [join(home, "tls.crt"), join(home, "tls.key")];
  const writePair = ({ cert, key }: OpensslPair) => {
    writeFileSync(key_file, key, { mode: 0o600 });
    writeFileSync(cert_file, cert);
  };
  writePair(server);
  const settings = { client_ca_file: caFile, client_crl_file: crlFile };
  const configuration = configurationSchema.parse({ server: { cert_file, key_file }, tls: settings });
  const choice = { kind: "configured", generate: false } as const;
  const source = chooseCertificate({ ...configuration, paths: resolvePaths({ HOME: home }), choice });
  const served = await loadTls(source, configuration.tls, logger);
  const listener = createRpcServer({ services: [], tls: served.options });
  const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
  served.keep(listener);
  onCleanup(async () => {
    served.stop();
    await listener.close({ graceMs: 0 });
  });
  return { ...served, port, caFile, crlFile: crlFile ?? "", writePair };
}

/** Whom a new connection meets; `nobody` where the server refuses the client's certificate. */
async function meet(port: number, { cert, key }: OpensslPair): Promise<string> {
  const session = connectHttp2(`https://localhost:${port}`, { ca: first.cert, cert, key });
  try {
    return await new Promise((resolve) => {
      session.on("remoteSettings", () => {
        resolve(String((session.socket as TLSSocket).getPeerCertificate().subject.CN));
      });
      for (const event of ["error", "close"]) session.on(event, () => resolve("nobody"));
    });
  } finally {
    session.destroy();
  }
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("it has not come to that in time");
    await Bun.sleep(20);
  }
}

describe("the clients' CAs, as they are served,", () => {
  test("other CAs are presented to new handshakes soon after their file has changed", async () => {
    const { port, caFile } = await serve(first.cert);
    expect(await meet(port, clients.alice)).toBe("server");
    expect(await meet(port, clients.bob)).toBe("nobody");
    writeFileSync(caFile, second.cert);
    await until(async () => (await meet(port, clients.bob)) === "server");
    expect(await meet(port, clients.alice)).toBe("nobody");
  });

  test("other CAs are presented at once on demand, beside the certificate that is served by then", async () => {
    const { port, caFile, writePair, reload } = await serve(first.cert);
    writeFileSync(caFile, second.cert);
    writePair(nextServer);
    await reload("SIGHUP");
    expect(await meet(port, clients.bob)).toBe("next");
    expect(await meet(port, clients.alice)).toBe("nobody");
    writeFileSync(caFile, "damaged");
    writePair(server);
    await reload("SIGHUP");
    expect(await meet(port, clients.bob)).toBe("server");
    expect(await meet(port, clients.alice)).toBe("nobody");
  });

  test("another list counts soon after its file has changed", async () => {
    const ca = makeCa();
    const alice = ca.issue("alice");
    const { crlFile, identification } = await serve(ca.cert, ca.crl());
    const objection = () => identification?.objectionTo([new X509Certificate(alice.cert)]);
    expect(objection()).toBeUndefined();
    ca.revoke(alice);
    writeFileSync(crlFile, ca.crl());
    await until(() => objection() !== undefined);
    expect(objection()).toContain("was revoked on");
  });

  test("those that can't be used at the start are an error", async () => {
    expect((await failureOf(serve("damaged"))).code).toBe("CERTIFICATE_MALFORMED");
    expect((await failureOf(serve(first.cert, second.crl()))).code).toBe("CRL_FOREIGN");
  });

  test("what is worth a warning is told at the start", async () => {
    const { warnings, summary, caFile } = await serve(first.cert + brief.cert);
    expect(warnings).toContainEqual(expect.stringMatching(/^The client CA CN=brief in .* expired on /));
    expect(summary.clients).toEqual({ caFile, crlFile: undefined, required: true });
  });
});
