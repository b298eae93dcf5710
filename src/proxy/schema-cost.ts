import type { JsonSchema } from "../providers/provider.ts";

/** Most subschemas that a schema may come to when every reference is written out. */
const largestCost = 100_000;

type Node = Readonly<Record<string, unknown>>;

/** What makes a schema's cost impossible to bound. */
export class UnboundedSchema extends Error {}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

/** The place a local JSON pointer leads to (RFC 6901). */
function follow(root: Node, reference: string): Node | undefined {
  const pointer = /^#(\/.*)?$/s.exec(reference);
  if (!pointer) throw new UnboundedSchema(`$ref ${JSON.stringify(reference.slice(0, 100))} is not of the form #/…`);
  const keys = (pointer[1] ?? "").split("/").slice(1);
  let place: unknown = root;
  for (const key of keys) {
    const name = decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
    place = isNode(place) && Object.hasOwn(place, name) ? place[name] : undefined;
  }
  return isNode(place) ? place : undefined;
}

/** Keywords that make a reference lead elsewhere than its pointer says. */
function refused(keyword: string, atRoot: boolean): boolean {
  return keyword === "$dynamicRef" || keyword === "$recursiveRef" || (keyword === "$id" && !atRoot);
}

/**
 * Refuses a schema that a validator could not get through. References multiply: thirty definitions, each of which
 * names the one before it twice, come to a billion steps.
 *
 * @param root - A JSON Schema.
 * @throws UnboundedSchema when it comes to too many subschemas, or refers to anything but a place in itself.
 */
export function checkSchemaCost(root: JsonSchema): void {
  const known = new Map<Node, number>();
  const costOf = (node: Node): number => {
    const before = known.get(node);
    if (before !== undefined) return before;
    // A schema that refers back to itself goes on only as far as the data does.
    known.set(node, 1);
    let cost = 1;
    // A name of a property may look like a keyword, so what is no schema is counted too rather than left out.
    for (const [keyword, value] of Object.entries(node)) {
      if (isNode(value)) cost += costOf(value);
      else if (typeof value === "string" && refused(keyword, node === root)) {
        throw new UnboundedSchema(`${keyword} can't be used here`);
      } else if (typeof value === "string" && keyword === "$ref") {
        const target = follow(root, value);
        if (target) cost += costOf(target);
      }
      if (cost > largestCost) throw new UnboundedSchema(`it comes to more than ${largestCost} subschemas`);
    }
    known.set(node, cost);
    return cost;
  };
  costOf(root);
}
