import { type Document, isMap, isNode, isScalar, isSeq, type Scalar, type YAMLMap } from "yaml";

/** Where the keys of a map begin, and what they hold. */
type Index = ReadonlyMap<string, { offset: number | undefined; value: unknown }>;

const startOf = (node: unknown) => (isNode(node) ? node.range?.[0] : undefined);

function indexOf(map: YAMLMap): Index {
  const keys = map.items.filter(({ key }) => isScalar(key));
  return new Map(keys.map(({ key, value }) => [String((key as Scalar).value), { offset: startOf(key), value }]));
}

/**
 * Tells where the keys of a document stand.
 *
 * @returns Gives a path's offset in the text, or that of the nearest section above it; undefined where none is there.
 */
export function placesIn(document: Document): (path: readonly PropertyKey[]) => number | undefined {
  // A map of very many keys is searched once, not once for each of them.
  const indexes = new WeakMap<YAMLMap, Index>();
  const entryOf = (map: YAMLMap, name: string) => {
    const index = indexes.get(map) ?? indexOf(map);
    indexes.set(map, index);
    return index.get(name);
  };
  return (path) => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const name of path) {
      if (isMap(node)) {
        const entry = entryOf(node, String(name));
        if (!entry) break;
        offset = entry.offset ?? offset;
        node = entry.value;
      } else {
        node = isSeq(node) ? node.items[Number(name)] : undefined;
        if (!isNode(node)) break;
        offset = node.range?.[0] ?? offset;
      }
    }
    return offset;
  };
}
