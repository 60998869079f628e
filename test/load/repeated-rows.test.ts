import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import type { Contract } from '../../src/contract/contract.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const till = (repeatedRows?: 'keep' | 'skip' | 'reject', more: Partial<Contract> = {}): Source =>
  csv({
    from: folder('data/*.csv'),
    columns: { item: column.text(), amount: column.decimal(12, 2, { decimalMark: '.' }) },
    controlTotals: ['amount'],
    ...(repeatedRows === undefined ? {} : { repeatedRows }),
    ...(more.rejected === undefined ? {} : { rejected: more.rejected }),
  });
const lines = 'item,amount\ntea,1.00\ncake,2.50\ntea,1.00\ntea,1.00\nbun,\nbun,\n';
const held = () =>
  place.query(
    'select item, amount from raw.till where _superseded_by is null order by _row_number',
  );
const batch = async () =>
  (
    await place.query<{
      repeated: string | null;
      duplicate: string;
      inserted: string;
      totals: object;
    }>(`select repeated, duplicate, inserted, totals from plumbline.batch order by id desc limit 1`)
  )[0];

test('kept by default, and counted', async () => {
  await place.write('data/a.csv', lines);
  const result = await place.load('till', till());
  expect(result).toMatchObject({
    rows: { read: 6, inserted: 6, duplicate: 0 },
    shares: { repeated: 3 },
  });
  expect(await batch()).toMatchObject({ repeated: '3', inserted: '6' });
  expect(await held()).toHaveLength(6);
});

test('skipped, when the source says so: the first of each stays', async () => {
  await place.write('data/a.csv', lines);
  const result = await place.load('till', till('skip'));
  expect(result).toMatchObject({ rows: { read: 6, inserted: 3, duplicate: 3, rejected: 0 } });
  expect(await batch()).toMatchObject({
    repeated: '0',
    totals: { amount: { delivered: '5.50', held: '5.50', rejected: '0.00' } },
  });
  expect(await held()).toEqual([
    { item: 'tea', amount: '1.00' },
    { item: 'cake', amount: '2.50' },
    { item: 'bun', amount: null },
  ]);
  // A correction replaces the file as a whole, as without the option.
  await place.write('data/a.csv', 'item,amount\ncake,2.50\ncake,2.50\n');
  expect(await place.load('till', till('skip'))).toMatchObject({
    rows: { inserted: 1, duplicate: 1 },
  });
  expect(await held()).toEqual([{ item: 'cake', amount: '2.50' }]);
});

test('rejected, with the record that is the same; what they hold is told', async () => {
  await place.write('data/a.csv', lines);
  const result = await place.load('till', till('reject'));
  expect(result).toMatchObject({
    rows: { read: 6, inserted: 3, duplicate: 0, rejected: 3 },
    keptOut: [{ column: 'amount', sum: '2.00', unreadable: 0 }],
  });
  const rejects = await place.query<{
    line: string;
    codes: string[];
    faults: { expected: string }[];
  }>('select line, codes, faults from plumbline.reject order by row_number');
  expect(rejects.map(({ line, codes }) => [line, codes])).toEqual([
    ['4', ['duplicate-row']],
    ['5', ['duplicate-row']],
    ['7', ['duplicate-row']],
  ]);
  expect(rejects[1]?.faults[0]?.expected).toBe('no row twice; record 1 is the same');
});

test('rows of a key that clash count among the money kept out', async () => {
  const keyed = csv({
    from: folder('data/*.csv'),
    columns: { item: column.text(), amount: column.decimal(12, 2, { decimalMark: '.' }) },
    key: ['item'],
    controlTotals: ['amount'],
  });
  await place.write(
    'data/a.csv',
    'item,amount\ntea,1.00\ntea,1.50\ncake,2.50\ncake,2.50\nbun,x\nmilk,-\n',
  );
  expect(await place.load('till', keyed)).toMatchObject({
    rows: { read: 6, inserted: 1, duplicate: 1, rejected: 4 },
    keptOut: [{ column: 'amount', sum: '2.50', unreadable: 2 }],
  });
});

test('a tolerance for amounts refuses a delivery in which one is not known', async () => {
  await place.write('data/a.csv', 'item,amount\ntea,1.00\nbun,x\n');
  const strict = await place.load('till', till('keep', { rejected: { money: 0 } }));
  expect(strict).toMatchObject({ balanced: false, rows: { inserted: 0 } });
  expect(strict.errors[0]?.message).toBe(
    'data/a.csv: column "amount" has 1 amount in 2 rows that cannot be read; at most 0 may.',
  );
  expect(await place.load('till', till('keep', { rejected: { money: '50%' } }))).toMatchObject({
    balanced: true,
    rows: { inserted: 1, rejected: 1 },
  });
});
