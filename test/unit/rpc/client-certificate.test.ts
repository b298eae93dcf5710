import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { clientCertificateOf, retireConnectionOf } from "../../../src/rpc/client-certificate.ts";

const leaf = new X509Certificate(rootCertificates[0] ?? "");

/** A grpc-js call as far as it is looked at, on a session. */
const callOn = (session: object | undefined) => ({ call: { stream: { session } } });

function tlsSession(socket: object) {
  return { encrypted: true, socket: { authorized: true, getPeerX509Certificate: () => leaf, ...socket } };
}

test("a connection in plain text shows no certificate", () => {
  expect(clientCertificateOf(callOn({ encrypted: false, socket: {} }))).toBeUndefined();
});

test("a client that was not asked, or showed nothing, has no certificate", () => {
  expect(clientCertificateOf(callOn(tlsSession({ getPeerX509Certificate: () => undefined })))).toBeUndefined();
});

test("a certificate is read once for all calls of a connection", () => {
  let reads = 0;
  const getPeerX509Certificate = () => {
    reads++;
    return leaf;
  };
  const session = tlsSession({ getPeerX509Certificate });
  const [first, second] = [callOn(session), callOn(session)].map(clientCertificateOf);
  expect(first).toEqual({ verified: true, chain: [leaf] });
  expect(second).toBe(first);
  expect(reads).toBe(1);
});

test("a certificate that was not verified is named with the reason", () => {
  const unverified = tlsSession({ authorized: false, authorizationError: "CERT_HAS_EXPIRED" });
  expect(clientCertificateOf(callOn(unverified))).toEqual({
    verified: false,
    reason: expect.stringMatching(
      /^the client certificate \(.*, serial [0-9A-F]+\) is not accepted: CERT_HAS_EXPIRED$/,
    ),
  });
});

test("a certificate is found below interceptors", () => {
  const { call } = callOn(tlsSession({}));
  expect(clientCertificateOf({ call: { nextCall: { nextCall: call } } })).toMatchObject({ verified: true });
});

test("a connection that is gone has no verified certificate", () => {
  for (const session of [undefined, { encrypted: true }, { encrypted: false, socket: null }]) {
    expect(clientCertificateOf(callOn(session))).toEqual({
      verified: false,
      reason: "the client's connection is gone",
    });
  }
});

test("where grpc-js or the runtime is built in another way, nobody passes for somebody without a certificate", () => {
  for (const wire of [{}, { call: {} }, { call: { nextCall: null } }]) {
    expect(() => clientCertificateOf(wire)).toThrow(TypeError);
  }
  expect(() => clientCertificateOf(callOn({ encrypted: true, socket: {} }))).toThrow(TypeError);
  expect(() => clientCertificateOf(callOn({ socket: {} }))).toThrow(TypeError);
});

test("retiring a connection closes its session, where there still is one", () => {
  let closed = 0;
  retireConnectionOf(callOn({ close: () => closed++ }));
  retireConnectionOf(callOn(undefined));
  expect(closed).toBe(1);
});
