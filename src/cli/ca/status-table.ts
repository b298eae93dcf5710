import { stripVTControlCharacters, styleText } from "node:util";
import type { ArgsDef } from "citty";
import { requireCa } from "../../pki/private-ca/private-ca.ts";
import { type CaEntry, type CaStatus, readCaStatus } from "../../pki/private-ca/private-ca-status.ts";
import { formatDay } from "../../time.ts";
import { caDirArg, caDirectory, readDays } from "../certificate-flags.ts";
import type { Output } from "../output.ts";

const tints = {
  valid: "green",
  expiring: "yellow",
  expired: "red",
  "not yet valid": "red",
  unreadable: "red",
} as const;

function describeLeft({ daysLeft }: CaEntry): string {
  if (daysLeft === undefined) return "";
  if (daysLeft < 0) return `${-daysLeft} ${daysLeft === -1 ? "day" : "days"} ago`;
  return `in ${daysLeft} ${daysLeft === 1 ? "day" : "days"}`;
}

function row(entry: CaEntry, colour: boolean): string[] {
  const { kind, name, state, notAfter } = entry;
  const shown = colour ? styleText(tints[state], state, { validateStream: false }) : state;
  const own = kind === "server" || kind === "client";
  return [own ? name : "", kind, shown, notAfter ? formatDay(notAfter) : "", describeLeft(entry)];
}

function width(text: string): number {
  return Bun.stringWidth(stripVTControlCharacters(text));
}

/** What a command takes that looks at the certificates of the private CA. */
export const statusArgs = {
  ...caDirArg,
  days: { type: "string", valueHint: "days", description: "Days before its end that a certificate is expiring (30)" },
  json: { type: "boolean", description: "Print JSON" },
} satisfies ArgsDef;

/** Looks at every certificate of the private CA. */
export async function readStatus(flags: { "ca-dir"?: string | undefined; days?: string | undefined }) {
  const days = readDays(flags.days, "--days", 0) ?? 30;
  const directory = caDirectory(flags);
  await requireCa(directory);
  return { days, state: await readCaStatus(directory, new Date(), days) };
}

/** Prints the certificates of a CA, one a line, with what is wrong with those that can't be read. */
export function printStatus({ entries }: CaStatus, output: Output): void {
  const rows = [["NAME", "KIND", "STATE", "ENDS", ""], ...entries.map((entry) => row(entry, output.colour))];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => width(cells[column] ?? ""))));
  for (const cells of rows) {
    const padded = cells.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))));
    output.line(padded.join("  ").trimEnd());
  }
  for (const { problem } of entries) if (problem) output.note(`warning: ${problem}`);
}

/** The certificates of a CA as JSON: dates in ISO 8601, absent values null. */
export function statusJson({ directory, rootKey, entries }: CaStatus): string {
  const plain = entries.map((entry) => ({
    kind: entry.kind,
    name: entry.name,
    file: entry.file,
    state: entry.state,
    subject: entry.subject ?? null,
    not_before: entry.notBefore?.toISOString() ?? null,
    not_after: entry.notAfter?.toISOString() ?? null,
    days_left: entry.daysLeft ?? null,
    problem: entry.problem ?? null,
  }));
  return JSON.stringify({ directory, root_key: rootKey, certificates: plain }, null, 2);
}
