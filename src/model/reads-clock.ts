import { parseStatements } from './parse-sql.ts';
import { walkTree } from './walk-tree.ts';

/** Functions of pg_proc whose value depends on when they are called. */
const clockFunctions: ReadonlySet<string> = new Set([
  'now',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'timeofday',
]);

/** The SQL-standard ones are part of the grammar: `current_date`, `localtimestamp(0)`. */
const clockOperators = /^SVFOP_(?:CURRENT_DATE|CURRENT_TIME|LOCALTIME)/u;

/** True for a query whose result changes with time, without any row having changed. */
export function readsClock(sql: string): boolean {
  let found = false;
  for (const { node } of parseStatements(sql)) {
    walkTree(node, (child) => {
      if ('SQLValueFunction' in child)
        found ||= clockOperators.test(child.SQLValueFunction.op ?? '');
      if ('FuncCall' in child) {
        const { funcname, args } = child.FuncCall;
        const last = funcname?.at(-1);
        const name = last !== undefined && 'String' in last ? last.String.sval : undefined;
        // age(x) counts from today, age(x, y) does not.
        found ||= clockFunctions.has(name ?? '') || (name === 'age' && args?.length === 1);
      }
    });
  }
  return found;
}
