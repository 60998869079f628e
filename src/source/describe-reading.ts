import type { Columns } from '../contract/column.ts';
import type { Contract } from '../contract/contract.ts';

/**
 * What decides which rows a landed delivery gives, as one text: columns, key, rules, transform and
 * the connector's own `format`. When it differs, deliveries are read again from the landing.
 *
 * What only admits a delivery or describes it (tolerances, control totals, descriptions) is not in
 * it. Of a function only that there is one: its text depends on who transpiled it, and says nothing
 * of what it calls, so whoever reads the project adds the text of the file.
 */
export function describeReading<C extends Columns>(
  { columns, key, sameKey, repeatedRows, rules, transform }: Contract<C>,
  format: object,
): string {
  const described = Object.entries(columns ?? {}).map(([name, column]) => [
    name,
    { ...column, description: undefined },
  ]);
  return JSON.stringify(
    // Pairs rather than an object: the order of the columns decides the hash of a row.
    { columns: described, key, sameKey, repeatedRows, rules, transform, format },
    (_, value: unknown) => {
      if (typeof value === 'function') return 'function';
      if (typeof value === 'bigint' || value instanceof RegExp) return String(value);
      return value;
    },
  );
}
