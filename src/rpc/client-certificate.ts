import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** What a client showed of itself in the TLS handshake. */
export type ClientCertificate =
  | {
      readonly verified: true;
      /**
       * The leaf first, then what the runtime takes for its issuer, and so on. The runtime goes by names, and the client
       * may have sent certificates to mislead it: only the leaf is proven to be what the server's CAs vouch for.
       */
      readonly chain: readonly [X509Certificate, ...X509Certificate[]];
    }
  | {
      readonly verified: false;
      /** Why, for the log: it names the certificate where it is known. */
      readonly reason: string;
    };

/** More certificates than any chain has: the runtime's links could lead round in circles. */
const longestChain = 10;

/** By HTTP/2 session: reading a certificate costs 150 µs, and every call asks for it. */
const known = new WeakMap<object, { readonly certificate: ClientCertificate | undefined }>();

/**
 * The certificate that the client showed when it connected.
 *
 * @param wire - grpc-js's call.
 * @returns Undefined when it showed none, and where the connection is in plain text.
 * @throws TypeError when grpc-js or the runtime is not built as it was: nobody must pass for somebody without a
 * certificate then.
 */
export function clientCertificateOf(wire: object): ClientCertificate | undefined {
  const session = sessionOf(wire);
  const socket = objectAt(session, "socket");
  if (session === undefined || socket === undefined) {
    return { verified: false, reason: "the client's connection is gone" };
  }
  let entry = known.get(session);
  if (entry === undefined) {
    // What plain text comes through shows no certificates; of anything else it must be known how it does.
    const plain = Reflect.get(session, "encrypted") === false;
    entry = { certificate: plain ? undefined : readCertificate(socket) };
    known.set(session, entry);
  }
  return entry.certificate;
}

/**
 * Ends the connection that a call came in through when its last call has ended; the client opens another for its next.
 *
 * @param wire - grpc-js's call.
 */
export function retireConnectionOf(wire: object): void {
  const session = sessionOf(wire);
  const close: unknown = session && Reflect.get(session, "close");
  if (typeof close === "function") {
    close.call(session);
  }
}

function readCertificate(socket: object): ClientCertificate | undefined {
  if (!isTlsSocket(socket)) {
    throw new TypeError("the runtime's socket does not tell its peer's certificate");
  }
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) {
    return undefined;
  }
  if (!socket.authorized) {
    const name = `${leaf.subject.replaceAll("\n", ", ")}, serial ${leaf.serialNumber}`;
    return { verified: false, reason: `the client certificate (${name}) is not accepted: ${errorOf(socket)}` };
  }
  return { verified: true, chain: chainOf(leaf) };
}

function chainOf(leaf: X509Certificate): [X509Certificate, ...X509Certificate[]] {
  const chain: [X509Certificate, ...X509Certificate[]] = [leaf];
  let issuer = leaf.issuerCertificate;
  while (issuer !== undefined && chain.length < longestChain) {
    chain.push(issuer);
    issuer = issuer.issuerCertificate;
  }
  return chain;
}

/** The types say an error; the runtime gives the code of OpenSSL's verifier. */
function errorOf(socket: TLSSocket): string {
  const error: unknown = socket.authorizationError;
  return error instanceof Error ? error.message : String(error);
}

/** The session gives a proxy for its socket, which has properties that `in` does not see. */
function isTlsSocket(socket: object): socket is TLSSocket {
  return typeof Reflect.get(socket, "getPeerX509Certificate") === "function";
}

/**
 * The HTTP/2 session below a call. grpc-js shows a certificate only when it was verified, and reads it anew for each
 * call; its own fields lead to where it comes from.
 *
 * @returns Undefined when the connection or the call is gone.
 * @throws TypeError when grpc-js is not built as it was.
 */
function sessionOf(wire: object): object | undefined {
  let call = objectAt(wire, "call");
  // Each interceptor is a call around the next one.
  while (call !== undefined && !("stream" in call)) {
    call = objectAt(call, "nextCall");
  }
  if (call === undefined) {
    throw new TypeError("grpc-js's call has no HTTP/2 stream where it used to be");
  }
  return objectAt(objectAt(call, "stream"), "session");
}

function objectAt(owner: object | undefined, name: string): object | undefined {
  const value: unknown = owner === undefined ? undefined : Reflect.get(owner, name);
  return typeof value === "object" && value !== null ? value : undefined;
}
