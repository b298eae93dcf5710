import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import { AnswerOrder } from "../../../src/client/answer-order.ts";
import {
  type ExecuteError,
  ExecuteRequestSchema,
  ExecuteResponseSchema,
  type ExecutionMetrics,
  StreamChunkSchema,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Way } from "./verdicts.ts";

/** What is asked. */
export interface Question {
  way: Way;
  model: string;
  text: string;
  schema?: string | undefined;
  /** Milliseconds. */
  deadlineMs: number;
}

/** What a caller has seen of its call. */
export interface Seen {
  /** The call's gRPC status, with its words. */
  status: number;
  details: string;
  text: string;
  error: ExecuteError | undefined;
  /** The model that answered. */
  model: string | undefined;
  metrics: ExecutionMetrics | undefined;
  /** What was out of order in a stream; each a sentence. */
  disorder: readonly string[];
  ms: number;
}

const requestId = "fault-matrix";

function requestOf({ model, text, schema }: Question): Buffer {
  const request = create(ExecuteRequestSchema, { requestId, modelName: model, userFragments: [text] });
  if (schema !== undefined) request.responseModelSchema = schema;
  return Buffer.from(toBinary(ExecuteRequestSchema, request));
}

type Answer = Pick<Seen, "text" | "error" | "model" | "metrics" | "disorder">;

function readWhole(messages: readonly Buffer[]): Answer {
  const nothing: Answer = { text: "", error: undefined, model: undefined, metrics: undefined, disorder: [] };
  const [bytes] = messages;
  if (!bytes) return nothing;
  const reply = fromBinary(ExecuteResponseSchema, bytes);
  const disorder = reply.requestId === requestId ? [] : ["The answer carries another request id."];
  const { result } = reply;
  if (result.case === "error") return { ...nothing, error: result.value, disorder };
  if (result.case !== "success") return { ...nothing, disorder: ["The answer is neither success nor error."] };
  const { responseText, actualModelUsed, metrics } = result.value;
  return { ...nothing, text: responseText, model: actualModelUsed, metrics, disorder };
}

function readParts(messages: readonly Buffer[], isOk: boolean): Answer {
  const order = new AnswerOrder(requestId);
  const texts = messages.map((bytes) => order.take(fromBinary(StreamChunkSchema, bytes)) ?? "");
  if (isOk) order.end();
  const { error, model, metrics, faults } = order;
  return { text: texts.join(""), error, model, metrics, disorder: faults };
}

/** Opens a connection of its own to a server on this machine. */
export async function openClient(port: number): Promise<Client> {
  const client = new Client(`localhost:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  await new Promise<void>((resolve, reject) =>
    client.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve())),
  );
  return client;
}

/** Asks a server something. */
export async function askOn(client: Client, question: Question): Promise<Seen> {
  const startedAt = performance.now();
  const messages: Buffer[] = [];
  // A unary call is a stream of one message.
  const call = client.makeServerStreamRequest(
    `/vibectl.llm_proxy.VibectlLLMProxy/${question.way === "unary" ? "Execute" : "StreamExecute"}`,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
    requestOf(question),
    { deadline: Date.now() + question.deadlineMs },
  );
  call.on("data", (bytes: Buffer) => messages.push(bytes));
  call.on("error", () => undefined);
  const status = await new Promise<{ code: number; details: string }>((resolve) => call.on("status", resolve));
  const ms = performance.now() - startedAt;
  const answer = question.way === "unary" ? readWhole(messages) : readParts(messages, status.code === 0);
  return { status: status.code, details: status.details, ...answer, ms };
}

/**
 * Asks a server on this machine something, on a connection of its own, so that no other answer is in the way.
 *
 * @returns What was seen; connecting is not in its time.
 */
export async function ask(port: number, question: Question): Promise<Seen> {
  const client = await openClient(port);
  try {
    return await askOn(client, question);
  } finally {
    client.close();
  }
}
