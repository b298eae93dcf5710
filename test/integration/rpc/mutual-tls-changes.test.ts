import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { CertificateError } from "../../../src/errors.ts";
import { createRpcServer } from "../../../src/rpc/server.ts";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { chunkOf, llmService, streamExecute as streamMethod } from "./llm-service.ts";
import {
  curl,
  emptyBody,
  hourMs,
  identityOf,
  keepConnection,
  loadTrust,
  makeCertificates,
  serveMutual,
} from "./mutual-tls.ts";
import { callRaw, pathOf, serve } from "./support.ts";

const certificates = makeCertificates(temporaryFolder());
const { root, good, bad, other, server: pair, clients, place, crlFile } = certificates;
const trust = await loadTrust(root.certFile, crlFile);
const otherTrust = await loadTrust(other.certFile);

describe("while the server runs", () => {
  test("other CAs count for new connections at once, and for calls on old ones", async () => {
    const server = await serveMutual(certificates, { trust, required: true });
    const kept = keepConnection(certificates, server.port, clients.alice);
    expect(await kept.call()).toBe("alice by certificate");
    expect(await curl(certificates, server.port, clients.foreign)).toBe("no connection");

    server.replaceTrust(otherTrust);
    expect(await curl(certificates, server.port, clients.foreign)).toBe("alice by certificate");
    expect(await curl(certificates, server.port, clients.alice)).toBe("no connection");
    expect(await kept.call()).toBe("UNAUTHENTICATED");
    expect(server.reasons).toEqual([
      expect.stringMatching(/^the client certificate \(CN=alice, .*no CA that is trusted/),
    ]);
    await kept.closed;

    server.replaceTrust(trust);
    expect(await curl(certificates, server.port, clients.alice)).toBe("alice by certificate");
  });

  test("another certificate of the server changes nothing about the clients'", async () => {
    const { server, port } = await serveMutual(certificates, { trust, required: true });
    server.updateTls({ identity: identityOf(pair) });
    expect(await curl(certificates, port, undefined)).toBe("no connection");
    expect(await curl(certificates, port, clients.foreign)).toBe("no connection");
    expect(await curl(certificates, port, clients.alice, { maxVersion: "1.2" })).toBe("no connection");
    expect(await curl(certificates, port, clients.alice)).toBe("alice by certificate");
  });

  test("CAs that can't be used are refused, and those of before stay", async () => {
    const { server, port } = await serveMutual(certificates, { trust, required: true });
    for (const clientRoots of ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]) {
      const clients = { roots: clientRoots, required: true };
      const identity = identityOf(pair);
      expect(() => server.updateTls({ identity, clientRoots })).toThrow(CertificateError);
      expect(() => createRpcServer({ services: [], tls: { identity, clients } })).toThrow(CertificateError);
    }
    expect(await curl(certificates, port, clients.alice)).toBe("alice by certificate");
    expect(await curl(certificates, port, clients.foreign)).toBe("no connection");
  });

  test("a server that asks for no certificates can't be given CAs for them", async () => {
    const identity = identityOf(pair);
    const { server } = await serve({ services: [llmService()], tls: { identity } });
    expect(() => server.updateTls({ identity, clientRoots: root.cert })).toThrow(TypeError);
  });

  test("a certificate that is revoked is refused on a connection that is open, which then closes", async () => {
    const server = await serveMutual(certificates, { trust, required: true });
    const dora = root.issue("dora");
    const kept = keepConnection(certificates, server.port, dora);
    expect(await kept.call()).toBe("dora by certificate");
    root.revoke(dora, "superseded");
    server.replaceTrust(await loadTrust(root.certFile, place("dora.crl", root.crl())));
    expect(await kept.call()).toBe("UNAUTHENTICATED");
    expect(server.reasons).toEqual([
      expect.stringMatching(/CN=dora, serial [0-9A-F]+\) was revoked on .* \(superseded\)$/),
    ]);
    await kept.closed;
  });

  test("a certificate that expires is refused on a connection that is open, which then closes", async () => {
    const server = await serveMutual(certificates, { trust, required: true });
    const kept = keepConnection(certificates, server.port, clients.alice);
    expect(await kept.call()).toBe("alice by certificate");
    server.now = new Date(Date.now() + 48 * hourMs);
    expect(await kept.call()).toBe("UNAUTHENTICATED");
    expect(server.reasons).toEqual([expect.stringContaining("expired on")]);
    await kept.closed;
  });

  test("a call that runs when the certificate of its connection ceases to count may finish", async () => {
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    async function* streamExecute() {
      started.resolve();
      await gate.promise;
      yield chunkOf("late");
    }
    const server = await serveMutual(certificates, { trust, required: true, methods: { streamExecute } });
    const { session, call, closed } = keepConnection(certificates, server.port, clients.alice);
    const running = callRaw(session, pathOf(streamMethod), emptyBody);
    await started.promise;
    server.replaceTrust(otherTrust);
    expect(await call()).toBe("UNAUTHENTICATED");
    expect(await call()).toBe("no connection");
    gate.resolve();
    expect(await running).toBe(0);
    await closed;
  });

  test("a revocation list that runs out lets nobody in any more", async () => {
    const nextUpdate = new Date(Date.now() + hourMs);
    const short = await loadTrust(root.certFile, place("short.crl", root.crl({ nextUpdate })));
    const server = await serveMutual(certificates, { trust: short, required: true });
    expect(await curl(certificates, server.port, clients.alice)).toBe("alice by certificate");
    server.now = new Date(Date.now() + 2 * hourMs);
    expect(await curl(certificates, server.port, clients.alice)).toBe("UNAUTHENTICATED");
    expect(server.reasons).toEqual([expect.stringMatching(/can't be checked: .* CN=root ran out on/)]);
  });
});

describe.each(["TLSv1.2", "TLSv1.3"] as const)("a session of %s that is resumed", (maxVersion) => {
  const options = { minVersion: "TLSv1.2", trust } as const;

  test("keeps its certificate, and what is held against it", async () => {
    const server = await serveMutual(certificates, { ...options, required: true });
    for (const [client, outcome] of [
      [clients.alice, "alice by certificate"],
      [clients.revoked, "UNAUTHENTICATED"],
    ] as const) {
      const first = keepConnection(certificates, server.port, client, { maxVersion });
      expect(await first.call()).toBe(outcome);
      const resumed = keepConnection(certificates, server.port, {}, { maxVersion, session: await first.ticket });
      expect(await resumed.call()).toBe(outcome);
      expect(resumed.socket.isSessionReused()).toBe(true);
    }
  });

  test("stays without a certificate that counts where it had none", async () => {
    const { port } = await serveMutual(certificates, { ...options, required: false });
    const first = keepConnection(certificates, port, clients.foreign, { maxVersion });
    expect(await first.call()).toBe("UNAUTHENTICATED");
    const resumed = keepConnection(certificates, port, clients.alice, { maxVersion, session: await first.ticket });
    expect(await resumed.call()).toBe("UNAUTHENTICATED");
    expect(resumed.socket.isSessionReused()).toBe(true);
  });

  test("is not resumed after the CAs were replaced", async () => {
    const server = await serveMutual(certificates, { ...options, required: false });
    const first = keepConnection(certificates, server.port, clients.alice, { maxVersion });
    expect(await first.call()).toBe("alice by certificate");
    const session = await first.ticket;
    server.replaceTrust(otherTrust);
    const resumed = keepConnection(certificates, server.port, clients.alice, { maxVersion, session });
    expect(await resumed.call()).toBe("UNAUTHENTICATED");
    expect(resumed.socket.isSessionReused()).toBe(false);
  });
});

describe("a client that sends certificates which do not belong to its chain", () => {
  // It bears the name and the key identifier of the revoked CA, and nobody whom the server trusts has signed it.
  const keyIdentifier = /keyid:|(?:[0-9A-F]{2}:){19}[0-9A-F]{2}/.exec(
    Bun.spawnSync(["openssl", "x509", "-in", bad.certFile, "-noout", "-ext", "subjectKeyIdentifier"]).stdout.toString(),
  )?.[0];
  const impostor = new OpensslCa(other.folder, "impostor", {
    issuer: other,
    subject: "/CN=bad",
    extensions: ["keyUsage=keyCertSign", `subjectKeyIdentifier=${keyIdentifier}`],
  });
  const carol = bad.issue("carol-2");

  test("can't hide that its CA is revoked", async () => {
    expect(new X509Certificate(carol.cert).checkIssued(new X509Certificate(impostor.cert))).toBe(true);
    const both = await loadTrust(place("both.crt", root.cert + bad.cert), crlFile);
    const server = await serveMutual(certificates, { trust: both, required: true });
    for (const cert of [carol.cert + impostor.cert, carol.cert + impostor.cert + bad.cert, carol.cert]) {
      expect(await keepConnection(certificates, server.port, { ...carol, cert }).call()).toBe("UNAUTHENTICATED");
      expect(server.reasons.pop()).toContain("was issued by a CA (CN=bad, serial");
    }
  });

  test("is served where its chain is among them", async () => {
    const server = await serveMutual(certificates, { trust, required: true });
    const cert = clients.bob.cert + impostor.cert + other.cert;
    expect(await keepConnection(certificates, server.port, { ...clients.bob, cert }).call()).toBe("bob by certificate");
  });
});

test("an intermediate can be trusted without its root, and then its clients only", async () => {
  const server = await serveMutual(certificates, { trust: await loadTrust(good.certFile), required: true });
  expect(await curl(certificates, server.port, clients.bob)).toBe("bob by certificate");
  expect(await curl(certificates, server.port, clients.alice)).toBe("no connection");
});
