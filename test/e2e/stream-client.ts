import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Client, ClientReadableStream } from "@grpc/grpc-js";
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  type StreamChunk,
  StreamChunkSchema,
} from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";

/** Starts a StreamExecute call. */
export function streamExecute(
  client: Client,
  request: MessageInitShape<typeof ExecuteRequestSchema>,
): ClientReadableStream<StreamChunk> {
  return client.makeServerStreamRequest(
    "/vibectl.llm_proxy.VibectlLLMProxy/StreamExecute",
    (message: ExecuteRequest) => Buffer.from(toBinary(ExecuteRequestSchema, message)),
    (bytes: Buffer) => fromBinary(StreamChunkSchema, bytes),
    create(ExecuteRequestSchema, request),
  );
}
