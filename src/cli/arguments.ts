import { parseArgs } from "node:util";
import { UsageError } from "../errors.ts";
import { nearestName } from "../nearest.ts";
import type { Definitions } from "./command-tree.ts";
import { quoteWord } from "./quote-word.ts";

type Definition = Definitions[string];

/** A flag as it was given. */
export interface GivenFlag {
  /** Without dashes and without `no-`. */
  name: string;
  /** As it was written, without its value. */
  rawName: string;
  /** Undefined when there is none, or none yet. */
  value: string | undefined;
  /** Whether the value stands behind `=`. */
  inlineValue: boolean | undefined;
}

/** The words behind a command, taken apart. */
export interface GivenWords {
  flags: readonly GivenFlag[];
  positionals: readonly string[];
  /** Whether `--` is among them: what follows it is no flag. */
  terminated: boolean;
}

/** The flags that a command takes, with their names. */
export function flagsOf(definitions: Definitions): Array<[name: string, definition: Definition]> {
  return Object.entries(definitions).filter(([, { type }]) => type !== "positional");
}

/** The positionals that a command takes, with their names, in their order. */
export function positionalsOf(definitions: Definitions): Array<[name: string, definition: Definition]> {
  return Object.entries(definitions).filter(([, { type }]) => type === "positional");
}

/** Takes the words behind a command apart, as citty does, and judges nothing. */
export function readWords(definitions: Definitions, words: readonly string[]): GivenWords {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      flagsOf(definitions).map(([name, { type }]) => [
        name,
        { type: type === "boolean" ? "boolean" : "string", multiple: true },
      ]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
    allowNegative: true,
  });
  return {
    flags: tokens.flatMap((token) => (token.kind === "option" ? [token] : [])),
    positionals: tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : [])),
    terminated: tokens.some(({ kind }) => kind === "option-terminator"),
  };
}

/** A flag's neighbour is no value of it; a negative number is one, if a wrong one. */
function lacksValue({ value, inlineValue }: GivenFlag): boolean {
  return value === undefined || value === "" || (!inlineValue && /^-[^\d]/.test(value));
}

function definitionOf(name: string, definitions: Definitions): Definition | undefined {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  return definition?.type === "positional" ? undefined : definition;
}

function unknownFlag({ name, rawName, inlineValue }: GivenFlag, definitions: Definitions, hint: string): UsageError {
  const negated = /^no-(.+)$/.exec(name)?.[1];
  if (inlineValue && negated !== undefined && definitionOf(negated, definitions)?.type === "boolean") {
    return new UsageError(`${rawName} takes no value`, { hint });
  }
  const known = flagsOf(definitions).map(([each]) => each);
  const close = nearestName(name, known);
  return new UsageError(`Unknown flag ${rawName}`, { hint: close ? `Did you mean --${close}?` : hint });
}

function checkFlag(flag: GivenFlag, definitions: Definitions, hint: string): Definition {
  const { name, rawName, value, inlineValue } = flag;
  const definition = definitionOf(name, definitions);
  if (!definition || !rawName.startsWith("--")) throw unknownFlag(flag, definitions, hint);
  if (definition.type === "boolean") {
    if (inlineValue) throw new UsageError(`${rawName} takes no value`, { hint });
    return definition;
  }
  if (rawName === `--no-${name}`) throw new UsageError(`Unknown flag ${rawName}`, { hint });
  if (lacksValue(flag)) throw new UsageError(`${rawName} needs a value`, { hint });
  if (definition.type === "enum" && !definition.options?.includes(value ?? "")) {
    throw new UsageError(`${rawName} is ${quoteWord(value ?? "")}, but may be ${definition.options?.join(", ")}`);
  }
  return definition;
}

function checkPositionals(definitions: Definitions, given: readonly string[], hint: string): void {
  const wanted = positionalsOf(definitions);
  const missing = wanted.slice(given.length).find(([, { required }]) => required !== false);
  if (missing) throw new UsageError(`${missing[0].toUpperCase()} is missing`, { hint });
  const extra = wanted.at(-1)?.[1].repeatable ? undefined : given[wanted.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${quoteWord(extra)}`, { hint });
}

/**
 * Refuses what citty would let pass: unknown flags, missing or empty values, flags given twice or needed and not there.
 *
 * @param words - The words behind the command.
 * @param path - The words that lead to it.
 * @throws UsageError with what would be right.
 */
export function checkArguments(definitions: Definitions, words: readonly string[], path: string): void {
  const help = `\`${path} --help\` shows what it takes.`;
  const { flags, positionals } = readWords(definitions, words);
  const seen = new Map<string, string>();
  for (const flag of flags) {
    const { name, rawName } = flag;
    const { repeatable } = checkFlag(flag, definitions, help);
    const before = seen.get(name);
    if (before !== undefined && !repeatable) {
      const same = before === rawName;
      throw new UsageError(same ? `${rawName} is given twice` : `${before} and ${rawName} contradict each other`);
    }
    seen.set(name, rawName);
  }
  const missing = flagsOf(definitions).find(([name, { required }]) => required && !seen.has(name));
  if (missing) throw new UsageError(`--${missing[0]} is missing`, { hint: help });
  checkPositionals(definitions, positionals, help);
}
