import { defineCommand } from "citty";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { printStatus, readStatus, statusArgs, statusJson } from "./status-table.ts";

const meta: Meta = {
  name: "status",
  description: "Lists the certificates of the private CA, and how they are doing",
  example: "vibectl-server ca status",
};

/** `ca status`: lists the certificates of the private CA. */
export const status = defineCommand({
  meta,
  args: statusArgs,
  async run({ args: flags }) {
    const { state } = await readStatus(flags);
    if (flags.json) return output.line(statusJson(state));
    const key = state.rootKey === "absent" ? "not here" : state.rootKey;
    output.line(`CA in ${state.directory}; the root's key is ${key}`);
    output.line();
    printStatus(state, output);
  },
});
