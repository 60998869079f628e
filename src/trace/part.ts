import type { A_Const, FuncCall, Node } from 'libpg-query';

import { functionName } from './aggregates.ts';
import { bigint, integer, isNotNull, when } from './nodes.ts';
import type { RowSource } from './row-source.ts';
import { itemOfColumn, lastName } from './select-block.ts';
import type { Item } from './select-block.ts';

/** What one row below contributes to an aggregated value: the function over all parts is the value. */
export interface Part {
  /** `same`: no aggregate but a key, which all rows of the group have in common. */
  readonly function: 'sum' | 'min' | 'max' | 'same';
  readonly expression: Node;
}

/** A part of an aggregate, not of a key. */
export interface AggregatePart extends Part {
  readonly function: 'sum' | 'min' | 'max';
}

/** Where an aggregate stands: the relations around it, and the one whose rows are followed. */
export interface PartContext {
  readonly items: readonly Item[];
  readonly item: Item;
  readonly source: RowSource;
}

/**
 * The part of an aggregate that each row below contributes, so that a later aggregate over several
 * groups can be followed through this one; undefined where parts do not add up, as for an average.
 */
export function partOf(call: FuncCall, context: PartContext): AggregatePart | undefined {
  const { agg_distinct: distinct, agg_order: order, agg_filter: filter } = call;
  const name = functionName(call);
  if (order !== undefined || call.agg_within_group === true) return undefined;
  if (distinct === true && name !== 'min' && name !== 'max') return undefined;
  const [arg] = call.args ?? [];
  const part = context.source.grouped ? partBelow(name, arg, context) : partOfRow(name, arg);
  if (part === undefined || filter === undefined) return part;
  // A group without any row that counts has a count of 0, and a sum of null.
  const otherwise = name === 'count' ? bigint(0) : undefined;
  return { ...part, expression: when(filter, part.expression, otherwise) };
}

function partOfRow(name: string, arg: Node | undefined): AggregatePart | undefined {
  if (name === 'count') {
    const one = bigint(1);
    const expression = arg === undefined ? one : when(isNotNull(arg), one, bigint(0));
    return { function: 'sum', expression };
  }
  if (arg === undefined) return undefined;
  return name === 'sum' || name === 'min' || name === 'max'
    ? { function: name, expression: arg }
    : undefined;
}

/** Of a relation that is grouped itself only its own parts can be followed, each by its function. */
function partBelow(
  name: string,
  arg: Node | undefined,
  context: PartContext,
): AggregatePart | undefined {
  const part = arg === undefined ? undefined : knownPart(arg, context);
  if (part === undefined || (name !== 'sum' && name !== 'min' && name !== 'max')) return undefined;
  // The least of keys is the same however often each is there; their sum is not.
  const follows = part.function === name || (part.function === 'same' && name !== 'sum');
  return follows ? { function: name, expression: part.expression } : undefined;
}

/**
 * The part of an output that is an aggregate, or one with 0 in the place of null: as no group is
 * empty, 0 may as well stand in for each missing value.
 */
export function partOfOutput(expression: Node, context: PartContext): AggregatePart | undefined {
  if ('FuncCall' in expression) return partOf(expression.FuncCall, context);
  if (!('CoalesceExpr' in expression)) return undefined;
  const [first, second, third] = expression.CoalesceExpr.args ?? [];
  if (first === undefined || !('FuncCall' in first) || third !== undefined) return undefined;
  const zero = second !== undefined && 'A_Const' in second && isZero(second.A_Const);
  const part = partOf(first.FuncCall, context);
  return zero && part?.function === 'sum'
    ? { ...part, expression: { CoalesceExpr: { args: [part.expression, second] } } }
    : undefined;
}

function isZero(constant: A_Const): boolean {
  if (constant.ival !== undefined) return (constant.ival.ival ?? 0) === 0;
  return constant.fval !== undefined && Number(constant.fval.fval) === 0;
}

/** The part behind a bare column of the relation that is followed. */
export function knownPart(expression: Node, context: PartContext): Part | undefined {
  if (!('ColumnRef' in expression)) return undefined;
  if (itemOfColumn(expression.ColumnRef, context.items) !== context.item) return undefined;
  return context.source.parts.get(lastName(expression.ColumnRef));
}

/** What an aggregate over rows, not over groups, computes its value from. */
export function valueOfRow(call: FuncCall): Node | undefined {
  const name = functionName(call);
  const known = ['sum', 'count', 'avg', 'min', 'max'].includes(name);
  if (!known || call.agg_order !== undefined || call.agg_within_group === true) return undefined;
  const [arg, second] = call.args ?? [];
  if (second !== undefined) return undefined;
  const value = arg ?? integer(1);
  return call.agg_filter === undefined ? value : when(call.agg_filter, value);
}

/**
 * Whether an aggregate may be taken over the rows below as it is, because it does not care how often
 * each of a model's rows is there. The least or greatest of a bare column is followed by its parts,
 * which spares joining the model's own values to the rows.
 */
export function ignoresRepeats(call: FuncCall): boolean {
  if (call.agg_distinct === true) return true;
  const [arg] = call.args ?? [];
  const extreme = functionName(call) === 'min' || functionName(call) === 'max';
  return extreme && arg !== undefined && !('ColumnRef' in arg);
}
