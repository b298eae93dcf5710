import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { configurationSchema } from "../../../src/config/schema.ts";
import { UnauthenticatedError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/observe/logger.ts";
import { loadClientTrust } from "../../../src/pki/clients/client-trust.ts";
import { ClientTrustKeeper, clientSettings } from "../../../src/server/client-trust-keeper.ts";
import type { OpensslPair } from "../../openssl-ca.ts";
import { later, makeClientAuthorities } from "./client-authorities.ts";

const { first, second, brief, clients, makeCa, place } = makeClientAuthorities();

interface LogRecord {
  level: string;
  msg: string;
  err?: { message: string };
}

function makeLog() {
  const log: LogRecord[] = [];
  const sink = { write: (line: string) => void log.push(JSON.parse(line)) };
  return { log, logger: createLogger({ level: "info", format: "json", colour: false, sink }) };
}

/** A keeper of CAs and a list in files, at a clock that the test moves. */
async function open(ca: string, crl?: string, required = true) {
  const { caFile, crlFile } = place(ca, crl);
  const { log, logger } = makeLog();
  const at = { now: new Date() };
  const trust = await loadClientTrust({ caFile, crlFile, now: at.now });
  const keeper = new ClientTrustKeeper({ caFile, crlFile, required }, trust, logger, () => at.now);
  const presented: string[] = [];
  return {
    keeper,
    log,
    at,
    caFile,
    crlFile: crlFile ?? "",
    presented,
    reload: () => keeper.reload((roots) => void presented.push(roots)),
    objectionTo: ({ cert }: OpensslPair) => keeper.identification.objectionTo([new X509Certificate(cert)]),
  };
}

describe("the clients' CAs", () => {
  test("are loaded at the start, and say who is a client", async () => {
    const { keeper, objectionTo } = await open(first.cert);
    expect(keeper.roots).toBe(first.cert);
    expect(objectionTo(clients.alice)).toBeUndefined();
    expect(objectionTo(clients.bob)).toContain("is of no CA that is trusted");
    expect(keeper.identification.subjectOf([new X509Certificate(clients.alice.cert)])).toBe("alice");
  });

  test.each([true, false])("are required of every client or not: %p", async (required) => {
    expect((await open(first.cert, undefined, required)).keeper.identification.required).toBe(required);
  });

  test("that have changed are presented to new handshakes, and count from then on", async () => {
    const { keeper, log, caFile, presented, reload, objectionTo } = await open(first.cert);
    const { identification } = keeper;
    writeFileSync(caFile, second.cert);
    expect(presented).toEqual([]);
    await reload();
    expect(presented).toEqual([second.cert]);
    expect(keeper.roots).toBe(second.cert);
    expect(objectionTo(clients.bob)).toBeUndefined();
    expect(objectionTo(clients.alice)).toContain("is of no CA that is trusted");
    // The calls of connections that were open before are told by the same object.
    expect(identification.objectionTo([new X509Certificate(clients.alice.cert)])).toContain("no CA that is trusted");
    expect(log).toEqual([expect.objectContaining({ level: "info", msg: expect.stringContaining("loaded anew") })]);
  });

  test("tell of what is worth a warning when they are loaded anew", async () => {
    const { keeper, log, caFile, reload } = await open(first.cert);
    writeFileSync(caFile, first.cert + brief.cert);
    await reload();
    const warning = expect.stringMatching(/^The client CA CN=brief in .* expired on /);
    expect(log.filter(({ level }) => level === "warning").map(({ msg }) => msg)).toEqual([warning]);
    expect(keeper.roots).toBe(first.cert);
  });

  test.each<[what: string, spoil: (caFile: string) => void]>([
    ["damaged", (caFile) => writeFileSync(caFile, "damaged")],
    ["half-written", (caFile) => writeFileSync(caFile, second.cert.slice(0, 300))],
    ["empty", (caFile) => writeFileSync(caFile, "")],
    ["gone", (caFile) => rmSync(caFile)],
    ["a client's certificate", (caFile) => writeFileSync(caFile, clients.bob.cert)],
    ["expired", (caFile) => writeFileSync(caFile, brief.cert)],
  ])("whose file is %s leave those of before in force, and the log says why", async (_, spoil) => {
    const { keeper, log, caFile, presented, reload, objectionTo } = await open(first.cert);
    spoil(caFile);
    await reload();
    expect(presented).toEqual([]);
    expect(keeper.roots).toBe(first.cert);
    expect(objectionTo(clients.alice)).toBeUndefined();
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({ level: "error", msg: expect.stringContaining("those of before stay in force") });
    expect(log[0]?.err?.message).toContain(caFile);
    writeFileSync(caFile, second.cert);
    await reload();
    expect(presented).toEqual([second.cert]);
  });

  test("that can't be presented leave everything as it was", async () => {
    const { keeper, log, caFile, objectionTo } = await open(first.cert);
    writeFileSync(caFile, second.cert);
    await keeper.reload(() => {
      throw new Error("the listener says no");
    });
    expect(keeper.roots).toBe(first.cert);
    expect(objectionTo(clients.alice)).toBeUndefined();
    expect(log.map(({ level, err }) => [level, err?.message])).toEqual([["error", "the listener says no"]]);
  });

  test("are held against the clock at each call", async () => {
    const { at, objectionTo } = await open(first.cert);
    at.now = later(20);
    expect(objectionTo(clients.alice)).toBeUndefined();
    at.now = later(30);
    expect(objectionTo(clients.alice)).toContain("expired on");
  });
});

describe("their revocation list", () => {
  const makeClients = () => {
    const ca = makeCa();
    return { ca, alice: ca.issue("alice"), bob: ca.issue("bob") };
  };

  test("takes effect when it has changed", async () => {
    const { ca, alice, bob } = makeClients();
    const { log, crlFile, presented, reload, objectionTo } = await open(ca.cert, ca.crl());
    expect([alice, bob].map(objectionTo)).toEqual([undefined, undefined]);
    ca.revoke(alice);
    writeFileSync(crlFile, ca.crl());
    expect(objectionTo(alice)).toBeUndefined();
    await reload();
    expect(objectionTo(alice)).toMatch(/was revoked on .* \(keyCompromise\)$/);
    expect(objectionTo(bob)).toBeUndefined();
    expect(presented).toEqual([ca.cert]);
    expect(log.map(({ level }) => level)).toEqual(["info"]);
  });

  test.each<[what: string, spoil: (crlFile: string) => void]>([
    ["damaged", (crlFile) => writeFileSync(crlFile, "damaged")],
    ["another CA's", (crlFile) => writeFileSync(crlFile, second.crl())],
    ["gone", (crlFile) => rmSync(crlFile)],
  ])("that is %s leaves the one of before in force", async (_, spoil) => {
    const { ca, alice, bob } = makeClients();
    ca.revoke(alice);
    const { log, crlFile, presented, reload, objectionTo } = await open(ca.cert, ca.crl());
    spoil(crlFile);
    await reload();
    expect(presented).toEqual([]);
    expect(objectionTo(alice)).toContain("was revoked on");
    expect(objectionTo(bob)).toBeUndefined();
    expect(log.map(({ level }) => level)).toEqual(["error"]);
    expect(log[0]?.err?.message).toContain(crlFile);
  });

  test("is not trusted any longer than it says", async () => {
    const { ca, bob } = makeClients();
    const { at, objectionTo } = await open(ca.cert, ca.crl({ nextUpdate: later(2) }));
    expect(objectionTo(bob)).toBeUndefined();
    at.now = later(3);
    expect(objectionTo(bob)).toContain("ran out on");
  });
});

test("a certificate without a name is nobody's", async () => {
  const { keeper } = await open(first.cert);
  const nameless = new X509Certificate(first.issue("nameless", { subject: "/O=Example" }).cert);
  expect(() => keeper.identification.subjectOf([nameless])).toThrow(UnauthenticatedError);
});

describe("the settings", () => {
  const settingsOf = (tls: object) => clientSettings(configurationSchema.parse({ tls }).tls);
  const [client_ca_file, client_crl_file] = ["/etc/clients.crt", "/etc/clients.crl"];
  const files = { caFile: client_ca_file, crlFile: undefined };

  test.each([
    ["nothing is set", {}, undefined],
    ["it is switched off", { client_auth: "none" }, undefined],
    ["there is a CA", { client_ca_file }, { ...files, required: true }],
    ["a certificate is required", { client_ca_file, client_auth: "require" }, { ...files, required: true }],
    ["a certificate is requested", { client_ca_file, client_auth: "request" }, { ...files, required: false }],
    [
      "there is a list too",
      { client_ca_file, client_crl_file },
      { caFile: client_ca_file, crlFile: client_crl_file, required: true },
    ],
    ["it is switched off beside a CA", { client_ca_file, client_auth: "none" }, undefined],
  ])("when %s", (_, tls, expected) => {
    expect(settingsOf(tls)).toEqual(expected);
  });
});
