import { create } from "@bufbuild/protobuf";
import { CallAbortedError, ModelError } from "../errors.ts";
import {
  type ExecuteRequest,
  type ExecuteResponse,
  ExecuteResponseSchema,
  ExecuteSuccessSchema,
  type ExecutionMetrics,
  type GetServerInfoRequest,
  type GetServerInfoResponse,
  type StreamChunk,
  StreamChunkSchema,
  StreamCompleteSchema,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Answer, AnswerEnd, Spent } from "../providers/provider.ts";
import { answerWhole, beginAnswer, refuseTruncated } from "./answers.ts";
import type { Call } from "./call.ts";
import { type CallLog, describeFailure } from "./failure.ts";
import { createMetrics } from "./metrics.ts";
import type { OfferedModel } from "./model-directory.ts";
import { type Job, type RequestOptions, readRequest, requestIdOf } from "./request.ts";
import type { Routed } from "./routing/router.ts";
import { describeServer, permitted, type ServerIdentity } from "./server-info.ts";
import { TextChunker } from "./text-chunks.ts";
import type { UsageRecord, UsageSink } from "./usage-record.ts";
import type { WorkerPlaces } from "./worker-places.ts";

/** Clients refuse messages over 4 MiB; this leaves room for what stands around the text. */
const largestText = 4 * 1024 * 1024 - 4096;

/** What the service works with. */
export interface ProxyOptions<C extends Call> extends RequestOptions<C> {
  identity: ServerIdentity;
  /** Bounds the calls that run. */
  places: WorkerPlaces;
  log: CallLog;
  onUsage: UsageSink<C>;
  /** Whether prompts and answers are written to the log. It is asked for at each call. */
  readonly logPrompts: boolean;
}

/** The three methods of `vibectl.llm_proxy.VibectlLLMProxy`. */
export interface ProxyService<C extends Call> {
  execute(request: ExecuteRequest, call: C): Promise<ExecuteResponse>;
  streamExecute(request: ExecuteRequest, call: C): AsyncGenerator<StreamChunk>;
  getServerInfo(request: GetServerInfoRequest, call: C): Promise<GetServerInfoResponse>;
}

function chunk(requestId: string, chunkType: StreamChunk["chunkType"]): StreamChunk {
  const message = create(StreamChunkSchema);
  message.requestId = requestId;
  message.chunkType = chunkType;
  return message;
}

function endOfStream(model: OfferedModel, requestId: string, metrics: ExecutionMetrics): StreamChunk[] {
  const complete = create(StreamCompleteSchema, { actualModelUsed: model.id });
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

  asked({ plan, prompt }: Job): void {
    const { system, turns } = prompt;
    this.#log?.info({ requestId: this.#requestId, model: plan[0]?.id, system, turns }, "prompt");
  }

  answered(text: string): void {
    if (this.#log) this.#answer += text;
  }

  end(): void {
    this.#log?.info({ requestId: this.#requestId, answer: this.#answer }, "answer");
  }
}

/** One call while it is answered. */
class Answering<C extends Call> {
  readonly prompts: PromptLog;

  constructor(
    readonly requestId: string,
    private readonly call: C,
    private readonly options: ProxyOptions<C>,
  ) {
    this.prompts = new PromptLog(options, requestId);
  }

  /** What an attempt that did not end well has used. */
  readonly onSpent = ({ usage, costUsd }: Spent, { id }: OfferedModel): void => {
    this.#tell({ model: id, usage, costUsd, outcome: this.call.signal.aborted ? "CANCELLED" : "FAILED" });
  };

  /** What the answer has used. */
  used({ id }: OfferedModel, { usage, costUsd }: AnswerEnd): void {
    this.#tell({ model: id, usage, costUsd, outcome: "OK" });
  }

  async respond({ value, model, retries }: Routed<Answer>): Promise<ExecuteResponse> {
    this.used(model, value);
    refuseTruncated(model, value);
    this.prompts.answered(value.text);
    const bytes = Buffer.byteLength(value.text);
    if (bytes > largestText) {
      throw new ModelError("RESPONSE_TOO_LARGE", `The answer has ${bytes} bytes; one message may have ${largestText}`, {
        hint: "Use StreamExecute, which has no such limit.",
      });
    }
    const success = create(ExecuteSuccessSchema);
    success.responseText = value.text;
    success.actualModelUsed = model.id;
    success.metrics = createMetrics(this.call, value, retries);
    const response = create(ExecuteResponseSchema);
    response.requestId = this.requestId;
    response.result = { case: "success", value: success };
    return response;
  }

  #tell(record: Omit<UsageRecord, "requestId">): void {
    this.options.onUsage({ requestId: this.requestId, ...record }, this.call);
  }
}

/** Understands a request, and waits for a place to run it. */
async function begin<C extends Call>(
  request: ExecuteRequest,
  call: C,
  { prompts }: Answering<C>,
  options: ProxyOptions<C>,
): Promise<{ job: Job; leave: () => void }> {
  const job = await readRequest(request, call, options);
  prompts.asked(job);
  return { job, leave: await options.places.take(call.signal) };
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
      const answering = new Answering(requestId, call, options);
      let leave: (() => void) | undefined;
      try {
        const begun = await begin(request, call, answering, options);
        leave = begun.leave;
        const { job } = begun;
        const routed = await job.router.run(job.plan, {
          call,
          requestId,
          way: "whole",
          attempt: (leg) => answerWhole(job, leg),
          onSpent: answering.onSpent,
        });
        routed.settle();
        return await answering.respond(routed);
      } catch (thrown) {
        const value = describeFailure(thrown, call, requestId, log);
        return create(ExecuteResponseSchema, { requestId, result: { case: "error", value } });
      } finally {
        leave?.();
        answering.prompts.end();
      }
    },

    async *streamExecute(request, call) {
      const requestId = requestIdOf(request);
      const answering = new Answering(requestId, call, options);
      let leave: (() => void) | undefined;
      let settle: ((error?: unknown) => void) | undefined;
      // Whoever reads no further has gone away.
      let outcome: unknown = new CallAbortedError("client");
      try {
        const begun = await begin(request, call, answering, options);
        leave = begun.leave;
        const { job } = begun;
        const routed = await job.router.run(job.plan, {
          call,
          requestId,
          way: job.schema ? "whole" : "streamed",
          attempt: (leg) => beginAnswer(job, leg),
          onSpent: answering.onSpent,
        });
        settle = routed.settle;
        const { model, retries } = routed;
        const chunker = new TextChunker();
        // One loop and no generator within a generator: each costs as much as writing the chunk does.
        for await (const part of routed.value) {
          const texts = part.type === "text" ? chunker.push(part.text) : chunker.flush();
          for (const value of texts) yield chunk(requestId, { case: "textChunk", value });
          if (part.type === "text") {
            answering.prompts.answered(part.text);
            continue;
          }
          answering.used(model, part);
          outcome = undefined;
          refuseTruncated(model, part);
          yield* endOfStream(model, requestId, createMetrics(call, part, retries));
        }
      } catch (thrown) {
        outcome = thrown;
        yield chunk(requestId, { case: "error", value: describeFailure(thrown, call, requestId, log) });
      } finally {
        settle?.(outcome);
        leave?.();
        answering.prompts.end();
      }
    },

    async getServerInfo(_request, call) {
      const { directory, router } = options.models;
      const choice = { offer: await directory.offer(), defaultModel: await directory.defaultModel() };
      return describeServer(
        permitted(choice, (names) => options.mayUse(call, names)),
        identity,
        (model) => router.targets.healthOf(model),
      );
    },
  };
}
