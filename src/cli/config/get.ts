import { type ArgsDef, defineCommand } from "citty";
import { findPath, isOwnName, leadsToSection } from "../../config/key-name.ts";
import { formatPath, valueAt } from "../../config/tree.ts";
import { effectiveEntries, entriesBelow, mask, toTree } from "../../config/view.ts";
import { FileError } from "../../errors.ts";
import type { Meta, Suggesting } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { fileArgs, loadFor } from "./config-file.ts";
import { suggestSections } from "./suggestions.ts";

const args = {
  key: { type: "positional", required: true, description: "Key, such as server.port", suggest: suggestSections },
  reveal: { type: "boolean", description: "Show a secret" },
  ...jsonArg,
  ...fileArgs,
} satisfies ArgsDef & Record<string, Suggesting>;

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
    const mayBeEmpty = leadsToSection(path) && !isOwnName(path);
    if (value === undefined && !mayBeEmpty) {
      throw new FileError(`${formatPath(path)} is not set`, { hint: "`vibectl-server config show` lists what is." });
    }
    if (entries.some((entry) => entry.value === mask)) output.note("note: a secret is masked; --reveal shows it");
    const shown = value ?? (mayBeEmpty ? {} : null);
    output.line(
      typeof shown === "string" && !flags.json ? shown : flags.json ? formatJson(shown) : JSON.stringify(shown),
    );
  },
});
