import { create } from "@bufbuild/protobuf";
import { type ExecutionMetrics, ExecutionMetricsSchema } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { AnswerEnd } from "../providers/provider.ts";
import type { Call } from "./call.ts";

const largest = 2 ** 31 - 1;

/** Token counts are int32 on the wire; a provider's nonsense must not make a message that can't be written. */
function tokens(count: number | undefined): number | undefined {
  return count === undefined || !Number.isFinite(count) ? undefined : Math.min(largest, Math.max(0, Math.round(count)));
}

/**
 * What a call took and cost, as the wire has it.
 *
 * @param call - Tells when it began.
 * @param end - What the provider reported.
 * @param retries - Further tries it took.
 */
export function createMetrics(call: Call, { usage, costUsd }: AnswerEnd, retries: number): ExecutionMetrics {
  const inputTokens = tokens(usage.inputTokens);
  const outputTokens = tokens(usage.outputTokens);
  const metrics = create(ExecutionMetricsSchema);
  metrics.durationMs = BigInt(Math.round(performance.now() - call.startedAt));
  metrics.retryCount = retries;
  metrics.timestamp = BigInt(Math.floor(Date.now() / 1000));
  if (inputTokens !== undefined) metrics.inputTokens = inputTokens;
  if (outputTokens !== undefined) metrics.outputTokens = outputTokens;
  if (inputTokens !== undefined && outputTokens !== undefined) metrics.totalTokens = inputTokens + outputTokens;
  if (costUsd !== undefined) metrics.costUsd = costUsd;
  if (usage.estimated) metrics.usageEstimated = true;
  return metrics;
}
