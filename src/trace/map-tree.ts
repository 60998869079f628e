import type { Node } from 'libpg-query';

/** An expression with some of its nodes exchanged. */
export function mapTree(tree: Node, map: (node: Node) => Node | undefined): Node {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item));
    if (value === null || typeof value !== 'object') return value;
    // Only nodes have a kind in capitals; `map` answers for those it knows and leaves the others.
    const replaced = map(value as Node);
    if (replaced !== undefined) return replaced;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, visit(child)]));
  };
  // A node stays a node: visit keeps kinds and shapes.
  return visit(tree) as Node;
}
