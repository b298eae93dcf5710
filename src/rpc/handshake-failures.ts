import type { EventEmitter } from "node:events";
import { Socket } from "node:net";
import type { Server } from "@grpc/grpc-js";
import { systemCodeOf } from "../errors.ts";
import { formatPeer } from "./peer.ts";

/** A connection that ended before it carried a call. */
export interface HandshakeFailure {
  /** The caller's address as `host:port`, an IPv6 host in brackets; undefined where the connection is gone already. */
  readonly peer: string | undefined;
  /** The runtime's name of what went wrong, such as `CERT_HAS_EXPIRED`. */
  readonly code: string;
  /** Whether the client's certificate was refused, or missing where one is required. */
  readonly certificate: boolean;
}

/** Of a certificate the verifier's codes tell, such as `INVALID_PURPOSE`; those of TLS and of the system look otherwise. */
const otherCode = /^(ERR_.*|E[A-Z]+)$/;
const missingCertificate = "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";

function peerOf(socket: unknown): string | undefined {
  if (!(socket instanceof Socket) || socket.remoteAddress === undefined) return undefined;
  return formatPeer(`${socket.remoteAddress}:${socket.remotePort}`);
}

/**
 * Tells of handshakes that fail. grpc-js keeps them to itself; its own field leads to the HTTP/2 servers below.
 *
 * @param server - Its connection injectors are made.
 */
export function watchHandshakes(server: Server, listener: (failure: HandshakeFailure) => void): void {
  const servers: unknown = Reflect.get(server, "http2Servers");
  if (!(servers instanceof Map)) throw new TypeError("grpc-js has no HTTP/2 servers where they used to be");
  for (const http2Server of servers.keys() as Iterable<EventEmitter>) {
    http2Server.on("tlsClientError", (error: unknown, socket: unknown) => {
      const code = systemCodeOf(error) ?? "unknown";
      listener({ peer: peerOf(socket), code, certificate: code === missingCertificate || !otherCode.test(code) });
    });
  }
}
