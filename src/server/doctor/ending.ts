import { dayMs } from "../../time.ts";

/** Days before the end of what does not renew itself from which on it is told. */
const lastDays = 30;

/** Whether a certificate's end is near, or past. */
export function isEnding(end: Date, now: Date): boolean {
  return end.getTime() - now.getTime() < lastDays * dayMs;
}
