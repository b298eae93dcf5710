import { parseArgs } from "node:util";
import { type CommandDef, type CommandMeta, runCommand } from "citty";
import { UsageError } from "../errors.ts";
import { checkArguments } from "./arguments.ts";
import { type ArgumentMarks, definitionsOf, findCommand, walk } from "./command-tree.ts";
import { type HelpMeta, renderCommands, renderHelp, renderUsageLine } from "./help.ts";

/** What {@link invoke} writes to. */
export interface InvokeOptions {
  /** Takes help, which is an answer and so belongs on stdout. */
  print(text: string): void;
  /** What `--version` prints. */
  version: string;
}

/** What a command says of itself, beside citty's own fields. */
export interface Meta extends CommandMeta, HelpMeta {
  name: string;
}

/** Arguments that may be given more than once carry this mark beside citty's own fields. */
export type Repeatable = Pick<ArgumentMarks, "repeatable">;

/** Positionals that a shell can complete carry this mark beside citty's own fields. */
export type Suggesting = Pick<ArgumentMarks, "suggest">;

/**
 * Every value of a flag that may be repeated.
 *
 * @param rawArgs - The command's arguments as they were given.
 * @param name - The flag without its dashes.
 */
export function valuesOf(rawArgs: readonly string[], name: string): string[] {
  const { values } = parseArgs({
    args: [...rawArgs],
    options: { [name]: { type: "string", multiple: true } },
    strict: false,
    allowPositionals: true,
  });
  return (values[name] ?? []) as string[];
}

/** `help COMMAND` is `COMMAND --help`. */
function spellOut(argv: readonly string[]): readonly string[] {
  return argv[0] === "help" ? [...argv.slice(1), "--help"] : argv;
}

function isVersion([word, ...more]: readonly string[]): boolean {
  return more.length === 0 && (word === "--version" || word === "-v");
}

function asksForHelp(words: readonly string[]): boolean {
  const terminator = words.indexOf("--");
  const flags = terminator < 0 ? words : words.slice(0, terminator);
  return flags.includes("--help") || flags.includes("-h");
}

/**
 * Runs the command that a command line names, strictly.
 *
 * @param root - The command tree.
 * @param argv - The words after the program's name.
 * @throws UsageError when the command line is wrong, with the nearest valid name; and whatever the command throws.
 */
export async function invoke(root: CommandDef, argv: readonly string[], options: InvokeOptions): Promise<void> {
  const { command, path, rest } = await findCommand(root, spellOut(argv));
  if (isVersion(rest)) return options.print(options.version);
  if (asksForHelp(rest)) return options.print(await renderHelp(command, path));
  checkArguments(await definitionsOf(command), rest, path.join(" "));
  if (!command.run) {
    throw new UsageError(`A command is missing; there are\n${await renderCommands(command)}`, {
      hint: `\`${path.join(" ")} COMMAND --help\` shows what a command takes.`,
    });
  }
  await runCommand(command, { rawArgs: rest });
}

/**
 * The usage line of the command that a command line names, as far as it names one: for those who wrote it wrong.
 *
 * @param root - The command tree.
 * @param argv - The words after the program's name.
 */
export async function usageLine(root: CommandDef, argv: readonly string[]): Promise<string> {
  const { command, path } = await walk(root, spellOut(argv));
  return await renderUsageLine(command, path);
}
