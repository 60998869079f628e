import type { CommonTableExpr, Node, RangeVar, SelectStmt } from 'libpg-query';

import { indexOfByte, parseStatements } from './parse-sql.ts';
import { walkTree } from './walk-tree.ts';

/** A relation a query names. */
export interface Reference {
  /** `schema.relation`; without a schema where the query gives none. */
  readonly name: string;
  readonly qualified: boolean;
  /** Index in the SQL where the name stands. */
  readonly index: number;
}

/** Schemas of Postgres itself; what is read from them is no dependency. */
const systemSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema']);

/**
 * Relations a SQL text reads, `schema.relation`, sorted and without repeats. Names of common table
 * expressions are told apart from relations as Postgres does it: where they are in scope. Throws
 * SqlSyntaxError.
 */
export function dependenciesOf(sql: string): readonly string[] {
  const names = referencesOf(sql).flatMap((each) => (each.qualified ? [each.name] : []));
  return [...new Set(names)].sort();
}

/** Every mention of a relation, in the order of the text. Throws SqlSyntaxError. */
export function referencesOf(sql: string): readonly Reference[] {
  const found: Reference[] = [];
  const report = (relation: RangeVar): void => {
    if (relation.relname === undefined || systemSchemas.has(relation.schemaname ?? '')) return;
    const qualified = relation.schemaname !== undefined;
    found.push({
      name: qualified ? `${relation.schemaname}.${relation.relname}` : relation.relname,
      qualified,
      index: indexOfByte(sql, relation.location ?? 0),
    });
  };
  for (const { node } of parseStatements(sql)) visitScope(node, new Set(), report);
  return found.sort((one, other) => one.index - other.index);
}

/** Calls `report` with each relation under a node that is none of the names in scope. */
export function visitScope(
  tree: unknown,
  inScope: ReadonlySet<string>,
  report: (relation: RangeVar) => void,
): void {
  walkTree(tree, (node) => {
    if ('RangeVar' in node) {
      const { schemaname, relname = '' } = node.RangeVar;
      if (schemaname !== undefined || !inScope.has(relname)) report(node.RangeVar);
      return true;
    }
    if ('SelectStmt' in node) {
      visitSelect(node.SelectStmt, inScope, report);
      return false;
    }
    // `for update of o` repeats aliases, which are no relations.
    return !('LockingClause' in node);
  });
}

function visitSelect(
  select: SelectStmt,
  outer: ReadonlySet<string>,
  report: (relation: RangeVar) => void,
): void {
  const { withClause, larg, rarg, ...rest } = select;
  const scope = new Set(outer);
  const expressions = (withClause?.ctes ?? []).flatMap((node) => commonTable(node));
  // `recursive` lets every expression see all of them, its own name included; else only those before.
  if (withClause?.recursive === true) {
    for (const expression of expressions) scope.add(expression.ctename ?? '');
  }
  for (const expression of expressions) {
    visitScope(expression.ctequery, scope, report);
    scope.add(expression.ctename ?? '');
  }
  for (const side of [larg, rarg]) if (side !== undefined) visitSelect(side, scope, report);
  visitScope(Object.values(rest), scope, report);
}

function commonTable(node: Node): readonly CommonTableExpr[] {
  return 'CommonTableExpr' in node ? [node.CommonTableExpr] : [];
}
