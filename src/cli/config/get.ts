import { type ArgsDef, defineCommand } from "citty";
import { findPath, leadsToSection } from "../../config/key-name.ts";
import { valueAt } from "../../config/tree.ts";
import { effectiveEntries, entriesBelow, toTree } from "../../config/view.ts";
import { FileError } from "../../errors.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { configArg, loadFor } from "./config-file.ts";

const args = {
  key: { type: "positional", required: true, description: "Key, such as server.port" },
  reveal: { type: "boolean", description: "Show a secret" },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "get",
  description: "Prints the value of one key alone, for scripts: text as it is, all else as JSON",
  example: "vibectl-server config get server.port",
};

/** `config get KEY`: prints one value. */
export const get = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const path = findPath(flags.key);
    const loaded = await loadFor(flags);
    const entries = entriesBelow(effectiveEntries(loaded, { reveal: flags.reveal === true }), path);
    const value = valueAt(toTree(entries), path);
    if (value === undefined && !leadsToSection(path)) {
      throw new FileError(`${flags.key} is not set`, { hint: "`vibectl-server config show` lists what is." });
    }
    const shown = value ?? (leadsToSection(path) ? {} : null);
    output.line(
      typeof shown === "string" && !flags.json ? shown : flags.json ? formatJson(shown) : JSON.stringify(shown),
    );
  },
});
