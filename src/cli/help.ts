import { stripVTControlCharacters } from "node:util";
import { type CommandDef, type CommandMeta, renderUsage } from "citty";
import { listCommands, resolve } from "./command-tree.ts";
import { formatTable } from "./table.ts";

/** What help tells of a command beside citty's own fields. */
export interface HelpMeta {
  /** A command line that is likely to be wanted. */
  example?: string;
  /**
   * Every way to call a command that has several, without the program's name: such as `token create` and
   * `generate-token`.
   */
  names?: readonly string[];
}

const placeholder = "<COMMAND>";

/** citty's own help, under the words that led to the command: it may be in the tree twice. */
async function render(command: CommandDef, path: readonly string[], names: readonly string[]): Promise<string[]> {
  const meta = await resolve(command.meta);
  const text = await renderUsage({ ...command, meta: { ...meta, name: path.join(" ") } });
  const shown = names.length === 0 ? text : text.replace(names.join("|"), placeholder);
  return shown.split("\n").map((line) => line.trimEnd());
}

/**
 * The help of a command, for a terminal: with colours, unless the environment is against them.
 *
 * @param path - The words that lead to it, the program's name first.
 */
export async function renderHelp(command: CommandDef, path: readonly string[]): Promise<string> {
  const meta: CommandMeta & HelpMeta = (await resolve(command.meta)) ?? {};
  const { example, names = [] } = meta;
  const commands = (await listCommands(command)) ?? [];
  const lines = await render(
    command,
    path,
    commands.map(([name]) => name),
  );
  const [program, ...words] = path;
  const others = names.filter((name) => name !== words.join(" ")).map((name) => `\`${program} ${name}\``);
  const everywhere = [
    "",
    `  --help stands behind any command, and \`${program} help COMMAND\` is the same; --version stands alone.`,
  ];
  return [
    ...lines,
    ...(others.length > 0 ? [`Also called ${others.join(", ")}.`, ""] : []),
    ...(example ? ["EXAMPLE", "", `  ${example}`] : []),
    ...(path.length > 1 ? [] : everywhere),
  ]
    .join("\n")
    .trimEnd();
}

/**
 * The usage line of a command as its help has it, in plain text: `vibectl-server check [OPTIONS] <URL>`. A group's commands
 * are not loaded for it.
 */
export async function renderUsageLine(command: CommandDef, path: readonly string[]): Promise<string> {
  const names = Object.keys((await resolve(command.subCommands)) ?? {});
  const subCommands = names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
  const lines = await render(subCommands ? { ...command, subCommands } : command, path, names);
  const plain = lines.map((line) => stripVTControlCharacters(line).trimEnd());
  return plain.find((line) => line.startsWith("USAGE "))?.slice("USAGE ".length) ?? path.join(" ");
}

/** The commands of a group, one a line, with their descriptions. */
export async function renderCommands(group: CommandDef): Promise<string> {
  const table = formatTable(undefined, (await listCommands(group)) ?? [], { colour: false });
  return table.replaceAll(/^/gm, "  ");
}
