import { CheckError } from "../errors.ts";
import { formatSpan } from "../time.ts";

/** A step took longer than it may. */
export class StepTimeout extends CheckError {
  constructor(readonly limitMs: number) {
    super(`no answer within ${formatSpan(limitMs)}`);
  }
}

/**
 * Runs something that may take only so long. What does not obey the signal is left behind.
 *
 * @param limitMs - Milliseconds.
 * @param parent - Ends it early.
 * @param run - Is given a signal that aborts at the limit, with the parent, and when it is through.
 * @throws StepTimeout at the limit; the parent's reason when that aborts; and what `run` throws.
 */
export async function within<T>(
  limitMs: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const timer = setTimeout(() => controller.abort(new StepTimeout(limitMs)), limitMs);
  const forward = () => controller.abort(parent?.reason);
  parent?.addEventListener("abort", forward, { once: true });
  try {
    return await Promise.race([run(signal), aborted]);
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener("abort", forward);
    controller.abort();
  }
}
