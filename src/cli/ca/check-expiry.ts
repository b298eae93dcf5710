import { defineCommand } from "citty";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { printStatus, readStatus, statusArgs, statusJson } from "./status-table.ts";

const meta: Meta = {
  name: "check-expiry",
  description: "Lists the certificates of the private CA that end soon, and ends with 1 when there are any",
  example: "vibectl-server ca check-expiry --days 14 || vibectl-server ca renew --days 14",
};

/** `ca check-expiry`: is anything about to end? */
export const checkExpiry = defineCommand({
  meta,
  args: statusArgs,
  async run({ args: flags }) {
    const { days, state } = await readStatus(flags);
    const due = { ...state, entries: state.entries.filter((entry) => entry.state !== "valid") };
    if (due.entries.length > 0) process.exitCode = 1;
    if (flags.json) return output.line(statusJson(due));
    if (due.entries.length > 0) return printStatus(due, output);
    output.line(`None of ${state.entries.length} certificates ends within ${days} days`);
  },
});
