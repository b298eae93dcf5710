import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A server whose connections a test can look at. */
export interface TcpServer extends AsyncDisposable {
  port: number;
  /** Connections that were ever made. */
  made: number;
  /** Connections that are open. */
  readonly open: number;
  /** Resolves when no connection is open, with the time in milliseconds of `performance.now()`. */
  emptied(): Promise<number>;
  /** Resolves when so many connections have been made. */
  reached(count: number): Promise<void>;
}

const ignore = () => undefined;

/** Waits for a condition, which is looked at whenever the event loop comes round. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Starts a server on a free port of 127.0.0.1.
 *
 * @param speak - Called with each connection.
 * @param tls - Makes it speak TLS.
 */
export async function startTcp(speak: (socket: Socket) => void, tls?: TlsOptions): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  let made = 0;
  let emptiedAt = 0;
  const accept = (socket: Socket) => {
    made++;
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      emptiedAt = performance.now();
    });
    speak(socket);
  };
  const server = tls ? createTlsServer(tls, accept) : createServer(accept);
  server.on("tlsClientError", ignore);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    get made() {
      return made;
    },
    get open() {
      return sockets.size;
    },
    async emptied() {
      await until(() => made > 0 && sockets.size === 0);
      return emptiedAt;
    },
    reached: (count) => until(() => made >= count),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes a server's side of a connection that gives each request the same answer, byte for byte. */
export function answering(answer: string | Uint8Array): (socket: Socket) => void {
  return (socket) => {
    let seen = "";
    socket.on("data", (piece) => {
      seen += piece.toString("latin1");
      for (let request = takeRequest(seen); request !== undefined; request = takeRequest(seen)) {
        seen = seen.slice(request);
        socket.write(answer);
      }
    });
  };
}

/** How many bytes the first request has, once it is there in full. */
function takeRequest(seen: string): number | undefined {
  const head = seen.indexOf("\r\n\r\n");
  if (head === -1) return undefined;
  const length = head + 4 + Number(/content-length: (\d+)/i.exec(seen.slice(0, head))?.[1] ?? 0);
  return seen.length >= length ? length : undefined;
}

/** An answer with a body of known length. */
export function plainAnswer(body: string, type = "application/json", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A host that accepts no more connections: their TCP handshake never comes to its end. */
export interface FullHost extends AsyncDisposable {
  port: number;
  /** Connections to it that wait, as the kernel sees them. */
  waiting(): Promise<number>;
}

const listener = `
const server = require("node:net").createServer();
server.listen({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));
`;

/** In /proc/net/tcp, who waits for the answer to its first packet is in state 02. */
async function countWaiting(port: number): Promise<number> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const table = await Bun.file("/proc/net/tcp").text();
  return table.split("\n").filter((line) => new RegExp(`^ *\\d+: \\S+ \\S+:${hex} 02 `).test(line)).length;
}

/** Starts a process that listens and never accepts, and fills the queue of those that wait to be accepted. */
export async function startFullHost(): Promise<FullHost> {
  const child = Bun.spawn([process.execPath, "-e", listener], { stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  child.kill("SIGSTOP");
  const fillers: Socket[] = [];
  // How many may wait to be accepted is the runtime's own choice; who does not get through a while later is one too many.
  while (!fillers.some((filler) => filler.connecting)) {
    for (let count = 0; count < 200; count++) fillers.push(connect({ host: "127.0.0.1", port }).on("error", ignore));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const filler of fillers) if (filler.connecting) filler.destroy();
  return {
    port,
    waiting: () => countWaiting(port),
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
