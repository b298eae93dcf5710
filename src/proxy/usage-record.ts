import type { ModelErrorCode } from "../errors.ts";
import type { Usage } from "../providers/provider.ts";

/** What one attempt at an answer has used. */
export interface UsageRecord {
  requestId: string;
  /** The id of the model that was asked. */
  model: string;
  usage: Usage;
  /** US dollars at list price; absent where the price is unknown. */
  costUsd?: number | undefined;
  /** `OK` for a complete answer, `CANCELLED` for one that was not waited for; what else it broke off with is in the log. */
  outcome: "OK" | Extract<ModelErrorCode, "CANCELLED"> | "FAILED";
}

/** Told of every attempt that has used something, the failed ones too. It must not throw. */
export type UsageSink<C> = (record: UsageRecord, call: C) => void;
