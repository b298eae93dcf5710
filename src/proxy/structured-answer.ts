import { ModelError } from "../errors.ts";
import type { Answer, Prompt, Spent, Usage } from "../providers/provider.ts";
import type { ResponseSchema } from "./response-schema.ts";
import type { Leg } from "./routing/router.ts";
import type { Verdict } from "./schema-validation.ts";

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: sum(a.inputTokens, b.inputTokens),
    outputTokens: sum(a.outputTokens, b.outputTokens),
    cacheReadTokens: sum(a.cacheReadTokens, b.cacheReadTokens),
    cacheWriteTokens: sum(a.cacheWriteTokens, b.cacheWriteTokens),
    estimated: a.estimated ?? b.estimated,
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

/** Judges an answer; what it took is told where that is cut short. */
async function judged(leg: Leg, schema: ResponseSchema, text: string, spent: Spent): Promise<Verdict> {
  try {
    return await schema.judge(text, leg.signal);
  } catch (error) {
    leg.onSpent?.(spent);
    throw error;
  }
}

/**
 * Asks for an answer that satisfies a schema. One that does not is sent back once with what is wrong with it.
 *
 * @param leg - Who is asked, and how.
 * @param prompt - What is asked, without the schema.
 * @param schema - What the answer has to satisfy.
 * @returns The JSON document alone as text, with the usage of both tries together; the text as it is when the model
 *   stopped at its output limit, which no further try would change.
 * @throws ModelError INVALID_STRUCTURED_OUTPUT when the second try fails too.
 */
export async function answerStructured(leg: Leg, prompt: Prompt, schema: ResponseSchema): Promise<Answer> {
  const asked: Prompt = { ...prompt, schema: schema.schema };
  const { model, provider } = leg;
  const first = await provider.generate(model.name, asked, leg);
  const verdict = await judged(leg, schema, first.text, first);
  if (verdict.valid) return { ...first, text: verdict.document };
  if (first.finishReason === "length") return first;

  leg.again();
  const second = await provider
    .generate(model.name, correction(asked, first.text, verdict.problem), leg)
    .catch((error) => {
      leg.onSpent?.(first);
      throw error;
    });
  const usage = addUsage(first.usage, second.usage);
  const costUsd = sum(first.costUsd, second.costUsd);
  if (second.finishReason === "length") return { ...second, usage, costUsd };
  const final = await judged(leg, schema, second.text, { usage, costUsd });
  if (final.valid) return { ...second, text: final.document, usage, costUsd };
  leg.onSpent?.({ usage, costUsd });
  throw new ModelError(
    "INVALID_STRUCTURED_OUTPUT",
    `${model.id} gave no answer that satisfies the schema, in two tries`,
    // The log has the message alone: what the answer says is the caller's.
    { hint: `Its last answer: ${final.problem}. Try again, or ask a model that follows schemas better.` },
  );
}
