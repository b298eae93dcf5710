import { ModelError } from "../errors.ts";
import type { Answer, Prompt, Usage } from "../providers/provider.ts";
import type { OfferedModel } from "./model-directory.ts";
import type { ResponseSchema } from "./response-schema.ts";

/** An answer and how many further tries it took. */
export interface StructuredAnswer extends Answer {
  retries: number;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: sum(a.inputTokens, b.inputTokens),
    outputTokens: sum(a.outputTokens, b.outputTokens),
    cacheReadTokens: sum(a.cacheReadTokens, b.cacheReadTokens),
    cacheWriteTokens: sum(a.cacheWriteTokens, b.cacheWriteTokens),
  };
}

function correction(prompt: Prompt, answer: string, problem: string): Prompt {
  return {
    ...prompt,
    turns: [
      ...prompt.turns,
      { role: "assistant", text: answer },
      {
        role: "user",
        text: `This answer can't be used: ${problem}. Answer again with one JSON document that satisfies the schema, and nothing else.`,
      },
    ],
  };
}

/**
 * Asks for an answer that satisfies a schema. One that does not is sent back once with what is wrong with it.
 *
 * @param model - Who is asked.
 * @param prompt - What is asked, without the schema.
 * @param schema - What the answer has to satisfy.
 * @param signal - Ends it.
 * @returns The JSON document alone as text, with the usage of both tries together; the text as it is when the model
 *   stopped at its output limit, which no further try would change.
 * @throws ModelError INVALID_STRUCTURED_OUTPUT when the second try fails too.
 */
export async function answerStructured(
  model: OfferedModel,
  prompt: Prompt,
  schema: ResponseSchema,
  signal: AbortSignal,
): Promise<StructuredAnswer> {
  const asked: Prompt = { ...prompt, schema: schema.schema };
  const first = await model.provider.generate(model.name, asked, { signal });
  const verdict = await schema.judge(first.text);
  if (verdict.valid) return { ...first, text: verdict.document, retries: 0 };
  if (first.finishReason === "length") return { ...first, retries: 0 };

  const second = await model.provider.generate(model.name, correction(asked, first.text, verdict.problem), { signal });
  const usage = addUsage(first.usage, second.usage);
  const costUsd = sum(first.costUsd, second.costUsd);
  if (second.finishReason === "length") return { ...second, usage, costUsd, retries: 1 };
  const final = await schema.judge(second.text);
  if (final.valid) return { ...second, text: final.document, usage, costUsd, retries: 1 };
  throw new ModelError(
    "INVALID_STRUCTURED_OUTPUT",
    `${model.id} gave no answer that satisfies the schema, in two tries`,
    // The log has the message alone: what the answer says is the caller's.
    { hint: `Its last answer: ${final.problem}. Try again, or ask a model that follows schemas better.` },
  );
}
