import { defineCommand } from "citty";
import { resolvePaths } from "../../config/paths.ts";
import { requireCa } from "../../pki/private-ca/private-ca.ts";
import { readCaStatus } from "../../pki/private-ca/private-ca-status.ts";
import { caDirArg, readDays } from "../ca-flags.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { printStatus, statusJson } from "./status-table.ts";

const meta: Meta = {
  name: "check-expiry",
  description: "Lists the certificates of the private CA that end soon, and ends with 1 when there are any",
  example: "vibectl-server ca check-expiry --days 14 || vibectl-server ca renew --days 14",
};

/** `ca check-expiry`: is anything about to end? */
export const checkExpiry = defineCommand({
  meta,
  args: {
    ...caDirArg,
    days: { type: "string", valueHint: "days", description: "How soon is soon (30)" },
    json: { type: "boolean", description: "Print JSON" },
  },
  async run({ args: flags }) {
    const days = readDays(flags.days, "--days", 0) ?? 30;
    const directory = flags["ca-dir"] ?? resolvePaths(process.env).authority;
    await requireCa(directory);
    const state = await readCaStatus(directory, new Date(), days);
    const due = state.entries.filter((entry) => entry.state !== "valid");
    if (due.length > 0) process.exitCode = 1;
    if (flags.json) return output.line(statusJson({ ...state, entries: due }));
    if (due.length > 0) return printStatus({ ...state, entries: due }, output);
    output.line(`None of ${state.entries.length} certificates ends within ${days} days`);
  },
});
