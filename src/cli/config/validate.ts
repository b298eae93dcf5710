import { type ArgsDef, defineCommand } from "citty";
import { examineConfiguration } from "../../config/load.ts";
import { resolvePaths } from "../../config/paths.ts";
import { formatProblem, type Problem } from "../../config/problems.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { configArg, fileOf, flaggedFile } from "./config-file.ts";

const args = {
  file: {
    type: "string",
    valueHint: "file",
    description: "Look at this file by itself, whatever the environment says",
  },
  lenient: { type: "boolean", description: "Warn of unknown keys instead of refusing them" },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef;

/** A problem with its place taken apart, for programs. */
function toJson({ place, text }: Problem) {
  const [, file, line, column] = /^(.*):(\d+):(\d+)(?: .*)?$/s.exec(place) ?? [];
  if (file === undefined) return { place, message: text };
  return { file, line: Number(line), column: Number(column), message: text };
}

const meta: Meta = {
  name: "validate",
  description: "Checks the configuration and names everything that is wrong with it. Ends with 0 when nothing is",
  example: "vibectl-server config validate --file config.yaml",
};

/** `config validate`: checks the configuration. */
export const validate = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const environment = flags.file === undefined ? process.env : {};
    const { problems, warnings, file } = await examineConfiguration({
      environment,
      paths: resolvePaths(process.env),
      file: flaggedFile(flags),
      lenient: flags.lenient,
    });
    if (problems.length > 0) process.exitCode = 1;
    if (flags.json) {
      const valid = problems.length === 0;
      return output.line(formatJson({ file: file ?? null, valid, problems: problems.map(toJson), warnings }));
    }
    for (const warning of warnings) output.note(`warning: ${warning}`);
    for (const problem of problems) output.note(`error: ${formatProblem(problem)}`);
    const count = problems.length;
    if (count > 0) return output.note(`${count} ${count === 1 ? "problem" : "problems"}`);
    output.line(file === undefined ? `There is no ${fileOf(flags)}; the defaults are valid` : `${file} is valid`);
  },
});
