import { type CheckOptions, checkServer } from "../../../src/client/check-server.ts";
import { parseServerUrl } from "../../../src/client/server-url.ts";
import type { StepName, StepResult } from "../../../src/client/step.ts";

/** What a check told. */
export interface Report {
  /** In the order in which they came. */
  results: StepResult[];
  /** The pieces of the prompt's answer. */
  pieces: string[];
}

/** Runs a check to its end. */
export async function runCheck(url: string, options: CheckOptions = {}): Promise<Report> {
  const report: Report = { results: [], pieces: [] };
  for await (const event of checkServer(parseServerUrl(url), options)) {
    if (event.kind === "text") report.pieces.push(event.text);
    else report.results.push(event);
  }
  return report;
}

/** The outcome of each step, such as `name ok`. */
export function outcomes({ results }: Report): string[] {
  return results.map(({ step, outcome }) => `${step} ${outcome}`);
}

/** A step's result. */
export function resultOf({ results }: Report, step: StepName): StepResult {
  const result = results.find((candidate) => candidate.step === step);
  if (!result) throw new Error(`the step ${step} was not reported`);
  return result;
}
