import type { CommandDef } from "citty";
import { flagsOf, type GivenWords, positionalsOf, readWords } from "./arguments.ts";
import { type Definitions, definitionsOf, listCommands, walk } from "./command-tree.ts";

/** A word that a shell may offer. */
export interface Candidate {
  word: string;
  /** One line. */
  description: string;
}

/** What fits at the cursor: words, or what lies on the disk, which the shell knows better. */
export type Completion = readonly Candidate[] | "files" | "folders";

type Definition = Definitions[string];

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, description: "" }));
}

/** What a placeholder such as `<file>` or `<debug|info>` tells of a flag's values. */
function valuesOf({ type, valueHint = "", ...definition }: Definition): Completion {
  if (type === "enum") return plain(("options" in definition ? definition.options : undefined) ?? []);
  if (valueHint === "file") return "files";
  if (valueHint === "folder") return "folders";
  return valueHint.includes("|") ? plain(valueHint.split("|")) : [];
}

function negationOf(name: string, definition: Definition): Candidate[] {
  const description = "negativeDescription" in definition ? definition.negativeDescription : undefined;
  return description === undefined ? [] : [{ word: `--no-${name}`, description }];
}

/** The flags that may still be given. */
function flagCandidates(definitions: Definitions, { flags }: GivenWords): Candidate[] {
  const given = new Set(flags.map(({ name }) => name));
  const open = flagsOf(definitions).filter(([name, { repeatable }]) => repeatable || !given.has(name));
  const candidates = open.flatMap(([name, definition]) => [
    { word: `--${name}`, description: definition.description ?? "" },
    ...negationOf(name, definition),
  ]);
  const help = { word: "--help", description: "Show what the command takes" };
  return flags.length === 0 ? [...candidates, help] : candidates;
}

/** What fits behind `--flag=`. */
function inlineCandidates(definitions: Definitions, current: string): Completion {
  const [, flag = "", name = ""] = /^(--([^=]*)=)/.exec(current) ?? [];
  const definition = flagsOf(definitions).find(([each]) => each === name)?.[1];
  if (!definition || definition.type === "boolean") return [];
  const values = valuesOf(definition);
  return typeof values === "string" ? values : values.map(({ word }) => ({ word: flag + word, description: "" }));
}

async function positionalCandidates(definitions: Definitions, { positionals }: GivenWords): Promise<Completion> {
  const wanted = positionalsOf(definitions);
  const last = wanted.at(-1)?.[1];
  const suggest = (wanted[positionals.length]?.[1] ?? (last?.repeatable ? last : undefined))?.suggest;
  if (suggest === undefined) return [];
  if (typeof suggest === "string") return `${suggest}s`;
  return plain(await suggest(positionals));
}

/** The flag that still waits for its value. */
function pendingFlag(
  definitions: Definitions,
  { flags }: GivenWords,
  last: string | undefined,
): Definition | undefined {
  const open = flags.at(-1);
  if (!open || open.rawName !== last || open.value !== undefined) return undefined;
  return flagsOf(definitions).find(([name, { type }]) => name === open.name && type !== "boolean")?.[1];
}

async function argumentCandidates(command: CommandDef, rest: readonly string[], current: string): Promise<Completion> {
  const definitions = await definitionsOf(command);
  const given = readWords(definitions, rest);
  const pending = pendingFlag(definitions, given, rest.at(-1));
  if (pending) return valuesOf(pending);
  if (!given.terminated && current.startsWith("-")) {
    return current.includes("=") ? inlineCandidates(definitions, current) : flagCandidates(definitions, given);
  }
  const found = await positionalCandidates(definitions, given);
  return found.length === 0 && current === "" && !given.terminated ? flagCandidates(definitions, given) : found;
}

async function candidatesFor(root: CommandDef, before: readonly string[], current: string): Promise<Completion> {
  const asksForHelp = before[0] === "help";
  const { command, path, rest } = await walk(root, asksForHelp ? before.slice(1) : before);
  const commands = current.startsWith("-") ? undefined : await listCommands(command);
  if (commands) {
    if (rest.length > 0) return [];
    const own = path.length === 1 && !asksForHelp ? [["help", "Shows what a command takes"] as const] : [];
    return [...commands, ...own].map(([word, description]) => ({ word, description }));
  }
  return asksForHelp ? [] : await argumentCandidates(command, rest, current);
}

/**
 * What fits at the end of a command line. Only the commands that the line names, and those of a group that it ends at,
 * are loaded.
 *
 * @param root - The command tree.
 * @param words - The words behind the program's name; the last one is that before the cursor, and may be empty.
 */
export async function completeWords(root: CommandDef, words: readonly string[]): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const found = await candidatesFor(root, words.slice(0, -1), current);
  return typeof found === "string" ? found : found.filter(({ word }) => word.startsWith(current));
}
