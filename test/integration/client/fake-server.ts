import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import {
  type ExecuteRequest,
  type GetServerInfoResponse,
  GetServerInfoResponseSchema,
  type StreamChunk,
  StreamChunkSchema,
  VibectlLLMProxy,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { OpensslPair } from "../../openssl-ca.ts";

/** Thrown by an answer to end its call with a status. */
export class Refusal extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
    readonly trailers: Record<string, string> = {},
  ) {
    super(details);
  }

  get metadata(): Metadata {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(this.trailers)) metadata.set(key, value);
    return metadata;
  }
}

export type Chunk = Required<MessageInitShape<typeof StreamChunkSchema>>["chunkType"];

export interface FakeServerOptions {
  /** Without it the server speaks plain text. */
  identity?: OpensslPair;
  /** Demands client certificates of this CA. */
  clientAuthority?: OpensslPair;
  /** The only token that is accepted. */
  token?: string;
  info?: () => MessageInitShape<typeof GetServerInfoResponseSchema>;
  answer?: (request: ExecuteRequest, server: Server) => Iterable<Chunk> | AsyncIterable<Chunk>;
}

export interface FakeServer extends Disposable {
  port: number;
}

function definition<I extends DescMessage, O extends DescMessage>(method: DescMethod & { input: I; output: O }) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: method.methodKind === "server_streaming",
    requestSerialize: (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (message: MessageShape<O>) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

function credentialsOf({ identity, clientAuthority }: FakeServerOptions): ServerCredentials {
  if (!identity) return ServerCredentials.createInsecure();
  const authority = clientAuthority ? Buffer.from(clientAuthority.cert) : null;
  const pair = { cert_chain: Buffer.from(identity.cert), private_key: Buffer.from(identity.key) };
  return ServerCredentials.createSsl(authority, [pair], authority !== null);
}

/** A server with one model. */
export const oneModel = {
  availableModels: [{ modelId: "fake/one", displayName: "One", provider: "fake", aliases: ["one"] }],
  defaultModel: "fake/one",
  serverName: "vibectl-llm-proxy",
  serverVersion: "0.11.6",
  buildVersion: "1.2.3",
};

/** Starts a server of the real service on a free port of all loopback addresses. */
export async function startServer(options: FakeServerOptions = {}): Promise<FakeServer> {
  const server = new Server();
  const authenticate = (metadata: Metadata) => {
    if (options.token === undefined || metadata.get("authorization")[0] === `Bearer ${options.token}`) return;
    throw new Refusal(status.UNAUTHENTICATED, "authentication failed");
  };
  const { getServerInfo, streamExecute } = VibectlLLMProxy.method;
  server.addService(
    { getServerInfo: definition(getServerInfo), streamExecute: definition(streamExecute) },
    {
      getServerInfo: (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<GetServerInfoResponse>) => {
        try {
          authenticate(call.metadata);
          reply(null, create(GetServerInfoResponseSchema, options.info?.() ?? oneModel));
        } catch (error) {
          reply(error as Refusal);
        }
      },
      streamExecute: async (call: ServerWritableStream<ExecuteRequest, StreamChunk>) => {
        try {
          authenticate(call.metadata);
          const { requestId } = call.request;
          for await (const chunkType of options.answer?.(call.request, server) ?? []) {
            call.write(create(StreamChunkSchema, { requestId, chunkType }));
          }
          call.end();
        } catch (error) {
          call.emit("error", error);
        }
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const done = (error: Error | null, bound: number) => (error ? reject(error) : resolve(bound));
    server.bindAsync("[::]:0", credentialsOf(options), done);
  });
  return { port, [Symbol.dispose]: () => server.forceShutdown() };
}

/** The URL of a server that speaks plain text. */
export function urlOf({ port }: FakeServer): string {
  return `vibectl-server-insecure://127.0.0.1:${port}`;
}
