import { CheckError, type ErrorDetails } from "../errors.ts";

/** The steps of a check, in their order. */
export const stepNames = ["name", "tcp", "tls", "authentication", "server-info", "models", "prompt"] as const;

export type StepName = (typeof stepNames)[number];

/** What came of a step. */
export interface StepResult {
  readonly step: StepName;
  /** `warning` is a success that somebody should look at; `skipped` was not tried, or could not be told. */
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  /** One line. */
  readonly summary: string;
  /** More of it, a line each. */
  readonly details: readonly string[];
  /** What to do next. */
  readonly hint?: string | undefined;
}

/** What a check tells while it runs: the result of each step, and pieces of the prompt's answer as they arrive. */
export type CheckEvent = ({ readonly kind: "result" } & StepResult) | { readonly kind: "text"; readonly text: string };

/** What a step that did not fail found, and what the next ones need of it. */
export interface Finding<T> extends Omit<StepResult, "step" | "outcome"> {
  readonly outcome: "ok" | "warning" | "skipped";
  readonly value: T;
}

/** A step failed: the message is its summary. */
export class StepFailure extends CheckError {
  readonly details: readonly string[];

  constructor(summary: string, { details = [], ...rest }: ErrorDetails & { details?: readonly string[] } = {}) {
    super(summary, rest);
    this.details = details;
  }
}
