import { UsageError } from "../errors.ts";

const seconds: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  m: 30 * 86_400,
  mo: 30 * 86_400,
  y: 365 * 86_400,
};

const longest = 100 * 365 * 86_400;

/**
 * Reads how long something lasts: `30d`, `12h`, `6m`. A bare number counts days and `m` means months, as the Python
 * server has it; minutes are `min`.
 *
 * @param text - A whole number and a unit.
 * @param flag - What the text was given for, for the message.
 * @returns Seconds.
 * @throws UsageError when it is no duration, is zero, or is longer than 100 years.
 */
export function parseDuration(text: string, flag: string): number {
  const [, count, unit] = /^(\d{1,9})(s|min|h|d|w|m|mo|y)?$/.exec(text.trim().toLowerCase()) ?? [];
  const total = count === undefined ? Number.NaN : Number(count) * (seconds[unit ?? "d"] ?? Number.NaN);
  if (total > 0 && total <= longest) return total;
  throw new UsageError(`${flag} is ${JSON.stringify(text)}, which is no duration from 1s to 100y`, {
    hint: "Write a number and a unit: s, min, h, d (days), w, m (months of 30 days), y. Without a unit it counts days.",
  });
}
