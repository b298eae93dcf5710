import type { Usage } from "./provider.ts";
import type { TextSample, TokenCounter } from "./token-count.ts";
import { type Fields, type Wire, withoutNulls } from "./wire-signs.ts";

/** Token counts as they came: they may be anything. */
interface Counts {
  input: unknown;
  output: unknown;
  cacheRead?: unknown;
  cacheWrite?: unknown;
  /** The sum as the vendor has it. */
  total?: unknown;
  /** Those of the output that are reasoning; a few vendors count them beside it. */
  reasoning?: unknown;
}

/** The sum of counts; what is not there counts nothing, and nothing at all is no count. */
function sum(...counts: readonly unknown[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce<number>((total, count) => total + Number(count), 0);
}

function detail(details: unknown, name: string): unknown {
  return typeof details === "object" && details !== null ? ((details as Fields)[name] ?? undefined) : undefined;
}

const readers: Readonly<Record<Wire, (usage: Fields) => Counts>> = {
  messages: ({ input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens }) => ({
    input: sum(input_tokens, cache_read_input_tokens, cache_creation_input_tokens),
    output: output_tokens,
    cacheRead: cache_read_input_tokens,
    cacheWrite: cache_creation_input_tokens,
  }),
  responses: ({ input_tokens, output_tokens, total_tokens, input_tokens_details: details }) => ({
    input: input_tokens,
    output: output_tokens,
    total: total_tokens,
    cacheRead: detail(details, "cached_tokens"),
    cacheWrite: detail(details, "cache_write_tokens"),
  }),
  gemini: (usage) => ({
    input: sum(usage.promptTokenCount, usage.toolUsePromptTokenCount),
    output: sum(usage.candidatesTokenCount, usage.thoughtsTokenCount),
    total: usage.totalTokenCount,
    cacheRead: usage.cachedContentTokenCount,
  }),
  chat: ({ prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details }) => ({
    input: prompt_tokens,
    output: completion_tokens,
    total: total_tokens,
    cacheRead: detail(prompt_tokens_details, "cached_tokens"),
    reasoning: detail(completion_tokens_details, "reasoning_tokens"),
  }),
};

/** No model takes or gives as many. */
const most = 1e9;

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function soundInput({ input, cacheRead = 0, cacheWrite = 0 }: Counts): number | undefined {
  if (!isCount(input) || input === 0 || !isCount(cacheRead) || !isCount(cacheWrite)) return undefined;
  return cacheRead + cacheWrite <= input ? input : undefined;
}

/** A sum may lack a few tokens that a vendor counts elsewhere, but not a half. */
function fits(total: number, parts: number): boolean {
  return Math.abs(total - parts) <= Math.max(16, parts / 2);
}

/**
 * The counts of a provider that can be true.
 *
 * @param wire - Whose form they have.
 * @param usage - The provider's counts, if it gave any.
 * @param hasOutput - Whether the model has said anything: then it can't have used nothing.
 * @returns What is sound; a half that is missing, or that contradicts itself or the other, is left out.
 */
export function soundUsage(wire: Wire, usage: Fields | undefined, hasOutput: boolean): Usage {
  if (!usage) return {};
  const counts = readers[wire](withoutNulls(usage));
  const input = soundInput(counts);
  let output = isCount(counts.output) && (counts.output > 0 || !hasOutput) ? counts.output : undefined;
  const { total, reasoning } = counts;
  if (input !== undefined && output !== undefined && isCount(total) && total > 0) {
    if (isCount(reasoning) && total === input + output + reasoning) output += reasoning;
    if (!fits(total, input + output)) return {};
  }
  const cached = input === undefined ? {} : readCache(counts);
  return { inputTokens: input, outputTokens: output, ...cached };
}

function readCache({ cacheRead, cacheWrite }: Counts): Usage {
  return {
    ...(isCount(cacheRead) ? { cacheReadTokens: cacheRead } : {}),
    ...(isCount(cacheWrite) ? { cacheWriteTokens: cacheWrite } : {}),
  };
}

/** The texts of a call. */
export interface CallTexts {
  prompt: TextSample;
  output: TextSample;
}

/**
 * Counts what a provider did not.
 *
 * @param usage - The sound part of its counts.
 * @param texts - What was sent and what came.
 * @param counter - Counts.
 */
export async function completeUsage(
  usage: Usage,
  { prompt, output }: CallTexts,
  counter: TokenCounter,
): Promise<Usage> {
  if (usage.inputTokens !== undefined && usage.outputTokens !== undefined) return usage;
  const [inputTokens, outputTokens] = await Promise.all([
    usage.inputTokens ?? prompt.tokens(counter),
    usage.outputTokens ?? output.tokens(counter),
  ]);
  return { ...usage, inputTokens, outputTokens, estimated: true };
}

/**
 * What an answer that broke off has used: a provider that counted on the way had not counted all of it.
 *
 * @param usage - The sound part of its counts until then.
 */
export async function usageUntilNow(usage: Usage, texts: CallTexts, counter: TokenCounter): Promise<Usage> {
  const counted = await completeUsage({ ...usage, outputTokens: undefined }, texts, counter);
  return { ...counted, outputTokens: Math.max(usage.outputTokens ?? 0, counted.outputTokens ?? 0) };
}
