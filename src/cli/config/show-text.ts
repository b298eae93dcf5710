import { Document, isCollection, isScalar } from "yaml";
import { formatPath } from "../../config/tree.ts";
import { type EffectiveEntry, toTree } from "../../config/view.ts";

/**
 * Entries as YAML.
 *
 * @param origin - Whether a comment tells where each value comes from.
 */
export function formatYaml(entries: readonly EffectiveEntry[], { origin }: { origin: boolean }): string {
  const document = new Document(toTree(entries));
  for (const { path, origin: from } of origin ? entries : []) {
    const node = document.getIn(path, true);
    if (isCollection(node)) node.flow = true;
    if (isScalar(node) || isCollection(node)) node.comment = ` ${from}`;
  }
  return document.toString({ lineWidth: 0 }).trimEnd();
}

/** Entries as JSON has them: the tree, or with origins an object of value and origin for each key. */
export function toJson(entries: readonly EffectiveEntry[], { origin }: { origin: boolean }): unknown {
  if (!origin) return toTree(entries);
  return Object.fromEntries(
    entries.map(({ path, value, origin: from }) => [formatPath(path), { value: value ?? null, origin: from }]),
  );
}
