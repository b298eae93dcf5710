import { type ArgsDef, defineCommand } from "citty";
import { unsetKey } from "../../config/change.ts";
import { findPath } from "../../config/key-name.ts";
import { keyAt } from "../../config/keys.ts";
import { formatPath } from "../../config/tree.ts";
import type { Meta } from "../invoke.ts";
import { configArg, fileOf } from "./config-file.ts";
import { noteVariable, reportEdit } from "./written.ts";

const args = {
  key: { type: "positional", required: true, description: "Key or section, such as server.port or providers.local" },
  ...configArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "unset",
  description: "Removes a key from the configuration file, so that its default holds",
  example: "vibectl-server config unset server.default_model",
};

/** `config unset KEY`: removes one key from the file. */
export const unset = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const path = findPath(flags.key);
    const file = fileOf(flags);
    reportEdit(await unsetKey(file, path), file, `${formatPath(path)} is no longer set`);
    const key = keyAt(path);
    if (key) noteVariable(key);
  },
});
