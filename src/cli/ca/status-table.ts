import type { ArgsDef } from "citty";
import { requireCa } from "../../pki/private-ca/private-ca.ts";
import { type CaEntry, type CaStatus, readCaStatus } from "../../pki/private-ca/private-ca-status.ts";
import { formatDay } from "../../time.ts";
import { caDirArg, caDirectory, readDays } from "../certificate-flags.ts";
import { formatJson, jsonArg } from "../json.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

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

function row(entry: CaEntry): Cell[] {
  const { kind, name, state, notAfter } = entry;
  const own = kind === "server" || kind === "client";
  const end = notAfter ? formatDay(notAfter) : "";
  return [own ? name : "", kind, { text: state, tint: tints[state] }, end, describeLeft(entry)];
}

/** What a command takes that looks at the certificates of the private CA. */
export const statusArgs = {
  ...caDirArg,
  days: { type: "string", valueHint: "days", description: "Days before its end that a certificate is expiring (30)" },
  ...jsonArg,
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
  output.line(formatTable(["NAME", "KIND", "STATE", "ENDS", ""], entries.map(row), output));
  for (const { problem } of entries) if (problem) output.note(`warning: ${problem}`);
}

/** The certificates of a CA as JSON. */
export function statusJson({ directory, rootKey, entries }: CaStatus): string {
  const certificates = entries.map(({ kind, name, file, state, subject, notBefore, notAfter, daysLeft, problem }) => ({
    kind,
    name,
    file,
    state,
    subject,
    not_before: notBefore,
    not_after: notAfter,
    days_left: daysLeft,
    problem,
  }));
  return formatJson({ directory, root_key: rootKey, certificates });
}
