import { expect, test } from "bun:test";
import { createMetrics } from "../../../src/proxy/metrics.ts";

const call = { signal: new AbortController().signal, deadline: undefined, startedAt: performance.now() - 1500 };
const metricsOf = (usage: object, costUsd?: number) => createMetrics(call, { finishReason: "stop", usage, costUsd }, 2);

test("it tells duration, time, tries, tokens and cost", () => {
  const metrics = metricsOf({ inputTokens: 3, outputTokens: 4 }, 0.25);
  expect(metrics).toMatchObject({ inputTokens: 3, outputTokens: 4, totalTokens: 7, costUsd: 0.25, retryCount: 2 });
  expect(Number(metrics.durationMs)).toBeGreaterThanOrEqual(1500);
  expect(Number(metrics.timestamp)).toBeGreaterThan(1_700_000_000);
});

test("what the provider did not say is absent, and not zero", () => {
  const metrics = metricsOf({ inputTokens: 3 });
  expect(metrics.outputTokens).toBeUndefined();
  expect(metrics.totalTokens).toBeUndefined();
  expect(metrics.costUsd).toBeUndefined();
});

test("a provider's nonsense fits the wire", () => {
  expect(metricsOf({ inputTokens: 1e12, outputTokens: -5 })).toMatchObject({
    inputTokens: 2 ** 31 - 1,
    outputTokens: 0,
  });
  expect(metricsOf({ inputTokens: Number.NaN }).inputTokens).toBeUndefined();
  expect(metricsOf({ inputTokens: 1.6 }).inputTokens).toBe(2);
});
