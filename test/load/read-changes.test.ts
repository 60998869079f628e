import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { findReplacement } from '../../src/load/find-version.ts';
import { readRawTable } from '../../src/load/raw-table.ts';
import { countChanges, listChanges } from '../../src/load/read-changes.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Source } from '../../src/source/source.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const columns = {
  id: column.integer(),
  client: column.text(),
  amount: column.decimal(12, 2, { decimalMark: '.' }),
};
const sales = (options: object = {}): Source =>
  csv({ from: folder('data/*.csv'), columns, key: ['id'], ...options });
const keyless = csv({ from: folder('data/*.csv'), columns });

async function changesOf(delivery?: string) {
  const client = await place.warehouse.connect('loader');
  try {
    const found = await findReplacement(client, 'sales', delivery);
    const table = await readRawTable(client, 'sales');
    if (found === undefined || table === undefined) return undefined;
    const options = { client, sourceName: 'sales', table, batchId: found.batchId };
    return {
      found,
      counts: await countChanges(options),
      rows: await listChanges(options, { limit: 100, offset: 0 }),
    };
  } finally {
    await client.end();
  }
}

test('a corrected file: rows by key with the columns that differ, sums to the cent', async () => {
  await place.write('data/a.csv', 'id,client,amount\n1,A,1.00\n2,B,2.00\n3,C,\n5,E,0.10\n');
  await place.load('sales', sales());
  expect(await changesOf()).toBeUndefined();
  await place.write(
    'data/a.csv',
    'id,client,amount\n5,E,0.10\n1,A,1.00\n3,"C, new",3.30\n4,D,4.00\n',
  );
  await place.load('sales', sales());
  const report = await changesOf();
  expect(report?.found).toMatchObject({
    name: 'a.csv',
    version: 2,
    replaces: { version: 1 },
    comparable: true,
  });
  expect(report?.counts).toEqual({
    added: 1,
    changed: 1,
    removed: 1,
    columns: [
      { column: 'client', rows: 1 },
      { column: 'amount', rows: 1, before: '2.00', after: '7.30', difference: '5.30' },
    ],
  });
  expect(report?.rows).toMatchObject([
    {
      kind: 'changed',
      key: { id: '3' },
      columns: ['client', 'amount'],
      before: { client: 'C', amount: null },
      after: { client: 'C, new', amount: '3.30' },
      beforeAt: { rowNumber: '3' },
      afterAt: { rowNumber: '3' },
    },
    { kind: 'removed', key: { id: '2' }, before: { client: 'B', amount: '2.00' }, after: null },
    { kind: 'added', key: { id: '4' }, before: null, after: { client: 'D', amount: '4.00' } },
  ]);
});

test('without a key rows are compared by content, copy by copy', async () => {
  await place.write('data/a.csv', 'id,client,amount\n1,A,1.00\n1,A,1.00\n2,B,2.00\n');
  await place.load('sales', keyless);
  await place.write('data/a.csv', 'id,client,amount\n1,A,1.00\n2,B,2.50\n1,A,1.00\n1,A,1.00\n');
  await place.load('sales', keyless);
  const report = await changesOf('a.csv');
  expect(report?.counts).toMatchObject({
    added: 2,
    changed: 0,
    removed: 1,
    columns: [
      { column: 'id', rows: 0, before: '2', after: '3', difference: '1' },
      { column: 'amount', rows: 0, before: '2.00', after: '3.50', difference: '1.50' },
    ],
  });
  expect(
    report?.rows.map(({ kind, before, after }) => [kind, (before ?? after)?.['amount']]),
  ).toEqual([
    ['removed', '2.00'],
    ['added', '2.50'],
    ['added', '1.00'],
  ]);
});

test('a changed contract: against how the file was read before, flags included', async () => {
  await place.write('data/a.csv', 'id,client,amount\n1,A,1.00\n2,B,2.00\n');
  await place.load('sales', sales());
  await place.load(
    'sales',
    sales({
      rules: [{ name: 'small', level: 'warn', test: (row: { id: bigint }) => row.id !== 2n }],
    }),
  );
  const report = await changesOf();
  expect(report?.found.replaces?.deliveryId).toBe(report?.found.deliveryId);
  expect(report?.counts).toMatchObject({ changed: 1, columns: [{ column: '_flags', rows: 1 }] });
  expect(report?.rows).toMatchObject([
    { key: { id: '2' }, before: { _flags: null }, after: { _flags: '{small}' } },
  ]);
});

test('a table made anew has nothing to compare with, and says so', async () => {
  await place.write('data/a.csv', 'id,client,amount\n1,A,1.00\n');
  await place.load('sales', sales());
  await place.load(
    'sales',
    sales({ columns: { ...columns, client: column.integer({ missing: ['A'] }) } }),
  );
  expect((await changesOf())?.found).toMatchObject({ comparable: false });
});

test('a delivery that is not there is named with those that are', async () => {
  await place.write('data/a.csv', 'id,client,amount\n1,A,1.00\n');
  await place.load('sales', sales());
  await expect(changesOf('b.csv')).rejects.toMatchObject({
    code: 'usage',
    remedy: "Did you mean 'a.csv'? The newest are 1 (a.csv).",
  });
});
