import { defineCommand } from "citty";
import { resolvePaths } from "../../config/paths.ts";
import { requireCa } from "../../pki/private-ca/private-ca.ts";
import { readCaStatus } from "../../pki/private-ca/private-ca-status.ts";
import { caDirArg, readDays } from "../ca-flags.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { printStatus, statusJson } from "./status-table.ts";

const meta: Meta = {
  name: "status",
  description: "Lists the certificates of the private CA, and how they are doing",
  example: "vibectl-server ca status",
};

/** `ca status`: lists the certificates of the private CA. */
export const status = defineCommand({
  meta,
  args: {
    ...caDirArg,
    days: { type: "string", valueHint: "days", description: "Days before its end that a certificate is expiring (30)" },
    json: { type: "boolean", description: "Print JSON" },
  },
  async run({ args: flags }) {
    const days = readDays(flags.days, "--days", 0) ?? 30;
    const directory = flags["ca-dir"] ?? resolvePaths(process.env).authority;
    await requireCa(directory);
    const state = await readCaStatus(directory, new Date(), days);
    if (flags.json) return output.line(statusJson(state));
    output.line(`CA in ${directory}; the root's key is ${state.rootKey === "absent" ? "not here" : state.rootKey}`);
    output.line();
    printStatus(state, output);
  },
});
