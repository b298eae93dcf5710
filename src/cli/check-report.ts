import type { CheckEvent } from "../client/step.ts";
import { formatJson } from "./json.ts";
import { formatOutcome } from "./outcome-lines.ts";
import type { Output } from "./output.ts";

/**
 * Prints what a check tells while it runs.
 *
 * @returns Whether no step failed.
 */
export async function reportAsText(events: AsyncIterable<CheckEvent>, output: Output): Promise<boolean> {
  let sound = true;
  let openLine = false;
  for await (const event of events) {
    if (event.kind === "text") {
      output.foreign(event.text);
      openLine = !event.text.endsWith("\n");
      continue;
    }
    if (openLine) output.line();
    openLine = false;
    output.line(formatOutcome(event.step, event, output));
    sound &&= event.outcome !== "failed";
  }
  return sound;
}

/**
 * Prints what a check has told as one document of JSON, when it is through.
 *
 * @param url - The server's, without its token.
 * @returns Whether no step failed.
 */
export async function reportAsJson(url: string, events: AsyncIterable<CheckEvent>, output: Output): Promise<boolean> {
  const steps: object[] = [];
  let sound = true;
  let answer: string | undefined;
  for await (const event of events) {
    if (event.kind === "text") {
      answer = (answer ?? "") + event.text;
      continue;
    }
    const { step, outcome, summary, details, hint } = event;
    steps.push({ step, outcome, summary, details, hint });
    sound &&= outcome !== "failed";
  }
  output.line(formatJson({ url, sound, steps, answer }));
  return sound;
}
