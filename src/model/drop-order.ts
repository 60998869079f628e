import type { Recorded } from './warehouse-state.ts';

/**
 * Relations to drop for these ones to go, dependents first: the views and materialized views built
 * on them are tied to them and go too, while a table stands on its own.
 */
export function dropOrder(
  names: Iterable<string>,
  recorded: ReadonlyMap<string, Recorded>,
): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const dependent of recorded.values()) {
      const tied = dependent.materialization.endsWith('view');
      if (tied && dependent.dependsOn.includes(name)) visit(dependent.name);
    }
    order.push(name);
  };
  for (const name of names) visit(name);
  return order;
}
