import { defineCommand } from "citty";
import { defaultFileText } from "../../config/default-file.ts";
import { editCopy } from "../../config/editing/edit-copy.ts";
import { writeSchemaBeside } from "../../config/schema-file.ts";
import { FileError, UsageError, type VibectlError } from "../../errors.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { fileArgs, fileOf } from "./config-file.ts";
import { reportEdit } from "./written.ts";

function chooseEditor(): string {
  const { VISUAL, EDITOR } = process.env;
  const editor = VISUAL || EDITOR || ["sensible-editor", "nano", "vi"].find((name) => Bun.which(name));
  if (editor) return editor;
  throw new UsageError("There is no editor", { hint: "Set EDITOR to one, such as EDITOR=nano." });
}

/** EDITOR can have flags, as in `code --wait`: the shell takes it apart. */
async function runEditor(editor: string, file: string): Promise<void> {
  const child = Bun.spawn(["sh", "-c", `${editor} "$1"`, "sh", file], {
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  const code = await child.exited;
  if (code !== 0) throw new FileError(`The editor (${editor}) ended with ${code}`);
}

/** Asks a person whether to go on; where there is nobody to ask, the answer is no. */
function wantsToGoOn(problem: VibectlError): boolean {
  if (process.stdin.isTTY !== true) return false;
  output.note(`error: ${problem.message}`);
  return (prompt("Edit it again? [Y/n]") ?? "n").toLowerCase() !== "n";
}

const meta: Meta = {
  name: "edit",
  description: "Opens the configuration file in VISUAL or EDITOR, and takes it over when it is valid",
  example: "EDITOR=nano vibectl-server config edit",
};

/** `config edit`: opens the file in an editor. */
export const edit = defineCommand({
  meta,
  args: fileArgs,
  async run({ args: flags }) {
    const file = fileOf(flags);
    const editor = chooseEditor();
    const result = await editCopy(file, {
      initialText: defaultFileText(),
      openEditor: async (copy) => await runEditor(editor, copy),
      wantsToGoOn,
    });
    reportEdit(result, file, "Your changes are");
    if (result.changed && result.isNew) output.note(await writeSchemaBeside(file));
  },
});
