import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { isSecret } from "./keys.ts";
import { type Problem, secretLooking } from "./problems.ts";

type Place = (offset: number) => string;

/** A key as it may be named: what stands there can be a secret, in a file that is broken. */
function nameKey(name: string): string {
  return secretLooking.test(name) ? "a key" : `the key ${JSON.stringify(name.slice(0, 40))}`;
}

/** No configuration is nested deeper: a key of it is five maps deep, and a map and its entry count each. */
const deepest = 64;

/** A number as everybody reads it. */
const decimal = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** Characters that no key and no value has: control characters, and halves of a surrogate pair. */
const unreadable = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

const startOf = (node: unknown) => (isNode(node) ? node.range?.[0] : undefined);

/** The keys that lead to a node. */
function keysAbove(ancestors: readonly unknown[]): string[] {
  return ancestors.filter(isPair).map(({ key }) => (isScalar(key) ? String(key.value) : ""));
}

/** Programs differ about numbers such as 080, 0x50, 1e3 and .inf. */
function numberTrap({ value, source = "" }: Scalar, ancestors: readonly unknown[]): string | undefined {
  if (typeof value !== "number" || decimal.test(source)) return undefined;
  const keys = keysAbove(ancestors);
  // A secret can be one that is all digits.
  const isShown = !isSecret(keys) && !/key|secret|passphrase/.test(keys.at(-1) ?? "");
  const plain = isShown && decimal.test(String(value)) ? `; write ${value}` : "";
  const why = /^[-+]?0\d/.test(source)
    ? "begins with a zero, which some programs take for octal"
    : "is not a plain decimal number";
  return `${isShown ? source.slice(0, 40) : "the number"} ${why}${plain}`;
}

function valueTrap(scalar: Scalar, ancestors: readonly unknown[]): string | undefined {
  if (scalar.value === null && scalar.anchor) return "& names nothing here: put a text that begins with it in quotes";
  if (typeof scalar.value !== "string") return numberTrap(scalar, ancestors);
  return unreadable.test(scalar.value) ? "the text has a control character or half a character in it" : undefined;
}

/** A name as it is read, or why it isn't the one that was written. */
function keyTrap(key: Scalar): string | undefined {
  const { value, source = "" } = key;
  // An assignment would take it for something else.
  if (value === "__proto__") return "the key __proto__ is one that can't be used";
  if (typeof value === "string") {
    return unreadable.test(value) || /[\t\n\r]/.test(value) ? "the key has a control character in it" : undefined;
  }
  if (value === null) return "a key is missing: put its name, in quotes if it is null, before the colon";
  // `<<` takes over what another map holds.
  if (typeof value === "symbol") return undefined;
  return String(value) === source ? undefined : `the key ${source.slice(0, 40)} is read as ${value}: put it in quotes`;
}

function keyTraps({ items }: YAMLMap, place: Place): Problem[] {
  const seen = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { key, value } of items) {
    const here = place(startOf(key) ?? startOf(value) ?? 0);
    const trap = isScalar(key) ? keyTrap(key) : "a key has to be text";
    if (trap !== undefined) problems.push({ place: here, text: trap });
    if (!isScalar(key) || typeof key.value === "symbol") continue;
    const name = String(key.value);
    const before = seen.get(name);
    seen.set(name, here);
    if (before === undefined) continue;
    problems.push({
      place: here,
      text: `${nameKey(name)} stands twice; the first is at ${before}`,
    });
  }
  return problems;
}

function aliasTrap(
  { source }: Alias,
  anchors: ReadonlyMap<string, Node>,
  path: readonly unknown[],
): string | undefined {
  const anchor = anchors.get(source);
  if (!anchor)
    return "an alias stands for nothing that was named with & before: put a text that begins with * in quotes";
  return path.includes(anchor) ? "an alias stands for what it is a part of itself: write the values out" : undefined;
}

/** `<<` takes over what maps hold. */
function mergeTrap({ key, value }: Pair, anchors: ReadonlyMap<string, Node>): string | undefined {
  if (!isScalar(key) || typeof key.value !== "symbol") return undefined;
  const holdsMap = (node: unknown) => isMap(isAlias(node) ? (anchors.get(node.source) ?? {}) : node);
  const isGood = isSeq(value) ? value.items.every(holdsMap) : holdsMap(value);
  return isGood ? undefined : "<< takes over what a map holds, and no map stands there";
}

/**
 * What YAML permits, and programs or people read in different ways.
 *
 * @param document - As it was parsed, with keys that stand twice.
 * @param place - Where an offset of the text is, as `file:line:column`.
 */
export function findTraps(document: Document, place: Place): Problem[] {
  const problems: Problem[] = [];
  const anchors = new Map<string, Node>();
  const add = (node: Node, text: string | undefined) => {
    if (text !== undefined) problems.push({ place: place(startOf(node) ?? 0), text });
  };
  const { version, explicit } = document.directives?.yaml ?? {};
  if (explicit && version !== "1.2") {
    problems.push({
      place: place(0),
      text: `YAML ${version} reads words and numbers in other ways: remove the line %YAML`,
    });
  }
  visit(document, (_key, node, path) => {
    if (isPair(node) && isNode(node.key)) add(node.key, mergeTrap(node, anchors));
    if (!isNode(node)) return undefined;
    if (path.length > deepest) {
      add(node, "what stands here is nested too deep");
      return visit.BREAK;
    }
    if (isAlias(node)) add(node, aliasTrap(node, anchors, path));
    else if (node.anchor) anchors.set(node.anchor, node);
    if (isMap(node)) for (const problem of keyTraps(node, place)) problems.push(problem);
    const parent = path.at(-1);
    const key = isPair(parent) ? parent.key : undefined;
    if (isScalar(node) && key !== node) add(node, valueTrap(node, path));
    return undefined;
  });
  return problems;
}
