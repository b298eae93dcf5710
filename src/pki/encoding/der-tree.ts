import { attempt, type DerElement, DerError, DerReader } from "./der.ts";

/** An element with all that is in it. */
export interface DerNode extends DerElement {
  /** The elements in it; none of a primitive one. */
  children: readonly DerNode[];
}

/** The bit that tells a constructed element (X.690, section 8.1.2.5). */
const constructed = 0x20;

/** The most levels and elements that are decoded, so that a hostile file takes no more than a second. */
const limits = { levels: 64, nodes: 200_000 } as const;

function readNode(reader: DerReader, level: number, budget: { left: number }): DerNode {
  if (level > limits.levels) throw new DerError(`there are more than ${limits.levels} levels`);
  if (budget.left-- === 0) throw new DerError(`there are more than ${limits.nodes} elements`);
  const element = reader.any();
  const children: DerNode[] = [];
  if (element.tag & constructed) {
    const inner = new DerReader(element.contents);
    while (!inner.done) children.push(readNode(inner, level + 1, budget));
  }
  return { ...element, children };
}

/**
 * Decodes the first element of an encoding, and what is in it; strings of octets and bits are left as they are.
 *
 * @returns Undefined when it can't be decoded.
 */
export function decodeTree(bytes: Uint8Array): DerNode | undefined {
  return attempt(() => readNode(new DerReader(bytes), 1, { left: limits.nodes }));
}

/**
 * Decodes an encoding that holds one element and nothing else.
 *
 * @returns Undefined when it does not, or has another tag.
 */
export function decodeWhole(bytes: Uint8Array, tag: number): DerNode | undefined {
  const node = decodeTree(bytes);
  return node?.tag === tag && node.bytes.length === bytes.length ? node : undefined;
}

/** The first of an element's children that has a tag. */
export function childOf(node: DerNode, tag: number): DerNode | undefined {
  return node.children.find((child) => child.tag === tag);
}
