import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeAll(async () => {
  place = await createLoadingPlace();
});
afterAll(() => place.end());

const orders = (name: string, sameKey: 'reject' | 'last-wins' = 'reject'): Source =>
  csv({
    from: folder(`${name}/*.csv`),
    columns: { id: column.integer(), amount: column.decimal(12, 2, { decimalMark: '.' }) },
    key: ['id'],
    sameKey,
    controlTotals: ['amount'],
    rejected: { max: '1%' },
  });

/** More than a socket and Postgres take in at once, so that the load is under way when a key repeats. */
const rowsMany = 200_000;
const lines = Array.from({ length: rowsMany }, (_, index) => `${index},0.01`);
const fileOf = (more: readonly string[]): string =>
  ['id,amount', ...lines, ...more].join('\n').concat('\n');

/** Where its rows begin in the table: what was rolled back before leaves its pages behind. */
const firstPage = async (name: string): Promise<number> => {
  const [row] = await place.query<{ page: number }>(
    `select min((ctid::text::point)[0])::int as page from raw.${name} where _superseded_by is null`,
  );
  return row?.page ?? -1;
};

test('rows of a first delivery go straight into the table, and are held against the next one', async () => {
  await place.write('straight/a.csv', fileOf(['x,1.00']));
  const first = await place.load('straight', orders('straight'));
  expect(first).toMatchObject({
    balanced: true,
    rows: { read: rowsMany + 1, inserted: rowsMany, rejected: 1 },
  });
  expect(await firstPage('straight')).toBe(0);
  await place.write('straight/b.csv', 'id,amount\n0,0.01\n1,0.02\n200000,0.01\n');
  const second = await place.load('straight', orders('straight'));
  expect(second.rows).toMatchObject({ read: 3, inserted: 1, changed: 1, unchanged: 1 });
});

test.each([
  ['reject', { inserted: rowsMany - 1, rejected: 3, duplicate: 1 }],
  ['last-wins', { inserted: rowsMany, rejected: 1, duplicate: 2 }],
] as const)(
  'a key that repeats at the end of a first delivery: %s, and nothing counts twice',
  async (sameKey, counts) => {
    const name = sameKey.replace('-', '_');
    await place.write(`${name}/a.csv`, fileOf(['x,1.00', '7,0.01', `${rowsMany - 1},0.02`]));
    const result = await place.load(name, orders(name, sameKey));
    expect(result).toMatchObject({ balanced: true, rows: { read: rowsMany + 3, ...counts } });
    const [held] = await place.query(
      `select count(*)::int as rows, sum(amount) as amount from raw.${name} where _superseded_by is null`,
    );
    expect(held).toEqual(
      sameKey === 'reject'
        ? { rows: rowsMany - 1, amount: '1999.99' }
        : { rows: rowsMany, amount: '2000.01' },
    );
    const rejects = await place.query(
      `select row_number from plumbline.reject r join plumbline.batch b on b.id = r.batch_id where b.source = '${name}'`,
    );
    expect(rejects).toHaveLength(counts.rejected);
    expect(await firstPage(name)).toBeGreaterThan(0);
  },
);
