import type { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { systemCodeOf } from "../errors.ts";
import type { Roots } from "./trust.ts";

/** Whom a handshake is with, and who vouches for them. */
export interface Handshake {
  /** The DNS name or IP address that the certificate must cover. */
  readonly host: string;
  readonly roots: Roots;
}

/** What a server showed in its handshake. */
export interface Peer {
  /** Such as `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** What was agreed by ALPN (RFC 7301); undefined when nothing was. */
  readonly alpn: string | undefined;
  readonly leaf: X509Certificate;
  /** Why the chain or the name was refused; undefined when it was not. */
  readonly refusal: string | undefined;
}

// A name is sent, an address never is (RFC 6066, section 3), and Bun throws where one is given.
function options(socket: Socket, host: string): ConnectionOptions {
  const name = isIP(host) === 0 ? { servername: host } : {};
  return { socket, host, ALPNProtocols: ["h2"], ...name };
}

function shake(connectionOptions: ConnectionOptions, signal?: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.destroy();
      reject(signal?.reason);
    };
    const socket = connect(connectionOptions, () => {
      signal?.removeEventListener("abort", abort);
      resolve(socket);
    });
    socket.on("error", (error) => {
      signal?.removeEventListener("abort", abort);
      reject(error);
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/**
 * Encrypts a connection, and verifies the server's chain and name.
 *
 * @param socket - Connected, and closed when this fails.
 * @throws The error of Node or OpenSSL that says why the handshake failed; the signal's reason.
 */
export async function openTls(socket: Socket, handshake: Handshake, signal?: AbortSignal): Promise<TLSSocket> {
  try {
    const secureContext = handshake.roots.context;
    return await shake({ ...options(socket, handshake.host), secureContext, rejectUnauthorized: true }, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Looks at what a server shows whose handshake was refused, to say why. It takes any certificate and old versions, so
 * not a byte is sent over it: it is closed as soon as the handshake is through.
 *
 * @param socket - Connected; closed afterwards.
 * @throws The error of Node or OpenSSL when there is no handshake at all; the signal's reason.
 */
export async function inspectTls(socket: Socket, handshake: Handshake, signal: AbortSignal): Promise<Peer> {
  try {
    // Roots are given by themselves, because beside a context Bun disregards `minVersion`.
    const ca = [...handshake.roots.certificates];
    const lenient: ConnectionOptions = { ca, rejectUnauthorized: false, minVersion: "TLSv1" };
    return describePeer(await shake({ ...options(socket, handshake.host), ...lenient }, signal));
  } finally {
    socket.destroy();
  }
}

/** What the server showed on a connection. */
export function describePeer(socket: TLSSocket): Peer {
  const leaf = socket.getPeerX509Certificate();
  // A server can only do without one by suites that no context here offers.
  if (leaf === undefined) throw new TypeError("the server showed no certificate");
  // Node types it as an Error, and both runtimes put the error's code there.
  const refusal: unknown = socket.authorizationError;
  return {
    version: socket.getProtocol() ?? "unknown version",
    cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol || undefined,
    leaf,
    refusal: socket.authorized ? undefined : String(refusal),
  };
}

/**
 * Whether a server speaks TLS, be it with any certificate or with a complaint. Nothing is sent beyond the handshake.
 *
 * @param socket - Connected; closed afterwards.
 */
export async function speaksTls(socket: Socket, host: string, signal: AbortSignal): Promise<boolean> {
  try {
    await shake({ ...options(socket, host), rejectUnauthorized: false }, signal);
    return true;
  } catch (error) {
    return /^ERR_SSL_.*(ALERT|UNSUPPORTED_PROTOCOL)/.test(systemCodeOf(error) ?? "");
  } finally {
    socket.destroy();
  }
}
