import { type ArgsDef, defineCommand } from "citty";
import { replaceText, unsetKeys } from "../../config/change.ts";
import { defaultFileText } from "../../config/default-file.ts";
import { findPath } from "../../config/key-name.ts";
import { writeSchemaBeside } from "../../config/schema-file.ts";
import { formatPath } from "../../config/tree.ts";
import type { Meta, Suggesting } from "../invoke.ts";
import { output } from "../output.ts";
import { fileArgs, fileOf } from "./config-file.ts";
import { suggestSections } from "./suggestions.ts";
import { noteWinners, reportEdit } from "./written.ts";

const args = {
  section: {
    type: "positional",
    required: false,
    description: "Section, such as jwt; the whole file when left out",
    suggest: suggestSections,
  },
  ...fileArgs,
} satisfies ArgsDef & Record<string, Suggesting>;

const meta: Meta = {
  name: "reset",
  description:
    "Takes a section back to its defaults, or the whole file to what init-config writes. The file of before is kept",
  example: "vibectl-server config reset server.limits",
};

/** `config reset [SECTION]`: back to the defaults. */
export const reset = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const file = fileOf(flags);
    if (flags.section === undefined) {
      reportEdit(await replaceText(file, () => defaultFileText()), file, "All is as init-config writes it");
      return output.note(await writeSchemaBeside(file));
    }
    const path = findPath(flags.section);
    reportEdit(await unsetKeys(file, [formatPath(path)]), file, `${formatPath(path)} has its defaults`);
    await noteWinners(file, [path]);
  },
});
