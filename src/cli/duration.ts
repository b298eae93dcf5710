import { shown } from "../auth/shown-text.ts";
import { UsageError } from "../errors.ts";

/** How a duration is read. */
export interface DurationOptions {
  /** Whether nothing at all is one: `0`, `0s`. */
  zero?: boolean;
}

const day = 86_400;
const month = 30 * day;

/** Seconds of each unit. `m` means months, as in the Python server. */
const units: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: day,
  w: 7 * day,
  m: month,
  M: month,
  mo: month,
  y: 365 * day,
};

const longest = 100 * 365 * day;
const form =
  "Write a whole number and a unit: 90s, 30min, 12h, 30d (days), 2w, 6m (months of 30 days), 1y. Without a unit it counts days.";

/**
 * Reads how long something lasts: `30d`, `12h`, `6m`. A bare number counts days and `m` means months, as the Python
 * server has it; minutes are `min`.
 *
 * @param text - A whole number and a unit, without a blank.
 * @param flag - What the text was given for, for the message.
 * @returns Seconds.
 * @throws UsageError when it is no duration, is zero where that is none, or is longer than 100 years.
 */
export function parseDuration(text: string, flag: string, { zero = false }: DurationOptions = {}): number {
  const [, count, unit = "d"] = /^([0-9]{1,10})([A-Za-z]+)?$/.exec(text) ?? [];
  const length = count !== undefined && Object.hasOwn(units, unit) ? Number(count) * (units[unit] ?? 0) : undefined;
  if (length === undefined) throw new UsageError(`${flag} is ${shown(text)}, which is no duration`, { hint: form });
  if (length === 0 && !zero) {
    throw new UsageError(`${flag} is ${shown(text)}, which is no time at all`, { hint: "The least is 1s." });
  }
  if (length <= longest) return length;
  throw new UsageError(`${flag} is ${shown(text)}, which is too long`, { hint: "The most is 100y." });
}

/** Whether a duration has the unit that somebody may have taken for minutes. */
export function looksLikeMinutes(text: string): boolean {
  return /^[0-9]+[mM]$/.test(text);
}

/**
 * How long something lasts, exactly: `180 days`, `90 minutes`.
 *
 * @param seconds - A whole number.
 */
export function describeDuration(seconds: number): string {
  const names = [
    [day, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ] as const;
  const [size, name] = names.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "second"];
  const number = seconds / size;
  return `${number} ${name}${number === 1 ? "" : "s"}`;
}
