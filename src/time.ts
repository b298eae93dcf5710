/** A minute, an hour, a day, in milliseconds. */
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A day in UTC: `2026-12-04`. */
export function formatDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** A time to the minute: `2026-12-04 02:42 UTC`. */
export function formatTime(time: Date): string {
  return time
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\.\d+Z$/, " UTC");
}

/**
 * How long something lasts, in its largest whole unit.
 *
 * @param ms - Milliseconds.
 */
export function formatSpan(ms: number): string {
  if (ms >= 2 * dayMs) return `${Math.floor(ms / dayMs)} days`;
  if (ms >= 2 * hourMs) return `${Math.floor(ms / hourMs)} hours`;
  if (ms >= 2 * minuteMs) return `${Math.floor(ms / minuteMs)} minutes`;
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Math.round(ms)} ms`;
}

/**
 * Waits.
 *
 * @param ms - Milliseconds.
 * @param signal - Ends the waiting at once.
 * @throws The signal's reason, when it ended the waiting.
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
