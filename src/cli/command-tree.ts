import type { ArgDef, ArgsDef, CommandDef } from "citty";
import { UsageError } from "../errors.ts";
import { nearestName } from "../nearest.ts";
import { quoteWord } from "./quote-word.ts";

/** What an argument may say of itself beside citty's own fields. */
export interface ArgumentMarks {
  /** It may be given more than once: a flag, or the last positional. */
  repeatable?: true;
  /**
   * What a shell offers for a positional: files, or these words, which may depend on the positionals before it. Flags tell
   * it by their `valueHint` or `options`.
   */
  suggest?: "file" | "folder" | ((given: readonly string[]) => readonly string[] | Promise<readonly string[]>);
}

/** The arguments of a command by their names. */
export type Definitions = Record<string, ArgDef & ArgumentMarks>;

/** A command with the words that lead to it. */
export interface Found {
  command: CommandDef;
  /** The words that lead to it, such as `vibectl-server serve`. */
  path: string[];
  /** The words behind them. */
  rest: string[];
}

/** citty takes nearly everything as a value, as a promise, or as a function that returns one of these. */
export async function resolve<T>(value: T | Promise<T> | (() => T | Promise<T>) | undefined): Promise<T | undefined> {
  return typeof value === "function" ? await (value as () => T | Promise<T>)() : await value;
}

/** What a command takes. */
export async function definitionsOf(command: CommandDef): Promise<Definitions> {
  return ((await resolve(command.args as ArgsDef)) ?? {}) as Definitions;
}

/**
 * The commands of a group with their descriptions, in the order of its table. This loads all of them.
 *
 * @returns Undefined when it is no group.
 */
export async function listCommands(group: CommandDef): Promise<Array<[name: string, description: string]> | undefined> {
  const commands = await resolve(group.subCommands);
  if (!commands) return undefined;
  const listed = Object.entries(commands).map(async ([name, command]) => {
    const meta = await resolve((await resolve(command))?.meta);
    return meta?.hidden ? [] : [[name, meta?.description ?? ""] satisfies [string, string]];
  });
  return (await Promise.all(listed)).flat();
}

/**
 * Follows words down the tree as far as they name commands. Nothing but these commands is loaded.
 *
 * @param root - The command tree.
 * @param argv - The words after the program's name.
 */
export async function walk(root: CommandDef, argv: readonly string[]): Promise<Found> {
  let command = root;
  let depth = 0;
  const path = [(await resolve(root.meta))?.name ?? ""];
  for (; ; depth++) {
    const commands = await resolve(command.subCommands);
    const name = argv[depth];
    const next = commands && name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (name === undefined || !next) return { command, path, rest: argv.slice(depth) };
    command = (await resolve(next)) ?? command;
    path.push(name);
  }
}

/**
 * Finds the command that a command line names.
 *
 * @throws UsageError when a group has no command of that name, with the nearest one.
 */
export async function findCommand(root: CommandDef, argv: readonly string[]): Promise<Found> {
  const found = await walk(root, argv);
  const [name] = found.rest;
  const commands = await resolve(found.command.subCommands);
  if (!commands || name === undefined || name.startsWith("-")) return found;
  const path = found.path.join(" ");
  const help = found.command === root ? ["help"] : [];
  const close = nearestName(name, [...Object.keys(commands), ...help]);
  throw new UsageError(`Unknown command ${quoteWord(name)}`, {
    hint: close ? `Did you mean \`${path} ${close}\`?` : `\`${path} --help\` lists the commands.`,
  });
}
