import { create } from "@bufbuild/protobuf";
import { ModelError } from "../errors.ts";
import {
  type ExecuteRequest,
  type ExecuteResponse,
  ExecuteResponseSchema,
  ExecuteSuccessSchema,
  type GetServerInfoRequest,
  type GetServerInfoResponse,
  type StreamChunk,
  StreamChunkSchema,
  StreamCompleteSchema,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { AnswerEnd, AnswerPart } from "../providers/provider.ts";
import type { Call } from "./call.ts";
import { type CallLog, describeFailure } from "./failure.ts";
import { createMetrics } from "./metrics.ts";
import type { OfferedModel } from "./model-directory.ts";
import { type Job, type RequestOptions, readRequest, requestIdOf } from "./request.ts";
import { describeServer, permitted, type ServerIdentity } from "./server-info.ts";
import { answerStructured, type StructuredAnswer } from "./structured-answer.ts";
import { TextChunker } from "./text-chunks.ts";

/** Clients refuse messages over 4 MiB; this leaves room for what stands around the text. */
const largestText = 4 * 1024 * 1024 - 4096;

/** What the service works with. */
export interface ProxyOptions<C extends Call> extends RequestOptions<C> {
  identity: ServerIdentity;
  log: CallLog;
  /** Whether prompts and answers are written to the log. It is asked for at each call. */
  readonly logPrompts: boolean;
}

/** The three methods of `vibectl.llm_proxy.VibectlLLMProxy`. */
export interface ProxyService<C extends Call> {
  execute(request: ExecuteRequest, call: C): Promise<ExecuteResponse>;
  streamExecute(request: ExecuteRequest, call: C): AsyncGenerator<StreamChunk>;
  getServerInfo(request: GetServerInfoRequest, call: C): Promise<GetServerInfoResponse>;
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

type Part = AnswerPart & { retries?: number };

async function* wholeInParts(job: Job, signal: AbortSignal): AsyncGenerator<Part> {
  const { text, ...end } = await answerWhole(job, signal);
  yield { type: "text", text };
  yield { type: "end", ...end };
}

/** An answer in parts. One that has to satisfy a schema is complete before its first part is sent. */
function answerInParts(job: Job, signal: AbortSignal): AsyncIterable<Part> {
  const { model, prompt, schema } = job;
  return schema || !model.streaming ? wholeInParts(job, signal) : model.provider.stream(model.name, prompt, { signal });
}

function chunk(requestId: string, chunkType: StreamChunk["chunkType"]): StreamChunk {
  const message = create(StreamChunkSchema);
  message.requestId = requestId;
  message.chunkType = chunkType;
  return message;
}

function endOfStream(job: Job, call: Call, requestId: string, end: AnswerEnd & { retries?: number }): StreamChunk[] {
  const complete = create(StreamCompleteSchema, { actualModelUsed: job.model.id });
  const metrics = createMetrics(call, end, end.retries ?? 0);
  return [
    chunk(requestId, { case: "complete", value: complete }),
    chunk(requestId, { case: "finalMetrics", value: metrics }),
  ];
}

/** Writes what was asked and answered to the log, where that is wanted. */
class PromptLog {
  readonly #log: Pick<CallLog, "info"> | undefined;
  readonly #requestId: string;
  #answer = "";

  constructor({ log, logPrompts }: Pick<ProxyOptions<Call>, "log" | "logPrompts">, requestId: string) {
    this.#log = logPrompts ? log : undefined;
    this.#requestId = requestId;
  }

  asked({ model, prompt }: Job): void {
    const { system, turns } = prompt;
    this.#log?.info({ requestId: this.#requestId, model: model.id, system, turns }, "prompt");
  }

  answered(text: string): void {
    if (this.#log) this.#answer += text;
  }

  end(): void {
    this.#log?.info({ requestId: this.#requestId, answer: this.#answer }, "answer");
  }
}

async function answer(job: Job, call: Call, requestId: string, prompts: PromptLog): Promise<ExecuteResponse> {
  const whole = await answerWhole(job, call.signal);
  prompts.answered(whole.text);
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
export function createProxyService<C extends Call>(options: ProxyOptions<C>): ProxyService<C> {
  const { identity, log } = options;
  return {
    async execute(request, call) {
      const requestId = requestIdOf(request);
      const prompts = new PromptLog(options, requestId);
      try {
        const job = await readRequest(request, call, options);
        prompts.asked(job);
        return await answer(job, call, requestId, prompts);
      } catch (thrown) {
        const value = describeFailure(thrown, call, requestId, log);
        return create(ExecuteResponseSchema, { requestId, result: { case: "error", value } });
      } finally {
        prompts.end();
      }
    },

    async *streamExecute(request, call) {
      const requestId = requestIdOf(request);
      const prompts = new PromptLog(options, requestId);
      try {
        const job = await readRequest(request, call, options);
        prompts.asked(job);
        const chunker = new TextChunker();
        // One loop and no generator within a generator: each costs as much as writing the chunk does.
        for await (const part of answerInParts(job, call.signal)) {
          const texts = part.type === "text" ? chunker.push(part.text) : chunker.flush();
          for (const value of texts) yield chunk(requestId, { case: "textChunk", value });
          if (part.type === "text") {
            prompts.answered(part.text);
            continue;
          }
          refuseTruncated(job.model, part);
          yield* endOfStream(job, call, requestId, part);
        }
      } catch (thrown) {
        yield chunk(requestId, { case: "error", value: describeFailure(thrown, call, requestId, log) });
      } finally {
        prompts.end();
      }
    },

    async getServerInfo(_request, call) {
      const { directory } = options;
      const choice = { offer: await directory.offer(), defaultModel: await directory.defaultModel() };
      return describeServer(
        permitted(choice, (names) => options.mayUse(call, names)),
        identity,
      );
    },
  };
}
