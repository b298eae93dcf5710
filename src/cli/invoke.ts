import { parseArgs } from "node:util";
import { type ArgDef, type ArgsDef, type CommandDef, type CommandMeta, renderUsage, runCommand } from "citty";
import { UsageError } from "../errors.ts";
import { nearestName } from "../nearest.ts";

/** What {@link invoke} writes to. */
export interface InvokeOptions {
  /** Takes help, which is an answer and so belongs on stdout. */
  print(text: string): void;
  /** What `--version` prints. */
  version: string;
}

/** What a command says of itself, beside citty's own fields. */
export interface Meta extends CommandMeta {
  name: string;
  /** A command line that is likely to be wanted. */
  example?: string;
}

/** Arguments that may be given more than once carry this mark beside citty's own fields. */
export interface Repeatable {
  repeatable?: true;
}

async function resolve<T>(value: T | Promise<T> | (() => T | Promise<T>) | undefined): Promise<T | undefined> {
  return typeof value === "function" ? await (value as () => T | Promise<T>)() : await value;
}

interface Found {
  command: CommandDef;
  /** The words that lead to it, such as `vibectl-server serve`. */
  path: string[];
  rest: string[];
}

async function find(root: CommandDef, argv: readonly string[]): Promise<Found> {
  let command = root;
  let rest = [...argv];
  const path = [(await resolve(root.meta))?.name ?? ""];
  for (;;) {
    const commands = await resolve(command.subCommands);
    const [name] = rest;
    if (!commands || name === undefined || name.startsWith("-")) return { command, path, rest };
    const next = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!next) {
      const close = nearestName(name, Object.keys(commands));
      throw new UsageError(`Unknown command ${JSON.stringify(name)}`, {
        hint: close
          ? `Did you mean \`${path.join(" ")} ${close}\`?`
          : `\`${path.join(" ")} --help\` lists the commands.`,
      });
    }
    command = (await resolve(next)) ?? command;
    path.push(name);
    rest = rest.slice(1);
  }
}

type Definitions = Record<string, ArgDef & Repeatable>;

/** Refuses what citty would let pass: unknown flags, missing or empty values, flags given twice or needed and not there. */
function checkArguments(definitions: Definitions, rest: readonly string[], path: string): void {
  const flags = Object.entries(definitions).filter(([, { type }]) => type !== "positional");
  const { tokens } = parseArgs({
    args: [...rest],
    options: Object.fromEntries(
      flags.map(([name, { type }]) => [name, { type: type === "boolean" ? "boolean" : "string", multiple: true }]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
    allowNegative: true,
  });
  const help = `\`${path} --help\` shows what it takes.`;
  const seen = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (!definition || definition.type === "positional" || !rawName.startsWith("--")) {
      const close = nearestName(
        name,
        flags.map(([known]) => known),
      );
      throw new UsageError(`Unknown flag ${rawName}`, { hint: close ? `Did you mean --${close}?` : help });
    }
    const negated = rawName === `--no-${name}`;
    if (definition.type === "boolean" ? inlineValue : negated) {
      throw new UsageError(negated ? `Unknown flag ${rawName}` : `${rawName} takes no value`, { hint: help });
    }
    if (definition.type !== "boolean" && (value === undefined || value === "" || (!inlineValue && /^-./.test(value)))) {
      throw new UsageError(`${rawName} needs a value`, { hint: help });
    }
    if (definition.type === "enum" && !definition.options?.includes(value ?? "")) {
      throw new UsageError(`${rawName} is ${JSON.stringify(value)}, but may be ${definition.options?.join(", ")}`);
    }
    const before = seen.get(name);
    if (before !== undefined && !definition.repeatable) {
      const same = before === rawName;
      throw new UsageError(same ? `${rawName} is given twice` : `${before} and ${rawName} contradict each other`);
    }
    seen.set(name, rawName);
  }
  const missing = flags.find(([name, { required }]) => required && !seen.has(name));
  if (missing) throw new UsageError(`--${missing[0]} is missing`, { hint: help });
  checkPositionals(definitions, positionals, help);
}

function checkPositionals(definitions: Definitions, given: readonly string[], hint: string): void {
  const wanted = Object.entries(definitions).filter(([, { type }]) => type === "positional");
  const missing = wanted.slice(given.length).find(([, { required }]) => required !== false);
  if (missing) throw new UsageError(`${missing[0].toUpperCase()} is missing`, { hint });
  const extra = given[wanted.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${JSON.stringify(extra)}`, { hint });
}

async function renderHelp(command: CommandDef, path: readonly string[]): Promise<string> {
  const parent = { meta: { name: path.slice(0, -1).join(" ") } };
  const usage = await renderUsage(command, path.length > 1 ? parent : undefined);
  const { example } = ((await resolve(command.meta)) ?? {}) as Meta;
  const everywhere = path.length > 1 ? [] : ["", "  --help, --version are understood too."];
  const lines = usage.split("\n").map((line) => line.trimEnd());
  return [...lines, ...(example ? ["EXAMPLE", "", `  ${example}`] : []), ...everywhere].join("\n").trimEnd();
}

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

/**
 * Runs the command that a command line names, strictly.
 *
 * @param root - The command tree.
 * @param argv - The words after the program's name.
 * @throws UsageError when the command line is wrong, with the nearest valid name; and whatever the command throws.
 */
export async function invoke(root: CommandDef, argv: readonly string[], options: InvokeOptions): Promise<void> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) return options.print(options.version);
  const { command, path, rest } = await find(root, argv);
  const terminator = rest.indexOf("--");
  const flags = terminator < 0 ? rest : rest.slice(0, terminator);
  if (flags.includes("--help") || flags.includes("-h")) {
    return options.print(await renderHelp(command, path));
  }
  const name = path.join(" ");
  const definitions = ((await resolve(command.args as ArgsDef)) ?? {}) as Definitions;
  checkArguments(definitions, rest, name);
  if (!command.run) throw new UsageError("A command is missing", { hint: `\`${name} --help\` lists the commands.` });
  await runCommand(command, { rawArgs: rest });
}
