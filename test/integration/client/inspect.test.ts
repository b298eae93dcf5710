import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { type InspectServerOptions, inspectServer } from "../../../src/client/inspect-server.ts";
import { parseServerUrl } from "../../../src/client/server-url.ts";
import { loadRoots } from "../../../src/client/trust.ts";
import { CheckError } from "../../../src/errors.ts";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { oddCertificates } from "../../unit/pki/inspection/odd-certificates.ts";
import { startTcp, startTls } from "./tls-server.ts";

const folder = temporaryFolder();
const { make } = oddCertificates();
const dayMs = 86_400_000;
const fromNow = (days: number) => new Date(Date.now() + days * dayMs);

const root = new OpensslCa(folder, "A root");
const intermediate = new OpensslCa(folder, "An intermediate", { issuer: root });
// A key whose usage is to sign certificates alone can serve no TLS.
const itself = new OpensslCa(folder, "Itself", { extensions: [] });
const extensions = ["subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "extendedKeyUsage=serverAuth"];
const good = intermediate.issue("good", { extensions, notAfter: fromNow(60) });
const expired = root.issue("expired", { extensions, notBefore: fromNow(-9), notAfter: fromNow(-2) });
const [rootText, intermediateText] = [root.cert, intermediate.cert];
const chained = { cert: good.cert + intermediateText, key: good.key };
const roots = await loadRoots({ caBundle: root.certFile, environment: {} });

function inspect({ port }: { port: number }, options: Partial<InspectServerOptions> = {}, host = "localhost") {
  return inspectServer(parseServerUrl(`vibectl-server://${host}:${port}`), { roots, now: new Date(), ...options });
}

function subjectsOf({ certificates }: Awaited<ReturnType<typeof inspect>>): string[] {
  return certificates.map((der) => new X509Certificate(der).subject);
}

async function failureOf(action: Promise<unknown>): Promise<CheckError> {
  const error = await action.catch((thrown: unknown) => thrown);
  if (!(error instanceof CheckError)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  return error;
}

describe("a server is looked at", () => {
  test("that sends its certificate with the intermediate, and is sent nothing", async () => {
    using server = await startTls(chained);
    const found = await inspect(server);
    expect(subjectsOf(found)).toEqual(["CN=good", "CN=An intermediate"]);
    expect(found).toMatchObject({
      authority: `localhost:${server.port}`,
      address: "127.0.0.1",
      version: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      alpn: "h2",
      verdict: { verified: true, coversHost: true, reasons: [], roots: root.certFile },
    });
    expect(server.heard).toEqual([]);
  });

  test.each<[string, string, string[]]>([
    ["the root too", chained.cert + rootText, ["CN=good", "CN=An intermediate", "CN=A root"]],
    ["them in another order", good.cert + rootText + intermediateText, ["CN=good", "CN=A root", "CN=An intermediate"]],
    ["its own alone", good.cert, ["CN=good"]],
  ])("that sends %s, and what it sends is told as it is", async (_, cert, subjects) => {
    using server = await startTls({ cert, key: good.key });
    expect(subjectsOf(await inspect(server))).toEqual(subjects);
  });

  test("that does not send its intermediate, and so is not verified", async () => {
    using server = await startTls(good);
    const { verdict } = await inspect(server);
    expect(verdict).toMatchObject({ verified: false, coversHost: true, hint: expect.stringContaining("intermediate") });
    expect(verdict.reasons).toEqual([expect.stringContaining("issuer, CN=An intermediate, is not trusted by")]);
  });

  test("that signed its certificate itself, for another host", async () => {
    using server = await startTls({ cert: itself.cert, key: itself.key });
    const others = await loadRoots({ caBundle: intermediate.certFile, environment: {} });
    const { verdict, certificates } = await inspect(server, { roots: others });
    expect(certificates).toHaveLength(1);
    expect(verdict).toMatchObject({ verified: false, coversHost: false });
    expect(verdict.reasons).toEqual([
      expect.stringContaining("is self-signed, and not in"),
      "the certificate does not cover localhost; it is for no host",
    ]);
  });

  test("whose certificate has expired", async () => {
    using server = await startTls(expired);
    const { verdict } = await inspect(server);
    expect(verdict).toMatchObject({ verified: false, coversHost: true });
    expect(verdict.reasons).toEqual([expect.stringContaining("the certificate expired on")]);
  });

  test("whose certificate has an extension that is garbage", async () => {
    const { text, keyFile } = make({ extensions: ["subjectAltName=DER:05:00"] });
    using server = await startTls({ cert: text, key: readFileSync(keyFile) });
    const { verdict, certificates } = await inspect(server);
    expect(certificates).toEqual([new X509Certificate(text).raw]);
    expect(verdict).toMatchObject({
      verified: false,
      coversHost: false,
      reasons: [expect.stringMatching(/refused: ERR_SSL/)],
    });
  });

  test.each(["127.0.0.1", "localhost"])("when dialled as %s", async (host) => {
    using server = await startTls(chained);
    expect((await inspect(server, {}, host)).verdict.verified).toBe(true);
  });

  test.each([
    ["TLSv1.2", "TLSv1.2"],
    ["TLSv1.1", "TLSv1"],
  ] as const)("that speaks %s at most", async (maxVersion, minVersion) => {
    using server = await startTls({ ...chained, maxVersion, minVersion });
    const found = await inspect(server);
    expect(found).toMatchObject({ version: maxVersion, verdict: { verified: true } });
    expect(subjectsOf(found)).toEqual(["CN=good", "CN=An intermediate"]);
  });

  test.each([[["http/1.1"]], [["http/1.1", "h2"]]])("that speaks %p", async (ALPNProtocols) => {
    using server = await startTls({ ...chained, ALPNProtocols });
    expect(ALPNProtocols).toContain((await inspect(server)).alpn ?? "nothing");
  });

  test.each([
    ["TLSv1.3", true],
    ["TLSv1.2", undefined],
  ] as const)("that demands a client certificate by %s", async (maxVersion, verified) => {
    using server = await startTls({
      ...chained,
      maxVersion,
      requestCert: true,
      rejectUnauthorized: true,
      ca: rootText,
    });
    const found = await inspect(server);
    expect(subjectsOf(found)).toEqual(["CN=good", "CN=An intermediate"]);
    expect(found.verdict).toMatchObject({ verified, coversHost: true });
    if (verified === undefined) expect(found.verdict.hint).toContain("client certificate");
  });
});

describe("it is told what is there in place of a server with TLS:", () => {
  test.each<[string, (socket: Socket) => void, string]>([
    [
      "one that speaks HTTP/1.1",
      (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      "speaks HTTP/1.1 in plain text",
    ],
    ["one that greets", (socket) => socket.write("SSH-2.0-x\u001b[2J\r\n"), "else than TLS (it said: SSH-2.0-x[2J)"],
    ["one that closes at once", (socket) => socket.destroy(), "broke off the TLS handshake (ECONNRESET)"],
  ])("%s", async (_, greet, found) => {
    using server = await startTcp(greet);
    const { message } = await failureOf(inspect(server));
    expect(message).toStartWith(`localhost:${server.port}: it `);
    expect(message).toContain(found);
  });

  test("one that speaks HTTP/2 in plain text", async () => {
    using server = await startTcp((socket) => socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])));
    expect((await failureOf(inspect(server))).message).toContain("speaks HTTP/2 in plain text, not TLS");
  });

  test("one that says nothing, whose connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    using server = await startTcp((socket) => socket.on("close", () => closed.resolve()).resume());
    const { message } = await failureOf(inspect(server, { timeoutMs: 80 }));
    expect(message).toBe(`localhost:${server.port}: no answer within 80 ms`);
    await closed.promise;
  });

  test("nothing", async () => {
    const server = await startTcp(() => undefined);
    server[Symbol.dispose]();
    const { message } = await failureOf(inspect(server, {}, "127.0.0.1"));
    expect(message).toBe(
      `127.0.0.1:${server.port}: nothing listens on port ${server.port} (127.0.0.1: connection refused)`,
    );
  });

  test("a name that nobody knows", async () => {
    const { message } = await failureOf(inspect({ port: 443 }, {}, "nonexistent.invalid"));
    expect(message).toStartWith("nonexistent.invalid:443: the name nonexistent.invalid ");
  });

  test("a server that is given up", async () => {
    using server = await startTcp((socket) => socket.resume());
    const reason = new Error("enough");
    await expect(inspect(server, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
