import type { IssuedLeaf } from "../pki/private-ca/private-leaf.ts";
import { formatBlock, type Row } from "./block.ts";
import type { Output } from "./output.ts";

/** What was made, and how it goes on. */
export interface CertificateReport {
  /** A sentence without its full stop. */
  title: string;
  /** What is where and until when. */
  facts: readonly Row[];
  /** Each a sentence. */
  warnings?: readonly string[];
  /** Commands to paste. */
  next: readonly string[];
}

/** How a point in time is printed: to the second, UTC. */
export function formatEnd(end: Date): string {
  return end.toISOString().replace(".000Z", "Z");
}

/** Tells what a command has made, until when it is valid, which file to trust, and the commands to paste. */
export function reportCertificate({ title, facts, warnings = [], next }: CertificateReport, output: Output): void {
  for (const warning of warnings) output.note(`warning: ${warning}`);
  output.line(formatBlock({ heading: title, rows: facts, warnings: [] }, output));
  if (next.length > 0) output.line("Next:");
  for (const command of next) output.line(`  ${command}`);
}

/**
 * Tells of a certificate of the private CA.
 *
 * @param title - As in {@link CertificateReport}.
 * @param whose - Who trusts the root, and how, to stand behind its file.
 */
export function reportLeaf(
  title: string,
  { certFile, keyFile, bundleFile, leaf, warnings }: IssuedLeaf,
  whose: string,
  next: readonly string[],
  output: Output,
): void {
  const facts: Row[] = [
    ["Certificate", `${certFile} (with the intermediate)`],
    ["Key", keyFile],
    ["Valid until", formatEnd(leaf.notAfter)],
    ["Trust", `${bundleFile} (${whose})`],
  ];
  reportCertificate({ title, facts, warnings, next }, output);
}
