import type pg from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';

/** Rows and exact sums (as text) of columns, as Postgres counts and adds them. */
export interface HeldSums {
  readonly rows: number;
  /** In the order of the columns asked for; `'0'` where there are no rows. */
  readonly sums: readonly string[];
}

/** The select list that `heldSums` reads. */
export const sumList = (columns: readonly string[]): string =>
  [
    'count(*)::text as rows',
    ...columns.map((name, index) => `sum(${quoteIdentifier(name)})::text as s${index}`),
  ].join(', ');

export const heldSums = (
  row: Readonly<Record<string, string | null>> | undefined,
  columns: readonly string[],
): HeldSums => ({
  rows: Number(row?.['rows'] ?? 0),
  sums: columns.map((_, index) => row?.[`s${index}`] ?? '0'),
});

/** Counts and adds up what `from` (a from clause, with its where) selects. */
export async function sumOf(
  client: pg.Client,
  from: string,
  columns: readonly string[],
): Promise<HeldSums> {
  const { rows } = await client.query<Record<string, string | null>>(
    `select ${sumList(columns)} from ${from}`,
  );
  return heldSums(rows[0], columns);
}
