import { type ArgsDef, defineCommand } from "citty";
import { formatPath } from "../../config/tree.ts";
import { differences, effectiveEntries } from "../../config/view.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { formatTable } from "../table.ts";
import { fileArgs, loadFor } from "./config-file.ts";

const args = {
  reveal: { type: "boolean", description: "Show secrets" },
  ...jsonArg,
  ...fileArgs,
} satisfies ArgsDef;

const meta: Meta = {
  name: "diff",
  description: "Prints what differs from the defaults, and where it comes from",
  example: "vibectl-server config diff",
};

/** `config diff`: what differs from the defaults. */
export const diff = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const found = differences(effectiveEntries(await loadFor(flags), { reveal: flags.reveal === true }));
    if (flags.json) {
      const rows = found.map(({ path, value, default: usual, origin }) => ({
        key: formatPath(path),
        value,
        default: usual,
        origin,
      }));
      return output.line(formatJson(rows));
    }
    if (found.length === 0) return output.line("Everything has its default");
    const text = (value: unknown) => JSON.stringify(value ?? null);
    const rows = found.map(({ path, value, default: usual, origin }) => [
      formatPath(path),
      text(usual),
      text(value),
      origin,
    ]);
    output.line(formatTable(["key", "default", "value", "from"], rows, output));
  },
});
