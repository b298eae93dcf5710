import { createServer, type Socket } from "node:net";

/** A request that reached the upstream. */
export interface Received {
  path: string;
  headers: Headers;
  /** The client's port: it is the same for requests that share a connection. */
  peerPort: number | undefined;
  /** The JSON document that was sent; empty when there was none. */
  body: Readonly<Record<string, unknown>>;
  /** Settles when the client closes the connection before the answer is complete. */
  closed: Promise<void>;
}

/** An HTTP server that answers as a test tells it to. */
export interface ScriptedUpstream extends AsyncDisposable {
  url: string;
  received: Received[];
}

/**
 * Starts an HTTP server on a free port.
 *
 * @param answer - Makes the answer to each request.
 */
export function startUpstream(answer: (request: Received) => Response | Promise<Response>): ScriptedUpstream {
  const received: Received[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request, server) {
      const closed = new Promise<void>((resolve) => request.signal.addEventListener("abort", () => resolve()));
      const text = await request.text();
      const path = new URL(request.url).pathname;
      const peerPort = server.requestIP(request)?.port;
      const body = text === "" ? {} : JSON.parse(text);
      const entry = { path, headers: request.headers, peerPort, body, closed };
      received.push(entry);
      return await answer(entry);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    received,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

/** An answer of server-sent events that all come at once. */
export function eventStream(events: Iterable<string>): Response {
  return new Response([...events].join(""), { headers: { "content-type": "text/event-stream" } });
}

/** An answer of server-sent events that come when the test says so. */
export interface HeldStream {
  response: Response;
  send(event: string): void;
  end(): void;
}

/** Makes an answer that goes on until it is told to end. */
export function holdStream(): HeldStream {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const ignore = () => undefined;
  return {
    response: new Response(readable, { headers: { "content-type": "text/event-stream" } }),
    send: (event) => void writer.write(encoder.encode(event)).then(ignore, ignore),
    end: () => void writer.close().then(ignore, ignore),
  };
}

/** A TCP server that speaks to each connection as a test tells it to. */
export interface RawUpstream extends AsyncDisposable {
  url: string;
}

/**
 * Starts a TCP server on a free port.
 *
 * @param speak - Called with a connection when its request has begun to arrive.
 */
export async function startRawUpstream(speak: (socket: Socket) => void): Promise<RawUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", () => speak(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The head of an answer whose body comes in chunks (RFC 9112, section 7.1). */
export const chunkedHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/** One chunk of such a body. */
export function chunkOf(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
