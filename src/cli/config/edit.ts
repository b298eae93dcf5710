import { rm } from "node:fs/promises";
import { type ArgsDef, defineCommand } from "citty";
import { checkText, replaceText } from "../../config/change.ts";
import { readConfigurationText } from "../../config/configuration-text.ts";
import { defaultFileText } from "../../config/default-file.ts";
import { ConfigurationError, FileError, systemCodeOf, UsageError } from "../../errors.ts";
import { temporaryPath, writeFileAtomically } from "../../safe-file.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { configArg, fileOf } from "./config-file.ts";
import { reportEdit } from "./written.ts";

const args = { ...configArg } satisfies ArgsDef;

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
  if (code === 0) return;
  throw new FileError(`The editor (${editor}) ended with ${code}`, { hint: "Nothing was changed." });
}

async function textOf(file: string): Promise<string | undefined> {
  return await readConfigurationText(file).catch((error) => {
    if (error instanceof FileError && systemCodeOf(error.cause) === "ENOENT") return undefined;
    throw error;
  });
}

/** Asks a person whether to go on; where there is nobody to ask, the answer is no. */
function wantsToGoOn(): boolean {
  return process.stdin.isTTY === true && (prompt("Edit it again? [Y/n]") ?? "n").toLowerCase() !== "n";
}

/** @returns What the person made of the text, once it is valid. */
async function editCopy(copy: string, file: string): Promise<string> {
  const editor = chooseEditor();
  for (;;) {
    await runEditor(editor, copy);
    const text = await readConfigurationText(copy);
    try {
      await checkText(text, file);
      return text;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      if (!wantsToGoOn()) {
        const hint = `${file} is as it was; what you wrote is in ${copy}.`;
        throw new ConfigurationError(error.message, { hint, cause: error });
      }
      output.note(`error: ${error.message}`);
    }
  }
}

const meta: Meta = {
  name: "edit",
  description: "Opens the configuration file in VISUAL or EDITOR, and takes it over when it is valid",
  example: "EDITOR=nano vibectl-server config edit",
};

/** `config edit`: opens the file in an editor. */
export const edit = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const file = fileOf(flags);
    const before = await textOf(file);
    // The name ends as YAML's does, so that editors know what it is.
    const copy = `${temporaryPath(file).replace(/\.tmp$/, "")}.yaml`;
    await writeFileAtomically(copy, before ?? defaultFileText(), { mode: 0o600, clobber: true });
    const text = await editCopy(copy, file);
    const result = await replaceText(file, (current) => {
      if (current === (before ?? "")) return text;
      throw new ConfigurationError(`${file} was changed by somebody else meanwhile`, {
        hint: `Nothing was written; what you wrote is in ${copy}.`,
      });
    });
    await rm(copy, { force: true });
    reportEdit(result, file, "Your changes are");
  },
});
