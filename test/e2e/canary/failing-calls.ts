import { create, fromBinary, toBinary, toJsonString } from "@bufbuild/protobuf";
import { type ChannelCredentials, Client, Metadata, type MetadataValue } from "@grpc/grpc-js";
import {
  ExecuteRequestSchema,
  ExecuteResponseSchema,
  StreamChunkSchema,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";

/** A call to make. */
export interface CallPlan {
  /** What it is, for a person. */
  name: string;
  streamed: boolean;
  /** Each a key and a value of the call's metadata. */
  metadata: ReadonlyArray<readonly [key: string, value: MetadataValue]>;
  /** The request's fields, or bytes that are no request. */
  request: { modelName: string; text: string; system?: string; schema?: string | undefined } | Buffer;
  /** Milliseconds. */
  deadline?: number;
  /** Whether the caller hangs up, rather than waiting for an answer. */
  cancelled?: boolean;
}

/** What a caller has seen of a call. */
export interface CallResult {
  plan: CallPlan;
  failed: boolean;
  /** Everything but the model's own words. */
  seen: string;
}

const service = "/vibectl.llm_proxy.VibectlLLMProxy";

function bytesOf({ request }: CallPlan): Buffer {
  if (Buffer.isBuffer(request)) return request;
  const { modelName, text, system, schema } = request;
  const message = create(ExecuteRequestSchema, {
    modelName,
    userFragments: [text],
    systemFragments: system === undefined ? [] : [system],
    ...(schema === undefined ? {} : { responseModelSchema: schema }),
  });
  return Buffer.from(toBinary(ExecuteRequestSchema, message));
}

function metadataOf({ metadata }: CallPlan): Metadata {
  const result = new Metadata();
  for (const [key, value] of metadata) result.add(key, value);
  return result;
}

/** What a message says beside the model's words, and whether it is an error. */
function readMessage(bytes: Buffer, streamed: boolean): { text: string; isError: boolean } {
  if (streamed) {
    const chunk = fromBinary(StreamChunkSchema, bytes);
    if (chunk.chunkType.case === "textChunk") return { text: "", isError: false };
    return { text: toJsonString(StreamChunkSchema, chunk), isError: chunk.chunkType.case === "error" };
  }
  const response = fromBinary(ExecuteResponseSchema, bytes);
  if (response.result.case === "success") response.result.value.responseText = "";
  return { text: toJsonString(ExecuteResponseSchema, response), isError: response.result.case === "error" };
}

function makeCall(client: Client, plan: CallPlan): Promise<CallResult> {
  const { streamed, deadline, cancelled } = plan;
  const seen: string[] = [];
  let failed = false;
  const same = (bytes: Buffer) => bytes;
  const call = client.makeServerStreamRequest(
    `${service}/${streamed ? "StreamExecute" : "Execute"}`,
    () => bytesOf(plan),
    same,
    null,
    metadataOf(plan),
    { deadline: Date.now() + (deadline ?? 20_000) },
  );
  if (cancelled) setTimeout(() => call.cancel(), 50);
  return new Promise((resolve) => {
    call.on("data", (bytes: Buffer) => {
      const { text, isError } = readMessage(bytes, streamed);
      seen.push(text);
      failed ||= isError;
    });
    call.on("metadata", (metadata) => seen.push(JSON.stringify(metadata.getMap())));
    call.on("error", (error) => seen.push(String(error), JSON.stringify(error)));
    call.on("status", ({ code, details, metadata }) => {
      seen.push(`${code} ${details} ${JSON.stringify(metadata.getMap())}`);
      resolve({ plan, failed: failed || code !== 0, seen: seen.join("\n") });
    });
  });
}

/** Makes calls, several at the same time. */
export async function makeCalls(
  port: number,
  credentials: ChannelCredentials,
  plans: readonly CallPlan[],
): Promise<CallResult[]> {
  const client = new Client(`localhost:${port}`, credentials, { "grpc.use_local_subchannel_pool": 1 });
  const left = [...plans];
  const results: CallResult[] = [];
  const caller = async () => {
    for (let plan = left.shift(); plan; plan = left.shift()) results.push(await makeCall(client, plan));
  };
  await Promise.all(Array.from({ length: 12 }, caller));
  client.close();
  return results;
}
