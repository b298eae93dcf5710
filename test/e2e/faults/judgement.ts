import { toJsonString } from "@bufbuild/protobuf";
import { ExecuteErrorSchema } from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { structuredText } from "./answer-faults.ts";
import type { Seen } from "./asking.ts";
import type { Exchange } from "./exchange.ts";
import { canaries } from "./fault.ts";
import { type Cell, healthyModel, namesOf } from "./ground.ts";
import { type Expectation, healthyText } from "./verdicts.ts";

/** How many times its bound a call may take before it is a failure, rather than a slow machine. */
const patience = 5;

/** What became of one call. */
export interface Outcome {
  cell: Cell;
  expected: Expectation;
  seen: Seen;
  /** Requests that reached the failing model. */
  requests: number;
  /** What is not as it has to be; each a sentence. */
  problems: readonly string[];
}

/** What a call ended with, in a word. */
export function endOf({ status, error, model }: Seen, { failing }: { failing: string }): string {
  if (error) return error.errorCode;
  if (status !== 0) return `status ${status}`;
  if (model === healthyModel) return "OK, fallback";
  return model === failing ? "OK" : `OK from ${model}`;
}

/** What a call has to end with, in the same words. */
export function expectedEnd({ ends }: Expectation): string {
  if (ends === "answer") return "OK";
  return ends === "fallback" ? "OK, fallback" : ends.join(" or ");
}

function judgeText(seen: Seen, { ends, text, endless, afterText }: Expectation, structured: boolean): string[] {
  if (ends === "answer") return seen.text === text ? [] : [`The text is ${shown(seen.text)}, not the model's.`];
  if (ends === "fallback") {
    const good = structured ? structuredText : healthyText;
    return seen.text === good ? [] : [`The text is ${shown(seen.text)}, not the healthy model's.`];
  }
  const whole = endless ? text.repeat(Math.ceil(seen.text.length / text.length) + 1) : text;
  if (!whole.startsWith(seen.text)) return [`The text before the error is ${shown(seen.text)}, which was never said.`];
  return afterText && seen.text === "" ? ["The text before the error is missing."] : [];
}

function shown(text: string): string {
  return text.length > 80 ? `${JSON.stringify(text.slice(0, 80))}… (${text.length} characters)` : JSON.stringify(text);
}

function judgeMetrics({ metrics }: Seen, { ends, estimated }: Expectation, requests: number): string[] {
  if (ends !== "answer" && ends !== "fallback") return [];
  if (!metrics) return ["There are no metrics."];
  const problems: string[] = [];
  const { retryCount, usageEstimated, inputTokens = 0, outputTokens = 0 } = metrics;
  const retries = ends === "answer" ? requests - 1 : requests;
  // What can't be reached is tried all the same.
  if (requests > 0 && retryCount !== retries) problems.push(`retry_count is ${retryCount} after ${retries} retries.`);
  if (inputTokens <= 0 || outputTokens <= 0) problems.push("The tokens were not counted.");
  if (estimated !== undefined && usageEstimated !== estimated) problems.push(`usage_estimated is ${usageEstimated}.`);
  return problems;
}

function judgeSecrets({ error, details }: Seen): string[] {
  const told = `${error ? toJsonString(ExecuteErrorSchema, error) : ""} ${details}`;
  return canaries.filter((canary) => told.includes(canary)).map((canary) => `The caller was told ${canary}.`);
}

function judgeTime({ ms }: Seen, { atLeastMs = 0, boundMs }: Expectation): string[] {
  const problems: string[] = [];
  if (ms < atLeastMs) problems.push(`It took ${ms.toFixed(0)} ms; at least ${atLeastMs} ms have to pass.`);
  if (ms > boundMs * patience) problems.push(`It took ${ms.toFixed(0)} ms; the bound is ${boundMs} ms.`);
  return problems;
}

/**
 * Compares what became of a call with what has to.
 *
 * @param exchanges - The requests that reached the failing model.
 */
export function judge(cell: Cell, seen: Seen, exchanges: readonly Exchange[]): Outcome {
  const expected = cell.fault[cell.way][cell.company];
  const requests = exchanges.length;
  const [least, most] = expected.requests ?? [0, Number.POSITIVE_INFINITY];
  const end = endOf(seen, namesOf(cell));
  const accepted = expectedEnd(expected).split(" or ");
  const lingering = exchanges.filter(({ complete, open }) => open && !complete).length;
  const problems = [
    ...(accepted.includes(end) ? [] : [`It ended with ${end}: ${seen.error?.errorMessage ?? seen.details}`]),
    ...(seen.status === 0 ? [] : [`The call's status is ${seen.status}: ${seen.details}`]),
    ...judgeText(seen, expected, cell.fault.structured === true),
    ...judgeMetrics(seen, expected, requests),
    ...(requests >= least && requests <= most
      ? []
      : [`${requests} requests reached the model, not ${least === most ? least : `${least} to ${most}`}.`]),
    ...seen.disorder,
    ...judgeSecrets(seen),
    ...judgeTime(seen, expected),
    ...(lingering > 0 ? [`${lingering} connections are neither closed nor idle.`] : []),
  ];
  return { cell, expected, seen, requests, problems };
}
