import { z } from "zod";
import { field } from "./field.ts";

/** The section `retries`. */
export const retries = z.strictObject({
  max_retries: field(z.int().min(0).max(10).default(2), {
    description: "How often a model is asked again before the next one is",
  }),
  base_delay_ms: field(z.int().min(0).max(60_000).default(200), {
    description: "Longest wait before the first retry; it doubles with each one, and its length is drawn by lot",
    unit: "milliseconds",
  }),
  max_delay_ms: field(z.int().min(0).max(600_000).default(5000), {
    description: "Longest wait before any retry; a provider that asks for more is not asked again",
    unit: "milliseconds",
  }),
  budget_percent: field(z.number().min(0).max(1000).default(20), {
    description: "Retries of a model for every hundred of its calls",
    unit: "percent",
  }),
});

/** The section `breaker`. */
export const breaker = z.strictObject({
  failures: field(z.int().min(1).max(1000).default(5), {
    description: "Failures in a row after which a model is left alone, where half of its latest calls failed too",
  }),
  open_seconds: field(z.number().min(0.05).max(3600).default(15), {
    description: "Time until it is tried again",
    unit: "seconds",
  }),
});
