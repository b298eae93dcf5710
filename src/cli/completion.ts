import { type ArgsDef, type CommandDef, defineCommand } from "citty";
import { UsageError } from "../errors.ts";
import { completionScripts, shells } from "./completion-scripts.ts";
import { type Completion, completeWords } from "./completion-words.ts";
import type { Meta, Repeatable, Suggesting } from "./invoke.ts";
import { output } from "./output.ts";

const args = {
  shell: { type: "positional", required: true, description: shells.join(", "), suggest: () => shells },
  word: {
    type: "positional",
    required: false,
    description: "For the script itself: the words of a command line, behind --; what fits is printed instead",
    repeatable: true,
  },
} satisfies ArgsDef & Record<string, Repeatable & Suggesting>;

const meta: Meta = {
  name: "completion",
  description: "Prints the script that completes commands, flags and their values in bash, zsh or fish",
  example: "source <(vibectl-server completion bash)",
};

/** What the scripts read. */
function formatCompletion(completion: Completion): string[] {
  if (typeof completion === "string") return [`:${completion}`];
  return completion.map(({ word, description }) => (description === "" ? word : `${word}\t${description}`));
}

/**
 * `completion SHELL`: prints a shell's completion script.
 *
 * @param root - The tree whose command lines are completed.
 */
export function completionFor(root: CommandDef): CommandDef<typeof args> {
  return defineCommand({
    meta,
    args,
    async run({ args: { shell: asked, _: positionals } }) {
      const shell = shells.find((each) => each === asked);
      if (shell === undefined) {
        throw new UsageError(`SHELL is ${JSON.stringify(asked)}, but may be ${shells.join(", ")}`);
      }
      const words = positionals.slice(1);
      if (words.length === 0) return output.line(completionScripts[shell].trimEnd());
      for (const line of formatCompletion(await completeWords(root, words))) output.line(line);
    },
  });
}
