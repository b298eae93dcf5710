import { create } from "@bufbuild/protobuf";
import {
  type ExecuteError,
  ExecuteRequestSchema,
  type ExecutionMetrics,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { formatSpan } from "../time.ts";
import { AnswerOrder } from "./answer-order.ts";
import { callFailureOf, explainCall } from "./call-failure.ts";
import type { CallLimits, Channel } from "./channel.ts";
import { printable } from "./display-text.ts";
import { type Finding, StepFailure } from "./step.ts";

/** What to ask. */
export interface Prompt {
  readonly text: string;
  /** A model's id or alias; the server's default when undefined. */
  readonly model?: string | undefined;
}

interface Times {
  /** Milliseconds until the first text; undefined when there was none. */
  firstMs: number | undefined;
  totalMs: number;
}

function describeMetrics(metrics: ExecutionMetrics | undefined, { firstMs, totalMs }: Times): string[] {
  const here = `${firstMs === undefined ? "no text" : `first text after ${formatSpan(firstMs)}`}, end after ${formatSpan(totalMs)}`;
  if (metrics === undefined) return [`Seen from here: ${here}`];
  const { inputTokens, outputTokens, totalTokens, costUsd, retryCount } = metrics;
  const tokens = [
    inputTokens === undefined ? [] : [`${inputTokens} in`],
    outputTokens === undefined ? [] : [`${outputTokens} out`],
    totalTokens === undefined ? [] : [`${totalTokens} together`],
  ].flat();
  return [
    `Seen from here: ${here}`,
    `Seen from the server: ${formatSpan(Number(metrics.durationMs))}, retries: ${retryCount}`,
    `Tokens: ${tokens.join(", ") || "not told"}`,
    `Cost: ${costUsd === undefined ? "not told" : `$${Number(costUsd.toFixed(6))}`}`,
  ];
}

function explainError(
  { errorCode, errorMessage, errorDetails }: ExecuteError,
  details: readonly string[],
): StepFailure {
  return new StepFailure(`the model gave no answer: ${printable(errorCode)}: ${printable(errorMessage)}`, {
    details: [...(errorDetails ? [printable(errorDetails)] : []), ...details],
    hint: "The server's log says more: find it by the request id.",
  });
}

/**
 * Streams the answer to a prompt, and checks that it comes in order: text, `complete`, `final_metrics`, OK.
 *
 * @param limits - How long the whole answer may take.
 * @returns The pieces of text as they arrive, then what came of it.
 * @throws StepFailure when the model fails, the stream breaks off, or its order is wrong.
 */
export async function* promptStep(
  channel: Channel,
  { text, model }: Prompt,
  limits: CallLimits,
): AsyncGenerator<string | Finding<void>, void> {
  const requestId = crypto.randomUUID();
  const request = create(ExecuteRequestSchema, {
    userFragments: [text],
    requestId,
    ...(model === undefined ? {} : { modelName: model }),
  });
  const order = new AnswerOrder(requestId);
  const start = performance.now();
  const times: Times = { firstMs: undefined, totalMs: 0 };
  const describe = () => [...describeMetrics(order.metrics, times), `Request id: ${requestId}`];
  try {
    for await (const chunk of channel.streamExecute(request, limits)) {
      const piece = order.take(chunk);
      if (!piece) continue;
      times.firstMs ??= performance.now() - start;
      yield piece;
    }
    order.end();
  } catch (error) {
    times.totalMs = performance.now() - start;
    const after = order.characters > 0 ? `The stream broke off after ${order.characters} characters.` : "No text came.";
    throw explainCall(callFailureOf(error), "StreamExecute", [after, ...describe()]);
  }
  times.totalMs = performance.now() - start;
  if (order.error) throw explainError(order.error, describe());
  if (order.faults.length > 0) {
    throw new StepFailure("the answer's stream is out of order", {
      details: [...order.faults, ...describe()],
      hint: "vibectl stops reading at complete or final_metrics and loses the rest: report this with the server's version.",
    });
  }
  const summary = `${printable(order.model ?? "")} answered in ${formatSpan(times.totalMs)}`;
  const finding = { details: describe(), value: undefined };
  yield order.characters > 0
    ? { ...finding, outcome: "ok", summary }
    : { ...finding, outcome: "warning", summary: `${summary}, with no text`, hint: "Try another prompt or model." };
}
