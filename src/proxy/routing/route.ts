/** One of the models that a route's name stands for. */
export interface RouteEntry {
  /** A model's id or an alias. */
  model: string;
  /** Its share of the calls beside the other entries that have one; without one it only stands in for others. */
  weight?: number | undefined;
}

/**
 * The order in which a route's models are asked for one call: those with weights by lot, each as often first as its share
 * says, then the others as they are written.
 *
 * @param entries - As they are written.
 * @param random - A number from 0 up to, and without, 1.
 */
export function orderByWeight(entries: readonly RouteEntry[], random: () => number): RouteEntry[] {
  const weighted = entries.filter(({ weight }) => (weight ?? 0) > 0);
  const order: RouteEntry[] = [];
  while (weighted.length > 0) {
    let rest = random() * weighted.reduce((sum, { weight = 0 }) => sum + weight, 0);
    const drawn = weighted.findIndex(({ weight = 0 }) => {
      rest -= weight;
      return rest < 0;
    });
    order.push(...weighted.splice(drawn < 0 ? weighted.length - 1 : drawn, 1));
  }
  return [...order, ...entries.filter(({ weight }) => !((weight ?? 0) > 0))];
}
