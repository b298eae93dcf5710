// The ceiling: the same messages over grpc-js with nothing around it. Prints its port.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
  ExecutionMetricsSchema,
  type StreamChunk,
  StreamChunkSchema,
} from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";

const path = "/vibectl.llm_proxy.VibectlLLMProxy";
const requestDeserialize = (bytes: Buffer) => fromBinary(ExecuteRequestSchema, bytes);
const requestSerialize = (request: ExecuteRequest) => Buffer.from(toBinary(ExecuteRequestSchema, request));
const common = { requestStream: false, requestDeserialize, requestSerialize } as const;

const server = new Server();
server.addService(
  {
    execute: {
      ...common,
      path: `${path}/Execute`,
      responseStream: false,
      responseSerialize: (response: ExecuteResponse) => Buffer.from(toBinary(ExecuteResponseSchema, response)),
      responseDeserialize: (bytes: Buffer) => fromBinary(ExecuteResponseSchema, bytes),
    },
    streamExecute: {
      ...common,
      path: `${path}/StreamExecute`,
      responseStream: true,
      responseSerialize: (chunk: StreamChunk) => Buffer.from(toBinary(StreamChunkSchema, chunk)),
      responseDeserialize: (bytes: Buffer) => fromBinary(StreamChunkSchema, bytes),
    },
  },
  {
    execute({ request }: { request: ExecuteRequest }, callback: sendUnaryData<ExecuteResponse>) {
      const { requestId, userFragments } = request;
      const value = { responseText: userFragments.join("\n\n"), actualModelUsed: "echo/echo" };
      callback(null, create(ExecuteResponseSchema, { requestId, result: { case: "success", value } }));
    },
    streamExecute(call: { request: ExecuteRequest; write(chunk: StreamChunk): boolean; end(): void }) {
      const { requestId, userFragments } = call.request;
      for (const [value] of userFragments.join("\n\n").matchAll(/\S+\s*/g)) {
        call.write(create(StreamChunkSchema, { requestId, chunkType: { case: "textChunk", value } }));
      }
      const complete = { case: "complete", value: { actualModelUsed: "echo/echo" } } as const;
      call.write(create(StreamChunkSchema, { requestId, chunkType: complete }));
      const value = create(ExecutionMetricsSchema, { durationMs: 1n, timestamp: 1n });
      call.write(create(StreamChunkSchema, { requestId, chunkType: { case: "finalMetrics", value } }));
      call.end();
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`listens on 127.0.0.1:${port}\n`);
});
process.on("SIGTERM", () => process.exit(0));
