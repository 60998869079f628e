import type { ColumnRef, Node, SelectStmt } from 'libpg-query';

import { aggregatesIn, hasUnsupportedCall } from './aggregates.ts';
import { mapTree } from './map-tree.ts';
import { columnRef } from './nodes.ts';
import { outputName } from './output-name.ts';
import { shape } from './to-sql.ts';
import { Untraceable } from './untraceable.ts';

/** Where relations are looked up. */
export interface Scope {
  /** Selects of the models, by `schema.relation`. */
  readonly models: ReadonlyMap<string, SelectStmt>;
  /** Columns of the clean views, metadata included, by `clean.relation`. */
  readonly clean: ReadonlyMap<string, readonly string[]>;
  /** Common table expressions in reach, each with the scope it was written in. */
  readonly expressions: ReadonlyMap<string, { readonly select: SelectStmt; readonly scope: Scope }>;
}

/** One relation of a from clause. */
export interface Item {
  /** The node in the from clause; identity tells items apart. */
  readonly node: Node;
  readonly alias: string;
  readonly origin:
    | { readonly kind: 'clean'; readonly relation: string }
    | { readonly kind: 'query'; readonly select: SelectStmt; readonly scope: Scope }
    /** Any other relation or function: read as it is. */
    | { readonly kind: 'other' };
  /** Undefined when not known. */
  readonly columns: readonly string[] | undefined;
}

export interface Output {
  readonly name: string;
  readonly expression: Node;
}

/** A select taken apart: one level of from, where and group by. */
export interface Block {
  readonly select: SelectStmt;
  readonly scope: Scope;
  readonly items: readonly Item[];
  readonly outputs: readonly Output[];
  /** One row of it stands for several below: group by, aggregates or distinct. */
  readonly grouped: boolean;
  /** What it groups by; none for a total. */
  readonly groups: readonly Node[];
}

/** Takes a select apart. Throws Untraceable for shapes that are not followed. */
export function readBlock(select: SelectStmt, outer: Scope): Block {
  refuse(select);
  const scope = withExpressions(select, outer);
  const items = (select.fromClause ?? []).flatMap((node) => itemsOf(node, scope));
  const outputs = (select.targetList ?? []).flatMap((node) => outputsOf(node, items));
  if (hasUnsupportedCall(outputs.map((output) => output.expression))) {
    throw new Untraceable('it uses window functions or functions that give several rows');
  }
  const plain = { select, scope, items, outputs };
  const grouping = select.groupClause !== undefined || select.havingClause !== undefined;
  if (grouping || outputs.some((output) => aggregatesIn(output.expression).length > 0)) {
    if (select.distinctClause !== undefined) throw new Untraceable('it groups and uses distinct');
    const groups = (select.groupClause ?? []).map((node) => resolveGroup(node, plain));
    return { ...plain, grouped: true, groups };
  }
  const distinct = select.distinctClause !== undefined;
  const groups = distinct ? outputs.map((output) => output.expression) : [];
  return { ...plain, grouped: distinct, groups };
}

function refuse(select: SelectStmt): void {
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    throw new Untraceable('it combines several selects (union, intersect or except)');
  }
  if (select.valuesLists !== undefined) throw new Untraceable('its values are written in the SQL');
  if (select.windowClause !== undefined) throw new Untraceable('it uses window functions');
  // `distinct` alone is a list with one empty node; `distinct on` names expressions.
  if ((select.distinctClause ?? []).some((node) => Object.keys(node).length > 0)) {
    throw new Untraceable('it uses distinct on');
  }
  if ((select.groupClause ?? []).some((node) => 'GroupingSet' in node)) {
    throw new Untraceable('it groups in several ways at once (rollup, cube or grouping sets)');
  }
}

function withExpressions(select: SelectStmt, outer: Scope): Scope {
  const { withClause } = select;
  if (withClause === undefined) return outer;
  let scope = outer;
  for (const node of withClause.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const { ctename = '', ctequery, aliascolnames } = node.CommonTableExpr;
    const expressions = new Map(scope.expressions);
    const select =
      ctequery !== undefined && 'SelectStmt' in ctequery ? ctequery.SelectStmt : undefined;
    const followed = withClause.recursive !== true && aliascolnames === undefined;
    if (select !== undefined && followed) expressions.set(ctename, { select, scope });
    else expressions.delete(ctename);
    scope = { ...scope, expressions };
  }
  return scope;
}

function itemsOf(node: Node, scope: Scope): readonly Item[] {
  if ('JoinExpr' in node) {
    const { larg, rarg, alias } = node.JoinExpr;
    // `(a join b) j` hides the names of a and b.
    if (alias !== undefined) {
      const hidden = { kind: 'other' } as const;
      return [{ node, alias: alias.aliasname ?? '', origin: hidden, columns: undefined }];
    }
    return [larg, rarg].flatMap((side) => (side === undefined ? [] : itemsOf(side, scope)));
  }
  if ('RangeVar' in node) {
    const { schemaname, relname = '', alias } = node.RangeVar;
    const origin = originOf(schemaname, relname, scope);
    return [
      item(node, { alias: alias?.aliasname ?? relname, origin, renamed: alias?.colnames }, scope),
    ];
  }
  if ('RangeSubselect' in node) {
    const { subquery, alias, lateral } = node.RangeSubselect;
    const select =
      subquery !== undefined && 'SelectStmt' in subquery && lateral !== true
        ? subquery.SelectStmt
        : undefined;
    const origin: Item['origin'] =
      select === undefined ? { kind: 'other' } : { kind: 'query', select, scope };
    return [item(node, { alias: alias?.aliasname ?? '', origin, renamed: alias?.colnames }, scope)];
  }
  const alias = 'RangeFunction' in node ? node.RangeFunction.alias?.aliasname : undefined;
  return [{ node, alias: alias ?? '', origin: { kind: 'other' }, columns: undefined }];
}

