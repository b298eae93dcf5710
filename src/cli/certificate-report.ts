import type { Output } from "./output.ts";

/** What was made, and how it goes on. */
export interface CertificateReport {
  /** A sentence without its full stop. */
  title: string;
  /** What is where and until when, a label each. */
  facts: ReadonlyArray<readonly [label: string, text: string]>;
  /** Each a sentence. */
  warnings: readonly string[];
  /** Commands to paste. */
  next: readonly string[];
}

/** How a point in time is printed: to the second, UTC. */
export function formatEnd(end: Date): string {
  return end.toISOString().replace(".000Z", "Z");
}

/** Tells what a command has made, until when it is valid, which file to trust, and the commands to paste. */
export function reportCertificate({ title, facts, warnings, next }: CertificateReport, output: Output): void {
  for (const warning of warnings) output.note(`warning: ${warning}`);
  output.line(title);
  for (const [label, text] of facts) output.line(`  ${label.padEnd(12)} ${text}`);
  if (next.length > 0) output.line("Next:");
  for (const command of next) output.line(`  ${command}`);
}
