import type { Usage } from "./provider.ts";

/** An answer whose price is asked. */
export interface PriceQuestion {
  /** The vendor, as the price list names it; absent where only the address tells. */
  vendor?: string | undefined;
  /** The address that was called; only looked at without a vendor. */
  baseUrl?: string | undefined;
  model: string;
  usage: Usage;
}

/** The price list is large: it is read when the first answer is on its way. */
async function priceList() {
  return await import("@pydantic/genai-prices");
}

/** Begins to read the price list, so that it is at hand when an answer is complete. */
export function preparePrices(): void {
  void priceList();
}

/**
 * What an answer costs at list price.
 *
 * @param question - Who answered, and the tokens it took.
 * @returns US dollars; undefined when model or token counts are unknown.
 */
export async function costOf({ vendor, baseUrl, model, usage }: PriceQuestion): Promise<number | undefined> {
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const sound = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens].every((count) => count >= 0);
  if (!sound || cacheReadTokens + cacheWriteTokens > inputTokens) return undefined;
  const { calcPrice, findProvider } = await priceList();
  const providerId = vendor ?? findProvider({ providerApiUrl: baseUrl ?? "" })?.id;
  if (providerId === undefined) return undefined;
  const counts = {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cache_read_tokens: cacheReadTokens,
    cache_write_tokens: cacheWriteTokens,
  };
  return calcPrice(counts, model, { providerId })?.total_price;
}
