import { isIP } from "node:net";
import { create, type DescMessage, type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type CallOptions, Client, credentials, Metadata } from "@grpc/grpc-js";
import {
  type ExecuteRequest,
  type GetServerInfoResponse,
  type StreamChunk,
  VibectlLLMProxy,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { ServerUrl } from "./server-url.ts";
import type { Roots } from "./trust.ts";
import { VerifiedCredentials } from "./verified-credentials.ts";

/** What a channel is opened to. */
export interface ChannelTarget {
  readonly url: Pick<ServerUrl, "host" | "port" | "authority">;
  /** The IP address to dial. */
  readonly address: string;
  /** Who may vouch for the server; undefined for plain text. */
  readonly roots: Roots | undefined;
  /** The token that every call carries. */
  readonly token: string | undefined;
}

/** How long a call may take. */
export interface CallLimits {
  /** Milliseconds, told to the server as the call's deadline. */
  readonly timeoutMs: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function serializer<D extends DescMessage>(type: D): (message: MessageShape<D>) => Buffer {
  return (message) => Buffer.from(toBinary(type, message));
}

function deserializer<D extends DescMessage>(type: D): (bytes: Buffer) => MessageShape<D> {
  return (bytes) => fromBinary(type, bytes);
}

function optionsOf({ timeoutMs }: CallLimits): CallOptions {
  return { deadline: Date.now() + timeoutMs };
}

/** The calls of a server that a check makes. Failed ones throw grpc-js' ServiceError. */
export class Channel {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor({ url, address, roots, token }: ChannelTarget) {
    const target = isIP(address) === 6 ? `ipv6:[${address}]:${url.port}` : `ipv4:${address}:${url.port}`;
    const secured = roots && new VerifiedCredentials({ host: url.host, roots });
    this.#client = new Client(target, secured ?? credentials.createInsecure(), {
      "grpc.default_authority": url.authority,
      "grpc.primary_user_agent": "vibectl-server-check",
      // A call that fails is what a check is looking for.
      "grpc.enable_retries": 0,
      // The address was dialled directly in the steps before.
      "grpc.enable_http_proxy": 0,
      "grpc.use_local_subchannel_pool": 1,
    });
    if (token !== undefined) this.#metadata.set("authorization", `Bearer ${token}`);
  }

  /** What the server offers to the bearer of the token. */
  getServerInfo(limits: CallLimits): Promise<GetServerInfoResponse> {
    const method = VibectlLLMProxy.method.getServerInfo;
    return new Promise((resolve, reject) => {
      const cancel = () => call.cancel();
      const call = this.#client.makeUnaryRequest(
        pathOf(method),
        serializer(method.input),
        deserializer(method.output),
        create(method.input),
        this.#metadata,
        optionsOf(limits),
        (error, response) => {
          limits.signal?.removeEventListener("abort", cancel);
          if (response === undefined) reject(error);
          else resolve(response);
        },
      );
      limits.signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** Streams an answer. Who stops reading cancels the call. */
  async *streamExecute(request: ExecuteRequest, limits: CallLimits): AsyncGenerator<StreamChunk, void> {
    const method = VibectlLLMProxy.method.streamExecute;
    const call = this.#client.makeServerStreamRequest(
      pathOf(method),
      serializer(method.input),
      deserializer(method.output),
      request,
      this.#metadata,
      optionsOf(limits),
    );
    const cancel = () => call.cancel();
    limits.signal?.addEventListener("abort", cancel, { once: true });
    try {
      yield* call as AsyncIterable<StreamChunk>;
    } finally {
      limits.signal?.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  /** Closes the connection; calls that still run fail. */
  close(): void {
    this.#client.close();
  }
}
