import type { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { describePeer, type Peer } from "./tls-handshake.ts";

/** What a server showed, and what became of the handshake after that. */
export interface Showing {
  readonly peer: Peer;
  /** The server's certificates, its own first. */
  readonly chain: readonly X509Certificate[];
  /** What the server ended the handshake with after it had shown them; undefined when it did not. */
  readonly ended: Error | undefined;
}

/** More than any server sends: the list is followed no further. */
const longestChain = 100;

function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain = [leaf];
  for (let next = leaf.issuerCertificate; next && chain.length < longestChain; next = next.issuerCertificate) {
    chain.push(next);
  }
  return chain;
}

function describe(socket: TLSSocket, ended: Error | undefined): Showing {
  const peer = describePeer(socket);
  return { peer, chain: chainOf(peer.leaf), ended };
}

/**
 * Shakes hands with a server whatever its certificate is. A server that misses the client's certificate has shown its own
 * by then: up to TLS 1.2 it ends the handshake, from TLS 1.3 on only what comes after it.
 *
 * @param socket - Connected; closed afterwards. Nothing is sent beyond the handshake.
 * @param ca - PEM. The chain that is returned ends with the certificate here that issued its last one, sent or not: the
 * runtime adds it.
 * @throws The error of Node or OpenSSL when the server showed no certificate; the signal's reason.
 */
export async function lookAtCertificates(
  socket: Socket,
  host: string,
  ca: readonly string[],
  signal: AbortSignal,
): Promise<Showing> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Roots are given by themselves, because beside a context Bun disregards `minVersion`.
  const lenient: ConnectionOptions = { ca: [...ca], rejectUnauthorized: false, minVersion: "TLSv1" };
  const { promise, resolve, reject } = Promise.withResolvers<Showing>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const secured = connect({ socket, host, ALPNProtocols: ["h2", "http/1.1"], ...name, ...lenient });
    secured.once("secureConnect", () => resolve(Promise.try(describe, secured, undefined)));
    secured.on("error", (error) => {
      if (secured.getPeerX509Certificate() === undefined) reject(error);
      else resolve(Promise.try(describe, secured, error));
    });
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}
