import { type ArgsDef, defineCommand } from "citty";
import { schemaText, writeSchema } from "../../config/schema-file.ts";
import { FileError } from "../../errors.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";

const args = {
  output: { type: "string", valueHint: "file", description: "File to write it to" },
  force: { type: "boolean", description: "Replace a file that is there, whatever it holds" },
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
    const { output: file, force = false } = flags;
    if (file === undefined) return output.line(schemaText().trimEnd());
    if (!(await writeSchema(file, { force }))) {
      throw new FileError(`${file} is there already, and is no schema of this program's`, {
        hint: "--force replaces it.",
      });
    }
    output.note(`Wrote ${file}`);
  },
});
