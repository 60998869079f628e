import type { FuncCall } from 'libpg-query';

import { walkTree } from '../model/walk-tree.ts';

/** Aggregates of Postgres: https://www.postgresql.org/docs/17/functions-aggregate.html */
const aggregateNames: ReadonlySet<string> = new Set(
  `any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp
  cume_dist dense_rank every json_agg json_agg_strict json_object_agg jsonb_agg jsonb_agg_strict
  jsonb_object_agg max min mode percent_rank percentile_cont percentile_disc range_agg
  range_intersect_agg rank regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
  regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg`
    .split(/\s+/u)
    .filter((name) => name !== ''),
);

/** Functions that make several rows of one. */
const setReturningNames: ReadonlySet<string> = new Set(
  `generate_series generate_subscripts json_array_elements json_array_elements_text json_each
  json_each_text json_object_keys jsonb_array_elements jsonb_array_elements_text jsonb_each
  jsonb_each_text jsonb_object_keys jsonb_path_query regexp_matches regexp_split_to_table
  string_to_table unnest`.split(/\s+/u),
);

export function functionName(call: FuncCall): string {
  const last = call.funcname?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
}

/** Aggregate calls of an expression, those of its subqueries left out. */
export function aggregatesIn(expression: unknown): readonly FuncCall[] {
  const found: FuncCall[] = [];
  walkTree(expression, (node) => {
    if ('SubLink' in node) return false;
    if (!('FuncCall' in node)) return true;
    const call = node.FuncCall;
    const marked = call.agg_star === true || call.agg_within_group === true;
    if (call.over !== undefined || !(marked || aggregateNames.has(functionName(call)))) return true;
    found.push(call);
    return false;
  });
  return found;
}

/** Window functions and functions that make several rows of one, which tracing does not follow. */
export function hasUnsupportedCall(expression: unknown): boolean {
  let found = false;
  walkTree(expression, (node) => {
    if ('SubLink' in node) return false;
    if ('FuncCall' in node) {
      found ||=
        node.FuncCall.over !== undefined || setReturningNames.has(functionName(node.FuncCall));
    }
    return !found;
  });
  return found;
}
