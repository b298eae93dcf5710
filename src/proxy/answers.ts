import { ModelError } from "../errors.ts";
import type { Answer, AnswerEnd, AnswerPart } from "../providers/provider.ts";
import type { OfferedModel } from "./model-directory.ts";
import type { Job } from "./request.ts";
import type { Leg } from "./routing/router.ts";
import { answerStructured } from "./structured-answer.ts";

/**
 * Refuses an answer that stopped at the model's output limit.
 *
 * @throws ModelError OUTPUT_TRUNCATED.
 */
export function refuseTruncated(model: OfferedModel, { finishReason, usage }: AnswerEnd): void {
  if (finishReason !== "length") return;
  const counted = usage.outputTokens !== undefined && !usage.estimated;
  const limit = counted ? `its limit of ${usage.outputTokens} tokens` : "its output limit";
  throw new ModelError("OUTPUT_TRUNCATED", `${model.id} stopped at ${limit} before its answer was complete`, {
    hint: "Ask for less at once, or choose a model that may answer at greater length.",
  });
}

/** Asks for a whole answer, which satisfies the job's schema where it has one. */
export async function answerWhole({ prompt, schema }: Job, leg: Leg): Promise<Answer> {
  const { model, provider } = leg;
  return schema ? await answerStructured(leg, prompt, schema) : await provider.generate(model.name, prompt, leg);
}

async function* wholeInParts(job: Job, leg: Leg): AsyncGenerator<AnswerPart> {
  const { text, ...end } = await answerWhole(job, leg);
  yield { type: "text", text };
  yield { type: "end", ...end };
}

/** An answer in parts. One that has to satisfy a schema is complete before its first part is sent. */
function answerInParts(job: Job, leg: Leg): AsyncIterable<AnswerPart> {
  const { model, provider, signal, onSpent } = leg;
  if (job.schema || !model.streaming) return wholeInParts(job, leg);
  return provider.stream(model.name, job.prompt, onSpent ? { signal, onSpent } : { signal });
}

/**
 * Asks for an answer in parts, and waits for the first one.
 *
 * @returns Its parts, the first one too. Leaving them early closes the provider's connection.
 * @throws ModelError when it breaks off before.
 */
export async function beginAnswer(job: Job, leg: Leg): Promise<AsyncIterableIterator<AnswerPart>> {
  const parts = answerInParts(job, leg)[Symbol.asyncIterator]();
  let first: IteratorResult<AnswerPart> | undefined = await parts.next();
  const begun: AsyncIterableIterator<AnswerPart> = {
    next() {
      if (!first) return parts.next();
      const result = Promise.resolve(first);
      first = undefined;
      return result;
    },
    async return() {
      return (await parts.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => begun,
  };
  return begun;
}
