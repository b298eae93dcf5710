/** How long something may take. */
export interface Limit {
  /** Milliseconds. */
  ms: number;
  /** Ends it before. */
  signal: AbortSignal | undefined;
  /** Makes the reason for which it ends when it takes too long. */
  late(): Error;
}

/**
 * Does something under a signal that ends it when it takes too long.
 *
 * @param act - What is done.
 * @param limit - How long it may take, and what else ends it.
 * @throws What `act` throws.
 */
export async function within<T>(act: (signal: AbortSignal) => Promise<T>, { ms, signal, late }: Limit): Promise<T> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => controller.abort(late()), ms);
  try {
    return await act(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
