import { type ArgsDef, defineCommand } from "citty";
import { findPath } from "../../config/key-name.ts";
import { effectiveEntries, entriesBelow } from "../../config/view.ts";
import { UsageError } from "../../errors.ts";
import type { Meta, Suggesting } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { fileArgs, loadFor } from "./config-file.ts";
import { formatYaml, toJson } from "./show-text.ts";
import { suggestSections } from "./suggestions.ts";

const args = {
  section: {
    type: "positional",
    required: false,
    description: "Section or key, such as server or jwt.issuer; all when left out",
    suggest: suggestSections,
  },
  origin: { type: "boolean", description: "Tell where each value comes from" },
  reveal: { type: "boolean", description: "Show secrets" },
  yaml: { type: "boolean", description: "Print YAML, as without any flag" },
  ...jsonArg,
  ...fileArgs,
} satisfies ArgsDef & Record<string, Suggesting>;

const meta: Meta = {
  name: "show",
  description: "Prints the configuration in force: flags excepted, what a server would run with. Secrets are masked",
  example: "vibectl-server config show server --origin",
};

/** `config show [SECTION|KEY]`: prints the configuration in force. */
export const show = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    if (flags.json && flags.yaml) throw new UsageError("--json and --yaml contradict each other");
    const path = flags.section === undefined ? [] : findPath(flags.section);
    const loaded = await loadFor(flags);
    for (const warning of loaded.warnings) output.note(`warning: ${warning}`);
    const entries = entriesBelow(effectiveEntries(loaded, { reveal: flags.reveal === true }), path);
    const options = { origin: flags.origin === true };
    output.line(flags.json ? formatJson(toJson(entries, options)) : formatYaml(entries, options));
  },
});
