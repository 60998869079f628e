import type { Node } from 'libpg-query';

/** The kinds of nodes in a parse tree, `{ RangeVar: … }`, by name. */
export type NodeOf<K extends string> = Extract<Node, Record<K, unknown>>;

/**
 * Calls `visit` with every node of a parse tree, parents first; a false answer leaves its children
 * out. The statements of a set operation stand in the tree without their kind; they are shown as
 * `{ SelectStmt: … }` all the same.
 */
export function walkTree(tree: unknown, visit: (node: Node) => boolean | void): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walkTree(item, visit);
    return;
  }
  if (tree === null || typeof tree !== 'object') return;
  const keys = Object.keys(tree);
  const [kind] = keys;
  if (keys.length === 1 && kind !== undefined && /^[A-Z]/.test(kind)) {
    // Only nodes have one key, and that in capitals.
    const node = tree as Node;
    if (visit(node) !== false) walkChildren(Object.values(tree)[0], visit);
    return;
  }
  walkChildren(tree, visit);
}

function walkChildren(parent: unknown, visit: (node: Node) => boolean | void): void {
  if (parent === null || typeof parent !== 'object') return;
  for (const [key, child] of Object.entries(parent)) {
    if (key === 'larg' || key === 'rarg') walkTree(asStatement(child), visit);
    else walkTree(child, visit);
  }
}

/** The arguments of joins are nodes, those of set operations bare statements. */
function asStatement(argument: unknown): unknown {
  const bare = argument !== null && typeof argument === 'object' && 'op' in argument;
  return bare ? { SelectStmt: argument } : argument;
}
