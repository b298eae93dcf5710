import type { CommandDef } from "citty";
import { definitionsOf, listCommands, walk } from "../../../src/cli/command-tree.ts";
import { root } from "../../../src/cli/root.ts";

/** A command of the tree. */
export interface Leaf {
  /** The words that lead to it, such as `config show`. */
  name: string;
  words: readonly string[];
  /** The names of its arguments. */
  takes: ReadonlySet<string>;
}

async function leavesBelow(words: readonly string[]): Promise<Leaf[]> {
  const { command }: { command: CommandDef } = await walk(root, words);
  const commands = await listCommands(command);
  if (!commands) {
    const takes = new Set(Object.keys(await definitionsOf(command)));
    return [{ name: words.join(" "), words, takes }];
  }
  return (await Promise.all(commands.map(([name]) => leavesBelow([...words, name])))).flat();
}

/** Every command that can be run. */
export function allCommands(): Promise<Leaf[]> {
  return leavesBelow([]);
}