function item(
  node: Node,
  known: { alias: string; origin: Item['origin']; renamed: readonly Node[] | undefined },
  scope: Scope,
): Item {
  const { alias } = known;
  // `orders o (a, b)` renames columns: such an item is read as it is.
  const origin: Item['origin'] =
    known.renamed === undefined && alias !== '' ? known.origin : { kind: 'other' };
  return { node, alias, origin, columns: columnsOf(origin, scope) };
}

function originOf(schema: string | undefined, relation: string, scope: Scope): Item['origin'] {
  if (schema === undefined) {
    const expression = scope.expressions.get(relation);
    return expression === undefined ? { kind: 'other' } : { kind: 'query', ...expression };
  }
  const name = `${schema}.${relation}`;
  if (scope.clean.has(name)) return { kind: 'clean', relation: name };
  const select = scope.models.get(name);
  // A model's select knows nothing of the expressions around the place where the model is read.
  return select === undefined
    ? { kind: 'other' }
    : { kind: 'query', select, scope: { ...scope, expressions: new Map() } };
}

function columnsOf(origin: Item['origin'], scope: Scope): readonly string[] | undefined {
  if (origin.kind === 'clean') return scope.clean.get(origin.relation);
  if (origin.kind === 'other') return undefined;
  try {
    return readBlock(origin.select, origin.scope).outputs.map((output) => output.name);
  } catch (error) {
    // What cannot be followed may still be joined to; only its columns are not known then.
    if (error instanceof Untraceable) return undefined;
    throw error;
  }
}

function outputsOf(node: Node, items: readonly Item[]): readonly Output[] {
  if (!('ResTarget' in node) || node.ResTarget.val === undefined) return [];
  const { val, name } = node.ResTarget;
  const fields = 'ColumnRef' in val ? (val.ColumnRef.fields ?? []) : [];
  const last = fields.at(-1);
  if (last === undefined || !('A_Star' in last)) {
    return [{ name: name ?? outputName(val), expression: val }];
  }
  const [qualifier] = fields;
  const alias =
    qualifier !== undefined && 'String' in qualifier ? qualifier.String.sval : undefined;
  const seen = new Set<string>();
  return items
    .filter((each) => alias === undefined || each.alias === alias)
    .flatMap((each) => {
      if (each.columns === undefined) {
        throw new Untraceable(
          `the columns of ${each.alias || 'a relation'} are not known; list them instead of *`,
        );
      }
      const own = each.columns.filter((column) => !seen.has(column));
      for (const column of own) seen.add(column);
      return own.map((column) => ({ name: column, expression: columnRef(each.alias, column) }));
    });
}

/** An ordinal or the name of an output becomes its expression; a column of the from clause goes first. */
function resolveGroup(node: Node, block: Pick<Block, 'items' | 'outputs'>): Node {
  if ('A_Const' in node && node.A_Const.ival !== undefined) {
    const output = block.outputs[(node.A_Const.ival.ival ?? 0) - 1];
    if (output !== undefined) return output.expression;
  }
  if (!('ColumnRef' in node) || itemOfColumn(node.ColumnRef, block.items) !== undefined)
    return node;
  const name = lastName(node.ColumnRef);
  return block.outputs.find((output) => output.name === name)?.expression ?? node;
}

export function lastName(column: ColumnRef): string {
  const last = column.fields?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
}

/** The relation of the from clause that a column belongs to; undefined when it cannot be told. */
export function itemOfColumn(column: ColumnRef, items: readonly Item[]): Item | undefined {
  const names = (column.fields ?? []).map((field) =>
    'String' in field ? (field.String.sval ?? '') : '*',
  );
  const qualifier = names.at(-2);
  const name = lastName(column);
  if (qualifier !== undefined) return items.find((item) => item.alias === qualifier);
  const known = items.filter((item) => item.columns?.includes(name) === true);
  if (known.length > 0) return known[0];
  const unknown = items.filter((item) => item.columns === undefined);
  return unknown.length === 1 ? unknown[0] : undefined;
}

/** Two expressions with the same text here mean the same, however their columns are qualified. */
export function canonical(expression: Node, items: readonly Item[]): string {
  return shape(
    mapTree(expression, (node) => {
      if (!('ColumnRef' in node)) return undefined;
      const item = itemOfColumn(node.ColumnRef, items);
      return item === undefined ? undefined : columnRef(item.alias, lastName(node.ColumnRef));
    }),
  );
}

/** Whether an output is one of the expressions the block groups by. */
export function isGroup(expression: Node, block: Block): boolean {
  const own = canonical(expression, block.items);
  return block.groups.some((group) => canonical(group, block.items) === own);
}
