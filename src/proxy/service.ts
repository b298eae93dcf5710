import { create } from "@bufbuild/protobuf";
import { ModelError } from "../errors.ts";
import {
  type ExecuteRequest,
  type ExecuteResponse,
  ExecuteResponseSchema,
  ExecuteSuccessSchema,
  type GetServerInfoResponse,
  type StreamChunk,
  StreamChunkSchema,
  StreamCompleteSchema,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { AnswerEnd, AnswerPart } from "../providers/provider.ts";
import type { Call } from "./call.ts";
import { describeFailure, type FailureLog } from "./failure.ts";
import { createMetrics } from "./metrics.ts";
import type { ModelDirectory, OfferedModel } from "./model-directory.ts";
import { type Job, readRequest } from "./request.ts";
import { describeServer, type ServerIdentity } from "./server-info.ts";
import { answerStructured, type StructuredAnswer } from "./structured-answer.ts";
import { TextChunker } from "./text-chunks.ts";

/** Clients refuse messages over 4 MiB; this leaves room for what stands around the text. */
const largestText = 4 * 1024 * 1024 - 4096;

/** What the service works with. */
export interface ProxyOptions {
  directory: ModelDirectory;
  /** What runs when a request names no model. */
  defaultModel: string | undefined;
  identity: ServerIdentity;
  log: FailureLog;
}

/** The three methods of `vibectl.llm_proxy.VibectlLLMProxy`. */
export interface ProxyService {
  execute(request: ExecuteRequest, call: Call): Promise<ExecuteResponse>;
  streamExecute(request: ExecuteRequest, call: Call): AsyncGenerator<StreamChunk>;
  getServerInfo(): Promise<GetServerInfoResponse>;
}

function refuseTruncated(model: OfferedModel, { finishReason, usage }: AnswerEnd): void {
  if (finishReason !== "length") return;
  const limit = usage.outputTokens === undefined ? "its output limit" : `its limit of ${usage.outputTokens} tokens`;
  throw new ModelError("OUTPUT_TRUNCATED", `${model.id} stopped at ${limit} before its answer was complete`, {
    hint: "Ask for less at once, or choose a model that may answer at greater length.",
  });
}

async function answerWhole({ model, prompt, schema }: Job, signal: AbortSignal): Promise<StructuredAnswer> {
  const answer = schema
    ? await answerStructured(model, prompt, schema, signal)
    : { ...(await model.provider.generate(model.name, prompt, { signal })), retries: 0 };
  refuseTruncated(model, answer);
  return answer;
}

/** An answer in parts. One that has to satisfy a schema is complete before its first part is sent. */
async function* answerInParts(job: Job, signal: AbortSignal): AsyncGenerator<AnswerPart & { retries?: number }> {
  if (!job.schema && job.model.streaming) {
    yield* job.model.provider.stream(job.model.name, job.prompt, { signal });
    return;
  }
  const { text, ...end } = await answerWhole(job, signal);
  yield { type: "text", text };
  yield { type: "end", ...end };
}

function chunk(requestId: string, chunkType: StreamChunk["chunkType"]): StreamChunk {
  const message = create(StreamChunkSchema);
  message.requestId = requestId;
  message.chunkType = chunkType;
  return message;
}

function complete(model: OfferedModel): StreamChunk["chunkType"] {
  return { case: "complete", value: create(StreamCompleteSchema, { actualModelUsed: model.id }) };
}

async function* streamAnswer(job: Job, call: Call, requestId: string): AsyncGenerator<StreamChunk> {
  const chunker = new TextChunker();
  for await (const part of answerInParts(job, call.signal)) {
    if (part.type === "text") {
      for (const value of chunker.push(part.text)) yield chunk(requestId, { case: "textChunk", value });
      continue;
    }
    const value = chunker.flush();
    if (value !== "") yield chunk(requestId, { case: "textChunk", value });
    refuseTruncated(job.model, part);
    yield chunk(requestId, complete(job.model));
    yield chunk(requestId, { case: "finalMetrics", value: createMetrics(call, part, part.retries ?? 0) });
  }
}

async function answer(job: Job, call: Call, requestId: string): Promise<ExecuteResponse> {
  const whole = await answerWhole(job, call.signal);
  const bytes = Buffer.byteLength(whole.text);
  if (bytes > largestText) {
    throw new ModelError("RESPONSE_TOO_LARGE", `The answer has ${bytes} bytes; one message may have ${largestText}`, {
      hint: "Use StreamExecute, which has no such limit.",
    });
  }
  const success = create(ExecuteSuccessSchema);
  success.responseText = whole.text;
  success.actualModelUsed = job.model.id;
  success.metrics = createMetrics(call, whole, whole.retries);
  const response = create(ExecuteResponseSchema);
  response.requestId = requestId;
  response.result = { case: "success", value: success };
  return response;
}

/**
 * Makes the service.
 *
 * Its methods throw only when a call was aborted; what goes wrong with a model is part of the answer.
 */
export function createProxyService({ directory, defaultModel, identity, log }: ProxyOptions): ProxyService {
  return {
    async execute(request, call) {
      const requestId = request.requestId || crypto.randomUUID();
      try {
        return await answer(await readRequest(request, directory, defaultModel), call, requestId);
      } catch (thrown) {
        const value = describeFailure(thrown, call, requestId, log);
        return create(ExecuteResponseSchema, { requestId, result: { case: "error", value } });
      }
    },

    async *streamExecute(request, call) {
      const requestId = request.requestId || crypto.randomUUID();
      try {
        yield* streamAnswer(await readRequest(request, directory, defaultModel), call, requestId);
      } catch (thrown) {
        yield chunk(requestId, { case: "error", value: describeFailure(thrown, call, requestId, log) });
      }
    },

    async getServerInfo() {
      return describeServer(await directory.offer(), defaultModel, identity);
    },
  };
}
