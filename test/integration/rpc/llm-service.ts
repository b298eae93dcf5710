import { create } from "@bufbuild/protobuf";
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
  type GetServerInfoResponse,
  GetServerInfoResponseSchema,
  type StreamChunk,
  StreamChunkSchema,
  VibectlLLMProxy,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { type Implementation, implementService, type ServedMethod } from "../../../src/rpc/service.ts";

export type { ExecuteResponse, GetServerInfoResponse, StreamChunk };

export const { execute, streamExecute, getServerInfo } = VibectlLLMProxy.method;

export function requestOf(text: string): ExecuteRequest {
  return create(ExecuteRequestSchema, { requestId: text });
}

export function replyOf(text: string): ExecuteResponse {
  return create(ExecuteResponseSchema, { requestId: text });
}

export function chunkOf(text: string): StreamChunk {
  return create(StreamChunkSchema, { chunkType: { case: "textChunk", value: text } });
}

/** Streams the request's id letter by letter, and answers a call with it. */
const echo: Implementation<typeof VibectlLLMProxy> = {
  execute: async (request) => replyOf(request.requestId),
  streamExecute: async function* (request) {
    for (const letter of request.requestId) {
      yield chunkOf(letter);
    }
  },
  getServerInfo: async () => create(GetServerInfoResponseSchema, { serverName: "test" }),
};

/** The service of the contract, with an echo for each method that is not given. */
export function llmService(methods: Partial<Implementation<typeof VibectlLLMProxy>> = {}): readonly ServedMethod[] {
  return implementService(VibectlLLMProxy, { ...echo, ...methods });
}
