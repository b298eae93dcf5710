import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { loadRoots } from "../../../src/client/trust.ts";
import { OpensslCa, type OpensslPair } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Chunk, startServer } from "./fake-server.ts";
import { outcomes, resultOf, runCheck } from "./run-check.ts";

const folder = temporaryFolder();
const dayMs = 86_400_000;
const soon = (days: number) => new Date(Date.now() + days * dayMs);

const authority = new OpensslCa(folder, "Our CA");
const stranger = new OpensslCa(folder, "Other CA");
const namesake = new OpensslCa(folder, "Our CA again", { subject: "/CN=Our CA" });
const extensionsFor = (names: string, purpose = "serverAuth") => [
  `subjectAltName=${names}`,
  `extendedKeyUsage=${purpose}`,
];
const local = "DNS:localhost,IP:127.0.0.1,IP:::1";
const extensions = extensionsFor(local);
const good = authority.issue("good", { extensions, notAfter: soon(60) });
const named = authority.issue("named", { extensions: extensionsFor("DNS:localhost,DNS:*.example.org") });
const expired = authority.issue("expired", { extensions, notBefore: soon(-9), notAfter: soon(-2) });
const early = authority.issue("early", { extensions, notBefore: soon(1), notAfter: soon(9) });
const ending = authority.issue("ending", { extensions, notBefore: soon(-80), notAfter: soon(4) });
const unfit = authority.issue("unfit", { extensions: extensionsFor(local, "clientAuth") });
const trusting = (caBundle: string) => loadRoots({ caBundle, environment: {} });
const roots = await trusting(authority.certFile);

/** Checks the TLS of a real server. */
async function tlsOf(identity: OpensslPair, host: string, options = { roots }) {
  using server = await startServer({ identity });
  return resultOf(await runCheck(`vibectl-server://${host}:${server.port}`, options), "tls");
}

/** A server that shakes hands and sends an HTTP/2 SETTINGS frame. */
async function startTls(options: TlsOptions): Promise<{ port: number } & Disposable> {
  const server = createServer({ cert: good.cert, key: good.key, ...options }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  });
  await once(server.listen(0), "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => server.close() };
}

describe("a server whose certificate is in order", () => {
  test.each(["localhost", "127.0.0.1", "[::1]"])("is trusted when dialled as %s, up to its answer", async (host) => {
    const answer = (): Chunk[] => [
      { case: "textChunk", value: "hi" },
      { case: "complete", value: { actualModelUsed: "fake/one" } },
      { case: "finalMetrics", value: {} },
    ];
    using server = await startServer({ identity: good, answer });
    const report = await runCheck(`vibectl-server://${host}:${server.port}`, { roots, prompt: { text: "hi" } });
    expect(outcomes(report).every((outcome) => outcome.endsWith(" ok"))).toBe(true);
    expect(report.pieces).toEqual(["hi"]);
  });

  test("is described", async () => {
    const result = await tlsOf(good, "localhost");
    expect(result.summary).toBe("TLSv1.3, the certificate is trusted, covers localhost and is valid for 59 days");
    expect(result.details).toEqual([
      expect.stringMatching(/^TLSv1\.3, TLS_\w+, ALPN h2$/),
      "Certificate of CN=good, for localhost, 127.0.0.1, ::1",
      "Issued by CN=Our CA",
      expect.stringMatching(/^Valid from .* UTC until .* UTC \(59 days left\)$/),
      `Trusted by ${authority.certFile}`,
    ]);
  });

  test("is a warning when it ends soon", async () => {
    const result = await tlsOf(ending, "localhost");
    expect(result).toMatchObject({ outcome: "warning", summary: "the certificate expires in 3 days" });
  });

  test("is a warning when the server speaks TLS 1.2 at most", async () => {
    using server = await startTls({ maxVersion: "TLSv1.2", ALPNProtocols: ["h2"] });
    const report = await runCheck(`vibectl-server://localhost:${server.port}`, { roots, timeoutMs: 2000 });
    expect(resultOf(report, "tls")).toMatchObject({
      outcome: "warning",
      summary: "the server speaks no TLS newer than TLSv1.2",
    });
  });
});

