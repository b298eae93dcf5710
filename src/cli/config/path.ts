import { existsSync } from "node:fs";
import { type ArgsDef, defineCommand } from "citty";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { fileArgs, fileOf } from "./config-file.ts";

const args = { ...jsonArg, ...fileArgs } satisfies ArgsDef;

const meta: Meta = {
  name: "path",
  description: "Prints where the configuration file is, or would be",
  example: "vibectl-server config path",
};

/** `config path`: where the file is. */
export const path = defineCommand({
  meta,
  args,
  run({ args: flags }) {
    const file = fileOf(flags);
    output.line(flags.json ? formatJson({ path: file, exists: existsSync(file) }) : file);
  },
});
