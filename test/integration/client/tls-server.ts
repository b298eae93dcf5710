import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";

export interface Running extends Disposable {
  port: number;
  /** What clients sent, beyond handshakes where it is TLS. */
  heard: Buffer[];
}

async function listen(server: Server, sockets: Set<Socket>, heard: Buffer[]): Promise<Running> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const dispose = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, heard, [Symbol.dispose]: dispose };
}

/** Starts a server with TLS on a free port of loopback. */
export function startTls(options: TlsOptions): Promise<Running> {
  const sockets = new Set<Socket>();
  const heard: Buffer[] = [];
  const server = createServer({ ALPNProtocols: ["h2"], ...options }, (socket) => {
    sockets.add(socket.on("error", () => socket.destroy()).on("data", (bytes) => heard.push(Buffer.from(bytes))));
  });
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return listen(server, sockets, heard);
}

/** Starts a server without TLS. */
export function startTcp(greet: (socket: Socket) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
    greet(socket);
  });
  return listen(server, sockets, []);
}
