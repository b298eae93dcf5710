import { afterEach } from "bun:test";
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { type DescMethod, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
  status as statusCodes,
} from "@grpc/grpc-js";
import { createRpcServer, type RpcServer, type RpcServerOptions } from "../../../src/rpc/server.ts";

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup();
  }
});

/** Runs something when the test is through; what was registered last comes first. */
export function onCleanup(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

/** Starts a server on a free port of 127.0.0.1. */
export async function serve(options: RpcServerOptions): Promise<{ server: RpcServer; port: number }> {
  const server = createRpcServer(options);
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  onCleanup(() => server.close({ graceMs: 0 }));
  return { server, port };
}

/** Opens a channel of its own to `localhost`. */
export function connect(port: number, channel: ChannelCredentials = credentials.createInsecure()): Client {
  const client = new Client(`localhost:${port}`, channel, { "grpc.use_local_subchannel_pool": 1 });
  onCleanup(() => client.close());
  return client;
}

/** Opens a bare HTTP/2 connection without TLS. */
export function connectRaw(port: number, settings: { initialWindowSize?: number } = {}): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`, { settings });
  session.on("error", () => session.destroy());
  onCleanup(() => session.destroy());
  return session;
}

/** Starts a call on a bare HTTP/2 connection; its body is the caller's to send. */
export function startRaw(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.on("error", () => stream.destroy());
  return stream;
}

/** Puts gRPC's length prefix before a message. */
export function frame(bytes: Uint8Array, { compressed = false } = {}): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

/** Makes a call with a body of bare bytes and gives the status code that came back. */
export function callRaw(
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const stream = startRaw(session, path, headers);
    let code: number | undefined;
    const read = (received: Record<string, unknown>) => {
      code = "grpc-status" in received ? Number(received["grpc-status"]) : code;
    };
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("close", () => resolve(code));
    stream.resume();
    stream.end(body);
  });
}

export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

export function serializeWith(type: DescMethod["input"]): (message: Message) => Buffer {
  return (message) => Buffer.from(toBinary(type, message));
}

export function deserializeWith(type: DescMethod["output"]): (bytes: Buffer) => Message {
  return (bytes) => fromBinary(type, bytes);
}

/** Metadata of text values. */
export function metadataOf(values: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) {
    metadata.set(name, value);
  }
  return metadata;
}

/** How a call went. */
export interface Outcome<T extends Message> {
  replies: T[];
  code: keyof typeof statusCodes;
  details: string;
  trailers: Record<string, string>;
}

function outcomeOf<T extends Message>(replies: T[], status: StatusObject): Outcome<T> {
  const trailers: Record<string, string> = {};
  for (const [name, value] of Object.entries(status.metadata.getMap())) {
    trailers[name] = value.toString();
  }
  const code = statusCodes[status.code] as keyof typeof statusCodes;
  return { replies, code, details: status.details, trailers };
}

interface Sent {
  metadata?: Metadata;
  options?: CallOptions;
}

/** Makes a unary call. */
export function callOnce<T extends Message>(
  client: Client,
  method: DescMethod,
  request: Message,
  { metadata = new Metadata(), options = {} }: Sent = {},
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const replies: Message[] = [];
    const call = client.makeUnaryRequest(
      pathOf(method),
      serializeWith(method.input),
      deserializeWith(method.output),
      request,
      metadata,
      options,
      (_error: ServiceError | null, reply?: Message) => {
        if (reply !== undefined) {
          replies.push(reply);
        }
      },
    );
    // The callback comes first: the reply is known by now.
    call.on("status", (status) => setImmediate(() => resolve(outcomeOf(replies as T[], status))));
  });
}

/** Starts a server-streaming call. */
export function openStream<T extends Message>(
  client: Client,
  method: DescMethod,
  request: Message,
  { metadata = new Metadata(), options = {} }: Sent = {},
): { stream: ClientReadableStream<T>; outcome: Promise<Outcome<T>> } {
  const stream = client.makeServerStreamRequest(
    pathOf(method),
    serializeWith(method.input),
    deserializeWith(method.output),
    request,
    metadata,
    options,
  ) as ClientReadableStream<T>;
  return { stream, outcome: collect(stream) };
}

/** Reads a stream to its end. */
export function collect<T extends Message>(stream: ClientReadableStream<T>): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const replies: T[] = [];
    stream.on("data", (reply: T) => replies.push(reply));
    // The status is what counts; an error repeats it.
    stream.on("error", () => stream.resume());
    stream.on("status", (status) => resolve(outcomeOf(replies, status)));
  });
}

/** Waits for a condition. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Waits until a number has not changed for a while, and gives it. */
export async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let unchanged = 0; unchanged < 50; unchanged++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (read() !== last) {
      last = read();
      unchanged = 0;
    }
  }
  return last;
}
