import { type ArgsDef, defineCommand } from "citty";
import { unsetKeys } from "../../config/change.ts";
import { typeAt } from "../../config/keys.ts";
import { showPath } from "../../config/problems.ts";
import { currentSpelling } from "../../config/python-spellings.ts";
import { parsePath } from "../../config/tree.ts";
import type { Meta, Repeatable, Suggesting } from "../invoke.ts";
import { fileArgs, fileOf } from "./config-file.ts";
import { suggestSections } from "./suggestions.ts";
import { noteWinners, reportEdit } from "./written.ts";

const args = {
  key: {
    type: "positional",
    required: true,
    description: "Keys or sections, such as server.port or providers.local; also what the file has and nobody knows",
    repeatable: true,
    suggest: suggestSections,
  },
  ...fileArgs,
} satisfies ArgsDef & Record<string, Repeatable & Suggesting>;

const meta: Meta = {
  name: "unset",
  description: "Removes keys from the configuration file, all in one edit, so that their defaults hold",
  example: "vibectl-server config unset server.default_model",
};

/** `config unset KEY…`: removes keys from the file. */
export const unset = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const file = fileOf(flags);
    const result = await unsetKeys(file, flags._);
    const paths = flags._.map((name) => currentSpelling(parsePath(name) ?? [name]));
    const [one = [], ...others] = paths;
    const names = [one, ...others].map(showPath).join(", ");
    reportEdit(result, file, `${names} ${others.length > 0 ? "are" : "is"} no longer set`);
    await noteWinners(
      file,
      paths.filter((path) => typeAt(path)),
    );
  },
});
