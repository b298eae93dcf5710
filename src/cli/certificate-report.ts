import { basename, dirname } from "node:path";
import type { LeafKind } from "../pki/private-ca/private-ca-files.ts";
import type { IssuedLeaf } from "../pki/private-ca/private-leaf.ts";
import { formatBlock, type Row } from "./block.ts";
import { formatJson } from "./json.ts";
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
  /** The same for other programs, with keys in snake_case; where it is given, it is printed as JSON instead. */
  json?: Readonly<Record<string, unknown>> | undefined;
}

/** How a point in time is printed: to the second, UTC. */
export function formatEnd(end: Date): string {
  return end.toISOString().replace(".000Z", "Z");
}

/**
 * Tells what a command has made, until when it is valid, which file to trust, and the commands to paste. Warnings go to
 * stderr, in JSON too.
 */
export function reportCertificate(report: CertificateReport, output: Output): void {
  const { title, facts, warnings = [], next, json } = report;
  for (const warning of warnings) output.note(`warning: ${warning}`);
  if (json) {
    output.line(formatJson({ ...json, warnings }));
    return;
  }
  output.line(formatBlock({ heading: title, rows: facts, warnings: [] }, output));
  if (next.length > 0) output.line("Next:");
  for (const command of next) output.line(`  ${command}`);
}

/** A certificate that was issued, as far as JSON tells of it. */
interface Issued extends Pick<IssuedLeaf, "certFile" | "keyFile" | "leaf"> {
  bundleFile: string | undefined;
}

/** A certificate that was issued, as it stands in JSON. */
export function issuedFields({ certFile, keyFile, bundleFile, leaf }: Issued) {
  return {
    hosts: leaf.hosts,
    serial_number: leaf.serialNumber,
    not_after: leaf.notAfter,
    cert_file: certFile,
    key_file: keyFile,
    bundle_file: bundleFile,
  };
}

/** What is told of a certificate of the private CA beside the certificate itself. */
export interface LeafReport extends Pick<CertificateReport, "title" | "next"> {
  kind: LeafKind;
  /** Who trusts the root, and how, to stand behind its file. */
  whose: string;
  /** Whether JSON is asked for. */
  json: boolean | undefined;
}

/** Tells of a certificate of the private CA. */
export function reportLeaf(issued: IssuedLeaf, { kind, whose, json, ...report }: LeafReport, output: Output): void {
  const { certFile, keyFile, bundleFile, leaf, warnings } = issued;
  const facts: Row[] = [
    ["Certificate", `${certFile} (with the intermediate)`],
    ["Key", keyFile],
    ["Valid until", formatEnd(leaf.notAfter)],
    ["Trust", `${bundleFile} (${whose})`],
  ];
  // As `ca status` names it.
  const name = basename(dirname(certFile));
  const fields = json ? { kind, name, ...issuedFields(issued) } : undefined;
  reportCertificate({ ...report, facts, warnings, json: fields }, output);
}
