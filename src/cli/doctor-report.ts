import type { Diagnosis } from "../server/doctor/diagnose.ts";
import { formatJson } from "./json.ts";
import { formatOutcome } from "./outcome-lines.ts";
import type { Output } from "./output.ts";

/**
 * Prints findings as they come.
 *
 * @returns Whether nothing failed.
 */
export async function reportFindings(found: AsyncIterable<Diagnosis>, output: Output): Promise<boolean> {
  let sound = true;
  for await (const diagnosis of found) {
    output.line(formatOutcome(diagnosis.check, diagnosis, output));
    sound &&= diagnosis.outcome !== "failed";
  }
  return sound;
}

/**
 * Prints findings as one document of JSON, when all are there.
 *
 * @returns Whether nothing failed.
 */
export async function reportFindingsAsJson(found: AsyncIterable<Diagnosis>, output: Output): Promise<boolean> {
  const checks: object[] = [];
  let sound = true;
  for await (const { check, outcome, summary, details, hint } of found) {
    checks.push({ check, outcome, summary, details, hint });
    sound &&= outcome !== "failed";
  }
  output.line(formatJson({ sound, checks }));
  return sound;
}
