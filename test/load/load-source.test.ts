import { afterEach, beforeEach, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeEach(async () => {
  place = await createLoadingPlace();
});
afterEach(() => place.end());

const orders = () =>
  csv({
    from: folder('data/*.csv'),
    columns: {
      id: column.integer(),
      client: column.text({ required: true }),
      amount: column.decimal(12, 2, { min: 0, decimalMark: '.' }),
      ordered_on: column.date(),
    },
    key: ['id'],
    controlTotals: ['amount'],
  });

const header = 'id,client,amount,ordered_on\n';
const current = () =>
  place.query<{ id: string; client: string; amount: string; ordered_on: string }>(
    'select id, client, amount, ordered_on from raw.orders where _superseded_by is null order by id',
  );

test('a first delivery is loaded with its totals, and the second run of it does nothing', async () => {
  await place.write('data/a.csv', `${header}1,Müller,10.50,2026-01-01\n2,Žabka,0.01,2026-01-02\n`);
  const first = await place.load('orders', orders());
  expect(first).toMatchObject({
    deliveries: 1,
    balanced: true,
    errors: [],
    rows: { read: 2, inserted: 2, changed: 0, unchanged: 0, duplicate: 0, rejected: 0, flagged: 0 },
  });
  expect(await current()).toEqual([
    { id: '1', client: 'Müller', amount: '10.50', ordered_on: '2026-01-01' },
    { id: '2', client: 'Žabka', amount: '0.01', ordered_on: '2026-01-02' },
  ]);
  const [batch] = await place.query<{ totals: unknown }>('select totals from plumbline.batch');
  expect(batch?.totals).toEqual({
    amount: { delivered: '10.51', held: '10.51', rejected: '0.00', unreadable: 0 },
  });
  const second = await place.load('orders', orders());
  expect(second).toMatchObject({ deliveries: 0, balanced: true, rows: { read: 0 } });
  expect(await place.query('select id from plumbline.batch')).toHaveLength(1);
});

test('rows that break the contract are kept with code, column, value and line', async () => {
  await place.write(
    'data/a.csv',
    `${header}1,A,1.00,2026-01-01\n\nx,B,-5,31.12.2025\n3,,2.345,2026-02-30\n4,D\n5,E,1.00,2026-01-05,more\n`,
  );
  const result = await place.load('orders', orders());
  expect(result.rows).toMatchObject({ read: 5, inserted: 1, rejected: 4 });
  const rejects = await place.query<{
    row_number: string;
    line: string;
    codes: string[];
    faults: object[];
    raw: object;
  }>('select row_number, line, codes, faults, raw from plumbline.reject order by row_number');
  expect(rejects[0]).toEqual({
    row_number: '2',
    line: '4',
    codes: ['type-error', 'constraint-error'],
    faults: [
      { code: 'type-error', column: 'id', value: 'x', expected: 'a whole number' },
      { code: 'constraint-error', column: 'amount', value: '-5', expected: 'at least 0' },
      {
        code: 'type-error',
        column: 'ordered_on',
        value: '31.12.2025',
        expected: 'a date as yyyy-MM-dd',
      },
    ],
    raw: { id: 'x', client: 'B', amount: '-5', ordered_on: '31.12.2025' },
  });
  expect(rejects.map((each) => each.codes)).toEqual([
    ['type-error', 'constraint-error'],
    ['missing-cell', 'type-error'],
    ['missing-cell'],
    ['extra-cell'],
  ]);
});

test('a cell that is no text is named by its column and label', async () => {
  await place.write('data/a.csv', Buffer.from(`${header}1,M\xfcller,1.00,2026-01-01\n`, 'latin1'));
  await place.load('orders', orders());
  const [reject] = await place.query<{ faults: unknown }>('select faults from plumbline.reject');
  expect(reject?.faults).toEqual([
    {
      code: 'encoding-error',
      column: 'client',
      value: 'M\ufffdller',
      expected: "valid utf-8 in 'client' (cell 2 of the row)",
    },
  ]);
});

test('a corrected file supersedes its older version; A, B, A is three generations', async () => {
  const a = `${header}1,A,1.00,2026-01-01\n2,B,2.00,2026-01-02\n3,C,3.00,2026-01-03\n`;
  await place.write('data/a.csv', a);
  await place.load('orders', orders());
  await place.write(
    'data/a.csv',
    `${header}1,A,1.00,2026-01-01\n2,B,2.50,2026-01-02\n4,D,4.00,2026-01-04\n`,
  );
  const corrected = await place.load('orders', orders());
  expect(corrected.rows).toMatchObject({ read: 3, inserted: 1, changed: 1, unchanged: 1 });
  expect((await current()).map((row) => [row.id, row.amount])).toEqual([
    ['1', '1.00'],
    ['2', '2.50'],
    ['4', '4.00'],
  ]);
  await place.write('data/a.csv', a);
  await place.load('orders', orders());
  expect((await current()).map((row) => [row.id, row.amount])).toEqual([
    ['1', '1.00'],
    ['2', '2.00'],
    ['3', '3.00'],
  ]);
  const deliveries = await place.query(
    'select generation from plumbline.delivery order by generation',
  );
  expect(deliveries).toEqual([{ generation: 1 }, { generation: 2 }, { generation: 3 }]);
});

test('a copy of a file under another name is a duplicate file', async () => {
  await place.write('data/a.csv', `${header}1,A,1.00,2026-01-01\n`);
  await place.load('orders', orders());
  await place.write('data/copy of a.csv', `${header}1,A,1.00,2026-01-01\n`);
  const result = await place.load('orders', orders());
  expect(result).toMatchObject({ deliveries: 0, duplicateFiles: 1, balanced: true });
  expect(await current()).toHaveLength(1);
});

test('repeated rows are counted, clashing rows are rejected both', async () => {
  await place.write(
    'data/a.csv',
    `${header}1,A,1.00,2026-01-01\n1,A,1.00,2026-01-01\n2,B,2.00,2026-01-02\n2,B,9.00,2026-01-02\n3,C,3.00,2026-01-03\n`,
  );
  const result = await place.load('orders', orders());
  expect(result.rows).toMatchObject({ read: 5, inserted: 2, duplicate: 1, rejected: 2 });
  const rejects = await place.query<{ faults: { expected: string }[]; line: string }>(
    'select faults, line from plumbline.reject order by row_number',
  );
  expect(rejects.map((each) => each.line)).toEqual(['4', '5']);
  expect(rejects[0]?.faults).toEqual([
    {
      code: 'primary-key',
      column: 'id',
      value: '2',
      expected: 'one row for each id; record 4 has the same and differs',
    },
  ]);
});

test('rules at level warn flag the row, a transform renames and splits, positions stay', async () => {
  const source = csv({
    from: folder('data/*.csv'),
    columns: {
      client: column.text({ required: true, maxLength: 3, level: 'warn' }),
      amount: column.decimal(12, 2, { decimalMark: ',' }),
    },
    rules: [{ name: 'known-client', level: 'warn', test: (row) => row.client !== 'X' }],
    transform: (row) => {
      if (row['kind'] === 'skip') return null;
      return (row['clients'] ?? '')
        .split('+')
        .map((client) => ({ client, amount: row['Betrag'] ?? null }));
    },
  });
  await place.write('data/a.csv', 'kind,clients,Betrag\nx,A+Long,"1,5"\nskip,B,2\nx,X,n\n');
  const result = await place.load('split', source);
  expect(result.rows).toMatchObject({ read: 3, inserted: 2, rejected: 1, flagged: 1 });
  expect(
    await place.query('select client, amount, _row_number, _flags from raw.split order by client'),
  ).toEqual([
    { client: 'A', amount: '1.50', _row_number: '1', _flags: null },
    { client: 'Long', amount: '1.50', _row_number: '1', _flags: ['client.maxLength'] },
  ]);
  const [reject] = await place.query<{ raw: object; line: string }>(
    'select raw, line from plumbline.reject',
  );
  expect(reject).toEqual({ raw: { kind: 'x', clients: 'X', Betrag: 'n' }, line: '4' });
});

test('a refused delivery changes nothing, says why, and is loaded once it is fixed', async () => {
  await place.write('data/a.csv', 'id,customer,amount,ordered_on\n1,A,1.00,2026-01-01\n');
  const refused = await place.load('orders', orders());
  expect(refused).toMatchObject({ balanced: false, errors: [{ code: 'missing-label' }] });
  expect(refused.errors[0]?.message).toContain('data/a.csv');
  expect(await current()).toEqual([]);
  await place.write('data/a.csv', `${header}1,A,1.00,2026-01-01\n`);
  expect(await place.load('orders', orders())).toMatchObject({
    balanced: true,
    rows: { inserted: 1 },
  });
});

test('too many wrong rows refuse the delivery; trying again does not pile up rejects', async () => {
  const strict = csv({
    from: folder('data/*.csv'),
    columns: { id: column.integer(), amount: column.decimal(12, 2, { decimalMark: '.' }) },
    rejected: { max: '10%' },
  });
  await place.write('data/a.csv', 'id,amount\n1,1.10\nx,2\n');
  for (let run = 0; run < 2; run += 1) {
    const refused = await place.load('strict', strict);
    expect(refused).toMatchObject({
      balanced: false,
      errors: [{ code: 'delivery-rejected' }],
      rows: { read: 2, inserted: 0, rejected: 2 },
    });
    expect(await place.query('select * from raw.strict')).toEqual([]);
    expect(await place.query('select row_number from plumbline.reject')).toEqual([
      { row_number: '2' },
    ]);
  }
});

test('a contract that changes a type is loaded again from the landing', async () => {
  await place.write('data/a.csv', `${header}1,A,1.00,2026-01-01\n`);
  await place.load('orders', orders());
  const retyped = csv({
    from: folder('data/*.csv'),
    columns: {
      id: column.text(),
      client: column.text(),
      amount: column.decimal(14, 3, { decimalMark: '.' }),
      ordered_on: column.date(),
    },
    key: ['id'],
  });
  expect(await place.load('orders', retyped)).toMatchObject({
    balanced: true,
    rows: { inserted: 1 },
  });
  expect(await current()).toEqual([
    { id: '1', client: 'A', amount: '1.000', ordered_on: '2026-01-01' },
  ]);
});

test('a totals row that disagrees refuses the delivery', async () => {
  const source = csv({
    from: folder('data/*.csv'),
    columns: { id: column.integer(), amount: column.decimal(12, 2, { decimalMark: '.' }) },
    totalsRow: { where: 'id', is: 'Total' },
  });
  await place.write('data/a.csv', 'id,amount\n1,1.10\n2,2.20\nTotal,3.31\n');
  const refused = await place.load('sums', source);
  expect(refused.errors).toMatchObject([{ code: 'control-total' }]);
  expect(await place.query('select * from raw.sums')).toEqual([]);
  await place.write('data/a.csv', 'id,amount\n1,1.10\n2,2.20\nTotal,3.30\n');
  expect(await place.load('sums', source)).toMatchObject({
    balanced: true,
    rows: { read: 2, inserted: 2 },
  });
});
