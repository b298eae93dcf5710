import type { Exchange } from "./exchange.ts";
import { type LeftCall, leavings, phases } from "./left-calls.ts";
import type { Upstream } from "./upstream.ts";

/** The requests that a call has led to. */
export function exchangesOf({ plan }: LeftCall, upstream: Upstream): Exchange[] {
  return upstream.exchanges.filter(({ request }) => request.body.includes(`${plan.name}.`));
}

/**
 * How long after a call was left each connection was closed that was at work for it.
 *
 * @returns Milliseconds; those of a connection that still stands are without end.
 */
export function delaysOf(call: LeftCall, upstream: Upstream): number[] {
  return exchangesOf(call, upstream)
    .filter(({ complete }) => !complete)
    .map(({ arrivedAt, closedAt }) => {
      const begin = Math.max(call.leftAt, arrivedAt);
      return Math.max(0, (closedAt ?? Number.POSITIVE_INFINITY) - begin);
    });
}

/**
 * The value that a share of all values does not pass.
 *
 * @param sorted - The values, the smallest first.
 * @param share - From 0 to 1.
 */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The delays of calls, by what they were at and by how they were left, as Markdown. */
export function delayTable(calls: readonly LeftCall[], upstream: Upstream): string {
  const row = (title: string, those: readonly LeftCall[]) => {
    const delays = those.flatMap((call) => delaysOf(call, upstream)).sort((a, b) => a - b);
    const times = [0.5, 0.99, 1].map((share) => quantile(delays, share).toFixed(1));
    const cells = [those.length, delays.length, ...times].map((cell) => String(cell).padStart(6));
    return `| ${title.padEnd(20)} | ${cells.join(" | ")} |`;
  };
  return [
    "| closed after / ms    |  calls |  conns |    p50 |    p99 |    max |",
    "| -------------------- | -----: | -----: | -----: | -----: | -----: |",
    ...phases.map((phase) =>
      row(
        phase,
        calls.filter(({ plan }) => plan.phase === phase),
      ),
    ),
    ...leavings.map((leaving) =>
      row(
        leaving,
        calls.filter(({ plan }) => plan.leaving === leaving),
      ),
    ),
    row("all", calls),
  ].join("\n");
}
