import { type ArgsDef, defineCommand } from "citty";
import { configurationJsonSchema } from "../../config/json-schema.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";

const args = {
  output: { type: "string", valueHint: "file", description: "File to write it to" },
} satisfies ArgsDef;

const meta: Meta = {
  name: "schema",
  description: "Prints the JSON Schema of the configuration file, from which editors complete and check",
  example: "vibectl-server config schema --output config.schema.json",
};

/** `config schema`: the JSON Schema of the file. */
export const schema = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const text = JSON.stringify(configurationJsonSchema(), null, 2);
    if (flags.output === undefined) return output.line(text);
    await writeFileAtomically(flags.output, `${text}\n`, { mode: 0o644, clobber: true });
    output.note(`Wrote ${flags.output}`);
  },
});
