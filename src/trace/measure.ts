import type { FuncCall, Node } from 'libpg-query';

import { walkTree } from '../model/walk-tree.ts';
import { aggregatesIn, functionName } from './aggregates.ts';
import { mapTree } from './map-tree.ts';
import { call, columnRef } from './nodes.ts';
import { ignoresRepeats, knownPart, partOf, valueOfRow } from './part.ts';
import type { PartContext } from './part.ts';
import type { Block, Output } from './select-block.ts';

/** How a number is computed from the rows under it. */
export interface RowMeasure {
  /** What each row contributes, by the name of its column. */
  readonly values: readonly { readonly name: string; readonly expression: Node }[];
  /** The number, over relation `~rows` that has these columns. */
  readonly total: Node;
  /** Rows that count, where the aggregate has a filter of its own. */
  readonly condition: Node | undefined;
}

/** One aggregate: what goes into it from each row, and the aggregate over that. */
interface Contribution {
  readonly value: Node;
  readonly total: (column: Node) => Node;
}

/**
 * Takes the number of an output apart into values of rows. Undefined when it is not made of
 * aggregates that single rows contribute to: an average of a model's sums, for example.
 */
export function measureOf(
  output: Output,
  known: { readonly block: Block; readonly context: PartContext },
): RowMeasure | undefined {
  const { block, context } = known;
  if (!block.grouped) return measureOfColumn(output, context);
  const calls = aggregatesIn(output.expression);
  const contributions = calls.map((each) => contributionOf(each, context));
  const names = calls.map((_, index) => (calls.length === 1 ? '_value' : `_value_${index + 1}`));
  const values = contributions.flatMap((each, index) =>
    each === undefined ? [] : [{ name: names[index] ?? '', expression: each.value }],
  );
  if (calls.length === 0 || values.length < calls.length) return undefined;
  const total = mapTree(output.expression, (node) => {
    if (!('FuncCall' in node)) return undefined;
    const index = calls.indexOf(node.FuncCall);
    return contributions[index]?.total(columnRef('~rows', names[index] ?? ''));
  });
  const [only, second] = calls;
  return isOverRows(total)
    ? { values, total, condition: second === undefined ? only?.agg_filter : undefined }
    : undefined;
}

/** A query that shows a model's aggregated column as it is: its parts make the number. */
function measureOfColumn(output: Output, context: PartContext): RowMeasure | undefined {
  const part = knownPart(output.expression, context);
  if (part === undefined || part.function === 'same') return undefined;
  return {
    values: [{ name: '_value', expression: part.expression }],
    total: call(part.function, [columnRef('~rows', '_value')]),
    condition: undefined,
  };
}

function contributionOf(aggregate: FuncCall, context: PartContext): Contribution | undefined {
  if (context.source.grouped && !ignoresRepeats(aggregate)) {
    const part = partOf(aggregate, context);
    if (part === undefined) return undefined;
    return { value: part.expression, total: (column) => call(part.function, [column]) };
  }
  const value = valueOfRow(aggregate);
  if (value === undefined) return undefined;
  const distinct = aggregate.agg_distinct === true ? { agg_distinct: true } : {};
  return {
    value,
    total: (column) => ({
      FuncCall: {
        funcname: [{ String: { sval: functionName(aggregate) } }],
        args: [column],
        funcformat: 'COERCE_EXPLICIT_CALL',
        ...distinct,
      },
    }),
  };
}

/** Beside the values the total may hold constants and parameters, but no column and no subquery. */
function isOverRows(total: Node): boolean {
  let only = true;
  walkTree(total, (node) => {
    if ('SubLink' in node) only = false;
    if ('ColumnRef' in node) {
      const [first] = node.ColumnRef.fields ?? [];
      only &&= first !== undefined && 'String' in first && first.String.sval === '~rows';
    }
    return only;
  });
  return only;
}