describe("a server whose certificate is not in order", () => {
  test("is refused by a bundle with another CA", async () => {
    const result = await tlsOf(good, "localhost", { roots: await trusting(stranger.certFile) });
    expect(result.outcome).toBe("failed");
    expect(result.summary).toContain(`issuer, CN=Our CA, is not trusted by ${stranger.certFile}`);
    expect(result.hint).toContain("--ca-bundle");
  });

  test("is refused by a bundle with a newer CA of the same name", async () => {
    const result = await tlsOf(good, "localhost", { roots: await trusting(namesake.certFile) });
    expect(result.summary).toContain("is not the one of that name");
    expect(result.hint).toContain("new CA since");
  });

  test("is refused by the system's store", async () => {
    const result = await tlsOf(good, "localhost", { roots: await loadRoots({ environment: {} }) });
    expect(result.summary).toContain("is not trusted by the system's certificate store");
    expect(result.hint).toContain("VIBECTL_CA_BUNDLE");
  });

  test.each([
    ["expired", expired, "the certificate expired on "],
    ["not yet valid", early, "the certificate is valid only from "],
  ])("is refused when it is %s", async (_, identity, summary) => {
    const result = await tlsOf(identity, "localhost");
    expect(result.outcome).toBe("failed");
    expect(result.summary).toStartWith(summary);
    expect(result.hint).toContain("clock");
  });

  test("is refused for a host that it does not cover, and the hosts that it covers are listed", async () => {
    const result = await tlsOf(named, "127.0.0.1");
    expect(result).toMatchObject({
      outcome: "failed",
      summary: "the certificate does not cover 127.0.0.1; it is for localhost, *.example.org",
    });
    expect(result.hint).toContain("--hostname 127.0.0.1");
  });

  test("is refused when it is meant for a client", async () => {
    const result = await tlsOf(unfit, "localhost");
    expect(result.outcome).toBe("failed");
    expect(result.summary).toContain("is known, and the certificate is refused: INVALID_PURPOSE");
  });

  test("is told all that is wrong with it", async () => {
    const result = await tlsOf(expired, "localhost", { roots: await trusting(stranger.certFile) });
    expect(result.summary).toContain("is not trusted");
    expect(result.details[0]).toStartWith("Also: the certificate expired on ");
  });

  test("gets no token", async () => {
    let calls = 0;
    const info = () => {
      calls++;
      return {};
    };
    using server = await startServer({ identity: expired, info });
    const token = { value: "secret", source: "the URL" };
    const report = await runCheck(`vibectl-server://localhost:${server.port}`, { roots, token });
    expect(outcomes(report).slice(2, 4)).toEqual(["tls failed", "authentication skipped"]);
    expect(calls).toBe(0);
  });
});

describe("a server with TLS that no gRPC client can use", () => {
  test("demands a client certificate", async () => {
    using server = await startServer({ identity: good, clientAuthority: authority });
    const report = await runCheck(`vibectl-server://localhost:${server.port}`, { roots });
    expect(resultOf(report, "tls").summary).toBe("the server demands a client certificate");
  });

  test("speaks versions that are too old", async () => {
    using server = await startTls({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ALPNProtocols: ["h2"] });
    const report = await runCheck(`vibectl-server://localhost:${server.port}`, { roots });
    expect(resultOf(report, "tls").summary).toContain("no TLS newer than TLSv1.1");
  });

  test("offers nothing in ALPN", async () => {
    using server = await startTls({});
    const report = await runCheck(`vibectl-server://localhost:${server.port}`, { roots });
    expect(resultOf(report, "tls").summary).toContain("agrees to no protocol by ALPN");
  });
});

describe("a URL with the wrong scheme", () => {
  test("says plain text, and the server speaks TLS", async () => {
    using server = await startServer({ identity: good });
    const report = await runCheck(`vibectl-server-insecure://localhost:${server.port}`);
    expect(resultOf(report, "tls").summary).toBe("the server speaks TLS, and the URL says plain text");
    expect(resultOf(report, "tls").hint).toContain(`vibectl-server://localhost:${server.port}`);
  });

  test("says TLS, and the server speaks plain text", async () => {
    using server = await startServer();
    const report = await runCheck(`vibectl-server://localhost:${server.port}`, { roots });
    expect(resultOf(report, "tls").summary).toBe("the server speaks plain text, not TLS");
    expect(resultOf(report, "tls").hint).toContain(`vibectl-server-insecure://localhost:${server.port}`);
  });
});
