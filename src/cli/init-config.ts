import { type ArgsDef, defineCommand } from "citty";
import { replaceText } from "../config/change.ts";
import { defaultFileText } from "../config/default-file.ts";
import { writeSchemaBeside } from "../config/schema-file.ts";
import { ConfigurationError } from "../errors.ts";
import { writeFileAtomically } from "../safe-file.ts";
import { configArg, fileOf } from "./config/config-file.ts";
import type { Meta } from "./invoke.ts";
import { output } from "./output.ts";

const args = {
  force: { type: "boolean", description: "Replace a file that is there; it is kept beside the new one" },
  ...configArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "init-config",
  description:
    "Writes a configuration file with every key explained, TLS and tokens switched on, and its schema for editors",
  example: "vibectl-server init-config",
};

/** `init-config`: writes a commented configuration file. */
export const initConfig = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const file = fileOf(flags);
    const text = defaultFileText();
    const written = await writeFileAtomically(file, text, { mode: 0o600, clobber: false });
    if (!written && !flags.force) {
      throw new ConfigurationError(`${file} is there already`, {
        hint: "--force replaces it and keeps the file of before; `vibectl-server config edit` changes it.",
      });
    }
    const previous = written ? undefined : (await replaceText(file, () => text)).previousFile;
    output.note(`Wrote ${file}`);
    output.note(await writeSchemaBeside(file));
    if (previous) output.note(`The file as it was before is ${previous}`);
    output.note("Next: vibectl-server config edit, then vibectl-server serve");
  },
});
