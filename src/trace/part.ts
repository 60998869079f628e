import type { FuncCall, Node } from 'libpg-query';

import { functionName } from './aggregates.ts';
import { bigint, integer, isNotNull, when } from './nodes.ts';
import type { RowSource } from './row-source.ts';
import { itemOfColumn, lastName } from './select-block.ts';
import type { Item } from './select-block.ts';

/** What one row below contributes to an aggregated value: the function over all parts is the value. */
export interface Part {
  readonly function: 'sum' | 'min' | 'max';
  readonly expression: Node;
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
export function partOf(call: FuncCall, context: PartContext): Part | undefined {
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

function partOfRow(name: string, arg: Node | undefined): Part | undefined {
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
function partBelow(name: string, arg: Node | undefined, context: PartContext): Part | undefined {
  const part = arg === undefined ? undefined : knownPart(arg, context);
  return part?.function === name ? part : undefined;
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
