const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * A peer's text as it can be shown on a terminal: without control and format characters, and cut where it is long.
 *
 * @param longest - In characters.
 */
export function printable(text: string, longest = 500): string {
  const shown = text
    .replace(/\s+/gu, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "")
    .trim();
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
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

/** A number with its noun: `1 model`, `3 models`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
