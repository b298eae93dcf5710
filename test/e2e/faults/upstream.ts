import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { Exchange } from "./exchange.ts";
import { RequestReader } from "./request-reader.ts";

/** An HTTP server on bare sockets, which can do to the wire whatever a test wants. */
export interface Upstream {
  /** Its address; the host is `localhost` where it speaks TLS. */
  readonly url: string;
  /** Every request that came in, in their order. */
  readonly exchanges: readonly Exchange[];
  /** Connections that came in so far. */
  readonly connections: number;
  /** Connections that stand. */
  readonly open: number;
  /** The requests whose path begins with this. */
  below(path: string): Exchange[];
  /** Closes connections that wait for another request. */
  dropIdle(): void;
  close(): void;
}

/** What makes an upstream. */
export interface UpstreamOptions {
  /** Certificate and key; it speaks plain HTTP without. */
  tls?: Pick<TlsOptions, "cert" | "key">;
  /** Called with each connection before a byte is read. Whoever returns true speaks to it alone. */
  onConnection?(socket: Socket): boolean;
}

/**
 * Starts an upstream on a free port.
 *
 * @param answer - Answers each request.
 */
export async function startUpstream(
  answer: (exchange: Exchange) => void,
  { tls, onConnection }: UpstreamOptions = {},
): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const latest = new Map<Socket, Exchange>();
  const exchanges: Exchange[] = [];
  const counts = new Map<string, number>();
  let connections = 0;

  const accept = (socket: Socket) => {
    connections++;
    sockets.add(socket);
    // Each request on a connection wants to know of its end.
    socket.setMaxListeners(0);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      latest.delete(socket);
    });
    if (onConnection?.(socket)) return;
    socket.setNoDelay(true);
    const reader = new RequestReader();
    socket.on("data", (bytes: Buffer) => {
      // A TLS handshake (RFC 8446, section 5.1) where none is spoken, which servers answer as they would any nonsense.
      if (!tls && bytes[0] === 0x16) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
      for (const request of reader.push(bytes)) {
        const count = (counts.get(request.path) ?? 0) + 1;
        counts.set(request.path, count);
        const exchange = new Exchange(socket, request, count);
        exchanges.push(exchange);
        latest.set(socket, exchange);
        answer(exchange);
      }
    });
  };

  const server: Server = tls ? createTlsServer(tls, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    exchanges,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    below: (path) => exchanges.filter(({ request }) => request.path.startsWith(path)),
    dropIdle() {
      for (const socket of sockets) if (latest.get(socket)?.complete ?? true) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
