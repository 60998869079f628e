import type { Node, SelectStmt } from 'libpg-query';

/** Builders of the few parse-tree nodes that tracing puts together. */

const string = (sval: string): Node => ({ String: { sval } });

/** `"m"."revenue"` */
export const columnRef = (...names: readonly string[]): Node => ({
  ColumnRef: { fields: names.map((name) => string(name)) },
});

/** `"o".*` */
export const starOf = (alias: string): Node => ({
  ColumnRef: { fields: [string(alias), { A_Star: {} }] },
});

/** `("m"."~base").*` */
export const fieldsOf = (arg: Node): Node => ({
  A_Indirection: { arg, indirection: [{ A_Star: {} }] },
});

/** The whole row of a relation as one value: `"o".*::clean.orders`. */
export const wholeRow = (alias: string, relation: string): Node => {
  const dot = relation.indexOf('.');
  const names = [string(relation.slice(0, dot)), string(relation.slice(dot + 1))];
  return { TypeCast: { arg: starOf(alias), typeName: { names, typemod: -1 } } };
};

/** The parser leaves a zero out of the tree. */
export const integer = (value: number): Node => ({
  A_Const: { ival: value === 0 ? {} : { ival: value } },
});

/** `1::bigint`; sums of it are numeric, like those of a count. */
export const bigint = (ival: number): Node => ({
  TypeCast: { arg: integer(ival), typeName: { names: [string('int8')], typemod: -1 } },
});

export const parameter = (number: number): Node => ({ ParamRef: { number } });

export const target = (val: Node, name?: string): Node => ({
  ResTarget: name === undefined ? { val } : { name, val },
});

export const call = (name: string, args: readonly Node[]): Node => ({
  FuncCall: { funcname: [string(name)], args: [...args], funcformat: 'COERCE_EXPLICIT_CALL' },
});

export const countStar: Node = {
  FuncCall: { funcname: [string('count')], agg_star: true, funcformat: 'COERCE_EXPLICIT_CALL' },
};

/** `case when condition then value else otherwise end` */
export const when = (condition: Node, value: Node, otherwise?: Node): Node => ({
  CaseExpr: {
    args: [{ CaseWhen: { expr: condition, result: value } }],
    ...(otherwise === undefined ? {} : { defresult: otherwise }),
  },
});

export const isNotNull = (arg: Node): Node => ({
  NullTest: { arg, nulltesttype: 'IS_NOT_NULL' },
});

/** Equal, and true for two missing values. */
export const notDistinct = (lexpr: Node, rexpr: Node): Node => ({
  A_Expr: { kind: 'AEXPR_NOT_DISTINCT', name: [string('=')], lexpr, rexpr },
});

export const equal = (lexpr: Node, rexpr: Node): Node => ({
  A_Expr: { kind: 'AEXPR_OP', name: [string('=')], lexpr, rexpr },
});

/**
 * Several values as one that can be compared and hashed: missing values are equal, and so are 1.0
 * and 1.00. `is not distinct from` on each would make a join compare every pair of rows.
 */
export const tuple = (values: readonly Node[]): Node => call('jsonb_build_array', values);

/** `value in (select …)` */
export const inSelect = (testexpr: Node, select: SelectStmt): Node => ({
  SubLink: { subLinkType: 'ANY_SUBLINK', testexpr, subselect: { SelectStmt: select } },
});

/** All of them; the parser writes `a and b and c` as one list, and so does this. */
export const all = (conditions: readonly (Node | undefined)[]): Node | undefined => {
  const args = conditions.flatMap((condition) => {
    if (condition === undefined) return [];
    const nested = 'BoolExpr' in condition && condition.BoolExpr.boolop === 'AND_EXPR';
    return nested ? (condition.BoolExpr.args ?? []) : [condition];
  });
  const [first, ...others] = args;
  return others.length === 0 ? first : { BoolExpr: { boolop: 'AND_EXPR', args } };
};

/** `(select …) as "m"` */
export const subselect = (select: SelectStmt, aliasname: string): Node => ({
  RangeSubselect: { subquery: { SelectStmt: select }, alias: { aliasname } },
});

export interface SelectParts {
  readonly targets: readonly Node[];
  readonly from: readonly Node[];
  readonly where?: Node | undefined;
  readonly with?: SelectStmt['withClause'];
}

export const selectOf = (parts: SelectParts): SelectStmt => ({
  targetList: [...parts.targets],
  fromClause: [...parts.from],
  ...(parts.where === undefined ? {} : { whereClause: parts.where }),
  ...(parts.with === undefined ? {} : { withClause: parts.with }),
  limitOption: 'LIMIT_OPTION_DEFAULT',
  op: 'SETOP_NONE',
});
