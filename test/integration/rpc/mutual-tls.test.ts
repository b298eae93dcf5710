import { describe, expect, test } from "bun:test";
import { UnauthenticatedError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { curl, loadTrust, makeCertificates, serveMutual } from "./mutual-tls.ts";

const certificates = makeCertificates(temporaryFolder());
const { root, clients, crlFile } = certificates;
const trust = await loadTrust(root.certFile, crlFile);

type Client = keyof typeof clients | undefined;

const verify = async (token: string) => {
  if (token === "expired") throw new UnauthenticatedError("the token has expired");
  return { subject: token };
};

const versions = ["1.2", "1.3"] as const;

/** What comes of each certificate where one is required, where one is asked for, and why. */
const outcomes: readonly [client: Client, required: string, requested: string, reason: string | undefined][] = [
  [undefined, "no connection", "nobody", undefined],
  ["alice", "alice by certificate", "alice by certificate", undefined],
  ["without a purpose", "unbound by certificate", "unbound by certificate", undefined],
  ["bob", "bob by certificate", "bob by certificate", undefined],
  ["foreign", "no connection", "UNAUTHENTICATED", "(CN=alice, serial "],
  ["expired", "no connection", "UNAUTHENTICATED", "CERT_HAS_EXPIRED"],
  ["a server's", "no connection", "UNAUTHENTICATED", "INVALID_PURPOSE"],
  ["without its intermediate", "no connection", "UNAUTHENTICATED", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
  ["revoked", "UNAUTHENTICATED", "UNAUTHENTICATED", "was revoked on"],
  ["of a revoked CA", "UNAUTHENTICATED", "UNAUTHENTICATED", "was issued by a CA (CN=bad, serial "],
  ["nameless", "UNAUTHENTICATED", "UNAUTHENTICATED", "has neither a common name nor"],
];

describe.each(versions)("over TLS %s", (maxVersion) => {
  test.each(outcomes)("a client with the certificate %p gets %p where one is required", async (client, outcome) => {
    const { port } = await serveMutual(certificates, { trust, required: true, minVersion: "TLSv1.2" });
    expect(await curl(certificates, port, client && clients[client], { maxVersion })).toBe(outcome);
  });

  test.each(outcomes)(
    "a client with the certificate %p gets %p, then %p where one is asked for",
    async (client, _, outcome, reason) => {
      const { port, reasons } = await serveMutual(certificates, { trust, required: false, minVersion: "TLSv1.2" });
      expect(await curl(certificates, port, client && clients[client], { maxVersion })).toBe(outcome);
      expect(reasons).toEqual(reason === undefined ? [] : [expect.stringContaining(reason)]);
    },
  );

  test.each([
    ["alice", "alice", "alice by both"],
    ["bob", "bob", "bob by both"],
    ["alice", undefined, "alice by certificate"],
    [undefined, "alice", "alice by token"],
    [undefined, undefined, "UNAUTHENTICATED"],
    ["alice", "bob", "UNAUTHENTICATED"],
    ["alice", "expired", "UNAUTHENTICATED"],
    ["revoked", "mallory", "UNAUTHENTICATED"],
    ["foreign", "alice", "UNAUTHENTICATED"],
  ] as const)("the certificate %p with the token %p makes the call %p", async (client, token, outcome) => {
    const { port } = await serveMutual(certificates, { trust, required: false, minVersion: "TLSv1.2", verify });
    const sent = token === undefined ? { maxVersion } : { maxVersion, token };
    expect(await curl(certificates, port, client && clients[client], sent)).toBe(outcome);
  });
});

test("TLS 1.2 is refused unless it is chosen, whatever certificate is shown", async () => {
  const { port } = await serveMutual(certificates, { trust, required: true });
  expect(await curl(certificates, port, clients.alice, { maxVersion: "1.2" })).toBe("no connection");
  expect(await curl(certificates, port, clients.alice)).toBe("alice by certificate");
});

test("the log learns which token and certificate don't agree", async () => {
  const { port, reasons } = await serveMutual(certificates, { trust, required: false, verify });
  await curl(certificates, port, clients.bob, { token: "alice" });
  expect(reasons).toEqual(["the token is alice's, the client certificate is bob's"]);
});
