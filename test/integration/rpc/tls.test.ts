import { beforeAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { credentials } from "@grpc/grpc-js";
import { CertificateError } from "../../../src/errors.ts";
import { createRpcServer } from "../../../src/rpc/server.ts";
import type { TlsIdentity, TlsOptions } from "../../../src/rpc/tls.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { execute, llmService, requestOf } from "./llm-service.ts";
import { callOnce, connect, serve } from "./support.ts";

const folder = temporaryFolder();
let first: TlsIdentity;
let second: TlsIdentity;

beforeAll(async () => {
  first = await selfSigned("first");
  second = await selfSigned("second");
});

async function selfSigned(name: string): Promise<TlsIdentity> {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const openssl = Bun.spawn(
    [
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", `/O=${name}/CN=localhost`, "-addext", "subjectAltName=DNS:localhost"],
      ...["-keyout", key, "-out", certificate],
    ],
    { stdout: "ignore", stderr: "ignore" },
  );
  expect(await openssl.exited).toBe(0);
  return { certificateChain: await Bun.file(certificate).text(), privateKey: await Bun.file(key).text() };
}

const serveTls = (options: Partial<TlsOptions> = {}) =>
  serve({ services: [llmService()], tls: { identity: first, ...options } });

function trusting({ certificateChain }: TlsIdentity) {
  return credentials.createSsl(Buffer.from(certificateChain));
}

/** What a handshake came to. */
interface Handshake {
  protocol: string | null;
  application: string | false | null;
  fingerprint: string;
}

/** Shakes hands; undefined when the server refused. */
function shakeHands(port: number, options: ConnectionOptions = {}): Promise<Handshake | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({
      port,
      host: "localhost",
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
      ...options,
    });
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(undefined));
    socket.on("secureConnect", () => {
      resolve({
        protocol: socket.getProtocol(),
        application: socket.alpnProtocol,
        fingerprint: socket.getPeerCertificate().fingerprint256,
      });
      socket.destroy();
    });
  });
}

function fingerprintOf({ certificateChain }: TlsIdentity): string {
  return new X509Certificate(certificateChain).fingerprint256;
}

test("calls go through TLS 1.3 with HTTP/2", async () => {
  const { port } = await serveTls();
  expect((await callOnce(connect(port, trusting(first)), execute, requestOf("a"))).code).toBe("OK");
  expect(await shakeHands(port)).toEqual({
    protocol: "TLSv1.3",
    application: "h2",
    fingerprint: fingerprintOf(first),
  });
});

test("a client that knows only TLS 1.2 is refused", async () => {
  const { port } = await serveTls();
  expect(await shakeHands(port, { maxVersion: "TLSv1.2" })).toBeUndefined();
  expect((await callOnce(connect(port, trusting(first)), execute, requestOf("a"))).code).toBe("OK");
});

test("TLS 1.2 is spoken where it is allowed, with forward secrecy only", async () => {
  const { port } = await serveTls({ minVersion: "TLSv1.2" });
  expect((await shakeHands(port, { maxVersion: "TLSv1.2" }))?.protocol).toBe("TLSv1.2");
  expect((await shakeHands(port))?.protocol).toBe("TLSv1.3");
  const weak = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" } as const;
  expect(await shakeHands(port, weak)).toBeUndefined();
});

test("a client that offers only the group P-256 is served", async () => {
  const { port } = await serveTls();
  expect((await shakeHands(port, { ecdhCurve: "P-256" }))?.protocol).toBe("TLSv1.3");
});

test("another certificate is presented to new connections, while old ones go on", async () => {
  const { server, port } = await serveTls();
  const old = connect(port, trusting(first));
  expect((await callOnce(old, execute, requestOf("a"))).code).toBe("OK");
  server.updateTls({ identity: second });
  expect((await callOnce(old, execute, requestOf("a"))).code).toBe("OK");
  expect((await callOnce(connect(port, trusting(second)), execute, requestOf("a"))).code).toBe("OK");
  expect(await shakeHands(port)).toEqual({
    protocol: "TLSv1.3",
    application: "h2",
    fingerprint: fingerprintOf(second),
  });
  expect(await shakeHands(port, { maxVersion: "TLSv1.2" })).toBeUndefined();
});

test("a certificate that can't be served is refused, and the last good one stays", async () => {
  const { server, port } = await serveTls();
  const mismatched = { certificateChain: first.certificateChain, privateKey: second.privateKey };
  expect(() => server.updateTls({ identity: mismatched })).toThrow(CertificateError);
  expect(() => createRpcServer({ services: [], tls: { identity: mismatched } })).toThrow(CertificateError);
  expect((await shakeHands(port))?.fingerprint).toBe(fingerprintOf(first));
});

test("a server without TLS has no certificate to replace", async () => {
  const { server } = await serve({ services: [llmService()] });
  expect(() => server.updateTls({ identity: first })).toThrow(TypeError);
});

test("a client without TLS, or without HTTP/2, does no harm", async () => {
  const { port } = await serveTls();
  await new Promise<void>((resolve) => {
    const socket = connectSocket(port, "127.0.0.1");
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
    socket.resume();
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  });
  await shakeHands(port, { ALPNProtocols: ["http/1.1"] });
  expect((await callOnce(connect(port, trusting(first)), execute, requestOf("a"))).code).toBe("OK");
});

test("idle TLS connections do not delay closing", async () => {
  const { server, port } = await serveTls();
  expect((await callOnce(connect(port, trusting(first)), execute, requestOf("a"))).code).toBe("OK");
  await server.close({ graceMs: 10 * 60_000 });
});
