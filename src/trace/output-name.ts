import type { Node } from 'libpg-query';

import { functionName } from './aggregates.ts';

/**
 * The name Postgres gives an output without `as`: that of its column or function, of what is cast,
 * else of the type; `FigureColname` of PostgreSQL's parse_target.c.
 */
export function outputName(expression: Node): string {
  return nameOf(expression)?.name ?? '?column?';
}

/** A weak name, a type's or `case`, gives way to a better one further in. */
interface Named {
  readonly name: string;
  readonly weak: boolean;
}

function nameOf(node: Node): Named | undefined {
  if ('ColumnRef' in node) return lastString(node.ColumnRef.fields);
  if ('FuncCall' in node) return { name: functionName(node.FuncCall), weak: false };
  if ('TypeCast' in node) {
    const inner = node.TypeCast.arg === undefined ? undefined : nameOf(node.TypeCast.arg);
    if (inner !== undefined && !inner.weak) return inner;
    const type = lastString(node.TypeCast.typeName?.names);
    return type === undefined ? inner : { ...type, weak: true };
  }
  if ('CaseExpr' in node) {
    const inner =
      node.CaseExpr.defresult === undefined ? undefined : nameOf(node.CaseExpr.defresult);
    return inner !== undefined && !inner.weak ? inner : { name: 'case', weak: true };
  }
  if ('CoalesceExpr' in node) return { name: 'coalesce', weak: false };
  if ('MinMaxExpr' in node) {
    return { name: node.MinMaxExpr.op === 'IS_GREATEST' ? 'greatest' : 'least', weak: false };
  }
  if ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_NULLIF')
    return { name: 'nullif', weak: false };
  if ('A_Indirection' in node) {
    const { indirection, arg } = node.A_Indirection;
    return lastString(indirection) ?? (arg === undefined ? undefined : nameOf(arg));
  }
  if ('CollateClause' in node) {
    return node.CollateClause.arg === undefined ? undefined : nameOf(node.CollateClause.arg);
  }
  if ('A_ArrayExpr' in node) return { name: 'array', weak: false };
  if ('SubLink' in node) return nameOfSubquery(node);
  return undefined;
}

function nameOfSubquery(node: Extract<Node, { SubLink: unknown }>): Named | undefined {
  const { subLinkType, subselect } = node.SubLink;
  if (subLinkType === 'EXISTS_SUBLINK') return { name: 'exists', weak: false };
  if (subLinkType === 'ARRAY_SUBLINK') return { name: 'array', weak: false };
  if (subLinkType !== 'EXPR_SUBLINK' || subselect === undefined) return undefined;
  const select = 'SelectStmt' in subselect ? subselect.SelectStmt : undefined;
  const [first] = select?.targetList ?? [];
  if (first === undefined || !('ResTarget' in first)) return undefined;
  const { name, val } = first.ResTarget;
  if (name !== undefined) return { name, weak: false };
  return val === undefined ? undefined : nameOf(val);
}

function lastString(nodes: readonly Node[] | undefined): Named | undefined {
  const texts = (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
  const name = texts.at(-1);
  return name === undefined ? undefined : { name, weak: false };
}
