import { systemCodeOf, VibectlError } from "../../errors.ts";

/** What a check found. It never holds a secret. */
export interface Finding {
  /** `warning` works, and somebody should look at it; `skipped` was not looked at. */
  readonly outcome: "ok" | "warning" | "failed" | "skipped";
  /** One line. */
  readonly summary: string;
  /** More of it, a line each. */
  readonly details: readonly string[];
  /** What to do next. */
  readonly hint?: string | undefined;
}

/** What a finding says beside its summary. */
export interface FindingDetails {
  details?: readonly string[];
  hint?: string | undefined;
}

/** Something is as it should be. */
export function ok(summary: string, { details = [], hint }: FindingDetails = {}): Finding {
  return { outcome: "ok", summary, details, hint };
}

/** Something works, and somebody should look at it. */
export function warning(summary: string, { details = [], hint }: FindingDetails = {}): Finding {
  return { outcome: "warning", summary, details, hint };
}

/** Something has to be mended. */
export function failed(summary: string, { details = [], hint }: FindingDetails = {}): Finding {
  return { outcome: "failed", summary, details, hint };
}

/**
 * Something was not looked at.
 *
 * @param reason - Why, as a phrase.
 */
export function skipped(reason: string): Finding {
  return { outcome: "skipped", summary: reason, details: [] };
}

/** A success, or a warning where there are warnings: these then stand below the summary. */
export function okUnless(warnings: readonly string[], summary: string, { details = [], hint }: FindingDetails = {}) {
  const told = { details: [...details, ...warnings], hint };
  return warnings.length > 0 ? warning(summary, told) : ok(summary, told);
}

/**
 * What was thrown, as a finding. Of an error that is not ours only the system's name for it is told: its message could hold
 * anything.
 */
export function failureOf(thrown: unknown): Finding {
  if (thrown instanceof VibectlError) {
    const [summary = "", ...details] = thrown.message.split("\n");
    return failed(summary, { details, hint: thrown.hint });
  }
  const name = systemCodeOf(thrown) ?? (thrown instanceof Error ? thrown.name : typeof thrown);
  return failed(`the check could not be made: ${name}`, { hint: "Report this, with the line above." });
}
