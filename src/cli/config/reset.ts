import { type ArgsDef, defineCommand } from "citty";
import { replaceText, unsetKey } from "../../config/change.ts";
import { defaultFileText } from "../../config/default-file.ts";
import { findPath } from "../../config/key-name.ts";
import { formatPath } from "../../config/tree.ts";
import type { Meta } from "../invoke.ts";
import { configArg, fileOf } from "./config-file.ts";
import { reportEdit } from "./written.ts";

const args = {
  section: { type: "positional", required: false, description: "Section, such as jwt; the whole file when left out" },
  ...configArg,
} satisfies ArgsDef;

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
      return reportEdit(await replaceText(file, () => defaultFileText()), file, "All is as init-config writes it");
    }
    const path = findPath(flags.section);
    reportEdit(await unsetKey(file, path), file, `${formatPath(path)} has its defaults`);
  },
});
