import { expect, test } from "bun:test";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { removeFromText, setInText } from "../../../../src/config/editing/edit-text.ts";
import type { PlainValue } from "../../../../src/config/editing/write-value.ts";
import { ConfigurationError } from "../../../../src/errors.ts";
import { randomNumbers } from "../../../random-numbers.ts";

const documents = Number(process.env.EDIT_DOCUMENTS ?? 400);
const editsEach = 4;
const seed = Number(process.env.EDIT_SEED ?? crypto.getRandomValues(new Uint32Array(1))[0]);

const random = randomNumbers(seed);
const chance = (share: number) => random.next().value < share;
const below = (limit: number) => Math.floor(random.next().value * limit);
function pick<Item>(items: readonly Item[]): Item {
  const item = items[below(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

const names = ["host", "port", "limits", "my key", "yes", "123", "a.b", "ci-bot", "x"];
const scalars = ["1", "text", "'single'", '"double"', "~", "", "true", "1.5", "two words", "[1, 'x']", "[]", "{}"];
const values: readonly PlainValue[] = [
  6000,
  "text",
  "yes",
  "a: b",
  true,
  null,
  "",
  [1, "x"],
  { k: "v" },
  "two\nlines",
  -1.5,
];

let comments = 0;
const comment = () => `# comment ${comments++}`;
const beside = () => (chance(0.2) ? `  ${comment()}` : "");
const written = (name: string) => (/^(yes|123)$/.test(name) ? `"${name}"` : name);
const someNames = () => names.filter(() => chance(0.35));

function flowMap(depth: number, indentation: string): string {
  const entries = someNames().map((name) => {
    const value = chance(0.2) && depth < 3 ? flowMap(depth + 1, `${indentation}  `) : pick(scalars) || "~";
    return `${written(name)}: ${value}`;
  });
  if (entries.length === 0) return "{}";
  if (chance(0.5)) return pick([`{ ${entries.join(", ")} }`, `{${entries.join(",")}}`, `{ ${entries.join(", ")}, }`]);
  const last = pick(["", ","]);
  const lines = entries.map(
    (entry, index) => `${indentation}  ${entry}${index < entries.length - 1 ? "," : last}${beside()}`,
  );
  return `{\n${lines.join("\n")}\n${indentation}}`;
}

/** An entry's lines after its key's colon. */
function blockValue(depth: number, indentation: string, step: string): string[] {
  const inner = indentation + step;
  const kind = random.next().value;
  if (kind < 0.3 && depth < 3) {
    const lines = blockMap(depth + 1, inner, step);
    return [beside(), ...(lines.some((line) => /^\s*[^\s#]/.test(line)) ? lines : [`${inner}z: 1`])];
  }
  if (kind < 0.45) return [` ${flowMap(depth, indentation)}${beside()}`];
  if (kind < 0.52) return [beside(), `${inner}- 1${beside()}`, `${inner}- two`];
  if (kind < 0.6) return [` ${pick(["|", ">-", "|+"])}`, `${inner}some`, `${inner}text`];
  const scalar = pick(scalars);
  return [`${scalar && " "}${scalar}${beside()}`];
}

function blockMap(depth: number, indentation: string, step: string): string[] {
  return someNames().flatMap((name) => {
    const [first = "", ...rest] = blockValue(depth, indentation, step);
    const above = [...(chance(0.15) ? [""] : []), ...(chance(0.25) ? [indentation + comment()] : [])];
    const under = chance(0.1) ? [indentation + step + comment()] : [];
    const lines = [...above, `${indentation}${written(name)}:${first}`, ...rest];
    return / (\||>-|\|\+)$/.test(first) ? lines : [...lines, ...under];
  });
}

function randomDocument(): string {
  const lines = [...(chance(0.3) ? [comment(), ""] : []), ...(chance(0.1) ? ["---"] : [])];
  lines.push(...blockMap(0, "", pick(["  ", "    "])), ...(chance(0.2) ? ["", comment()] : []));
  const text = lines.join("\n") + (chance(0.8) ? "\n" : "");
  return chance(0.3) ? text.replaceAll("\n", "\r\n") : text;
}

type Content = Record<string, unknown>;
const isMap = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const contentOf = (text: string): Content => parse(text) ?? {};

/** A path that is there, or goes one or two keys further than what is there. */
function randomPath(content: Content): string[] {
  const path: string[] = [];
  for (let value: unknown = content; isMap(value) && Object.keys(value).length > 0 && chance(0.85); ) {
    const key = pick(Object.keys(value));
    path.push(key);
    value = value[key];
    if (typeof value !== "object" && value !== undefined) return path;
    if (Array.isArray(value)) return path;
  }
  if (path.length === 0 || chance(0.4)) path.push(pick(names));
  if (chance(0.2)) path.push("deeper");
  return path;
}

function valueAt(content: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value: unknown, key) => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    content,
  );
}

function passesThroughMaps(content: Content, path: readonly string[]): boolean {
  return path.every((_, depth) => {
    const value = depth === 0 ? content : valueAt(content, path.slice(0, depth));
    return value === undefined || value === null || isMap(value);
  });
}

function withValue(content: unknown, [key = "", ...rest]: readonly string[], value: unknown): Content {
  const map = isMap(content) ? content : {};
  return { ...map, [key]: rest.length === 0 ? value : withValue(map[key], rest, value) };
}

/** What is left of a map without a key; a section that is then empty goes too. */
function withoutKey(content: Content, [key = "", ...rest]: readonly string[]): Content {
  const { [key]: value, ...others } = content;
  if (rest.length === 0 || !isMap(value)) return others;
  const inner = withoutKey(value, rest);
  return Object.keys(inner).length === 0 ? others : { ...others, [key]: inner };
}

/** Sections that hold nothing count as absent on both sides of the comparison. */
function withoutEmpty(value: unknown): unknown {
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
  return Object.fromEntries(
    entries.filter(([, inner]) => inner !== null && !(isMap(inner) && Object.keys(inner).length === 0)),
  );
}

const linesOf = (text: string) => text.split(/(?<=\n)/);

/** The lines of both texts from the first to the last that differ. */
function changedLines(before: string, after: string): { old: string[]; fresh: string[] } {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  while (old.length > 0 && old[0] === fresh[0]) {
    old.shift();
    fresh.shift();
  }
  while (old.length > 0 && old.at(-1) === fresh.at(-1)) {
    old.pop();
    fresh.pop();
  }
  return { old, fresh };
}

const commentsOf = (lines: readonly string[]) => lines.join("").match(/# comment \d+/g) ?? [];

/** How many lines a key takes with its value. */
function heightOf(text: string, path: readonly string[]): number {
  const removed = removeFromText(text, path);
  return removed === undefined ? 0 : changedLines(text, removed).old.length;
}

function describeCase(before: string, path: readonly string[], after: string): string {
  return `seed ${seed}, ${JSON.stringify(path)}\n--- before\n${before}\n--- after\n${after}`;
}

function trySet(before: string): string {
  const content = contentOf(before);
  const path = randomPath(content);
  const value = pick(values);
  if (!passesThroughMaps(content, path)) return before;
  const after = setInText(before, path, value);
  const told = describeCase(before, path, after);
  if (!isDeepStrictEqual(contentOf(after), withValue(content, path, value))) throw new Error(`wrong content: ${told}`);
  const { old } = changedLines(before, after);
  const known = valueAt(content, path);
  // A scalar is on one line, but for blocks; what is new can need a comma or a line's end on the line before it.
  const mayTouch =
    typeof known === "object" && known !== null
      ? heightOf(before, path) + 1
      : /some\s+text/.test(String(known))
        ? 5
        : 2;
  if (old.length > mayTouch) throw new Error(`${old.length} lines touched: ${told}`);
  if (!(isMap(known) || Array.isArray(known)) && commentsOf([before]).join() !== commentsOf([after]).join()) {
    throw new Error(`a comment was lost or moved: ${told}`);
  }
  return after;
}

function tryRemove(before: string): string {
  const content = contentOf(before);
  const path = randomPath(content);
  const after = removeFromText(before, path);
  if (after === undefined) {
    if (valueAt(content, path) !== undefined) throw new Error(`not found: ${describeCase(before, path, "")}`);
    return before;
  }
  const told = describeCase(before, path, after);
  const [found, wanted] = [contentOf(after), withoutKey(content, path)].map(withoutEmpty);
  if (!isDeepStrictEqual(found, wanted)) throw new Error(`wrong content: ${told}`);
  const { fresh } = changedLines(before, after);
  // A line in which something else stands too, and the line before it, which lost a comma or its end.
  if (fresh.length > 2) throw new Error(`${fresh.length} lines written anew: ${told}`);
  return after;
}

test("of random texts random edits change what they should, and touch no other line", () => {
  process.stdout.write(`${documents} texts, seed: ${seed} (EDIT_SEED=${seed} repeats it)\n`);
  let edits = 0;
  for (let number = 0; number < documents; number++) {
    let text = randomDocument();
    for (let time = 0; time < editsEach; time++) {
      const next = chance(0.6) ? trySet(text) : tryRemove(text);
      const hadCrlf = text.includes("\r\n");
      if (hadCrlf && /(?<!\r)\n/.test(next)) throw new Error(`line breaks mixed: ${describeCase(text, [], next)}`);
      if (next !== text) edits++;
      text = next;
    }
  }
  expect(edits).toBeGreaterThan(documents);
}, 120_000);

test("of damaged texts each edit is done as it should be, or refused, and nothing else is thrown", () => {
  const pieces = [
    "\n",
    "  ",
    ": ",
    "#",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a ",
    "*a",
    "'",
    '"',
    "|",
    "- ",
    "? ",
    "!t ",
    "\t",
    "\r",
    "---\n",
    "<<: ",
  ];
  let refused = 0;
  for (let number = 0; number < documents; number++) {
    const whole = randomDocument();
    const path = randomPath(contentOf(whole));
    const at = below(whole.length + 1);
    const text = whole.slice(0, at) + pick(pieces) + whole.slice(at + below(3));
    try {
      const after = setInText(text, path, pick(values));
      expect(removeFromText(after, path)).not.toBe(after);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw new Error(describeCase(text, path, ""), { cause: error });
      refused++;
    }
  }
  expect(refused).toBeLessThan(documents);
}, 60_000);
