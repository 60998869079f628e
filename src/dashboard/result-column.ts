import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { isNumber } from './number-format.ts';
import type { QueryResult } from './query.ts';

/** Where a column stands in a result. Throws `query-failed` naming the nearest column when it is not there. */
export function columnIndex(result: QueryResult, name: string): number {
  const names = result.columns.map((column) => column.name);
  const index = names.indexOf(name);
  if (index !== -1) return index;
  const meant = suggest(name, names);
  throw new PlumblineError('query-failed', {
    message: `the query returns no column '${name}'; it returns ${names.map((one) => `'${one}'`).join(', ')}`,
    remedy:
      meant === undefined
        ? `Name one of them in the tile, or add '${name}' to its select.`
        : `Did you mean '${meant}'?`,
  });
}

/** The day a value of a date or timestamp column begins with; undefined for anything else. */
export function dayOf(value: string | null | undefined): string | undefined {
  return value?.match(/^\d{4}-\d{2}-\d{2}(?=$|[ T])/u)?.[0];
}

/** For drawing only: a double cannot hold every decimal. */
export function toNumber(value: string | null): number | null {
  return value !== null && isNumber(value) ? Number(value) : null;
}
