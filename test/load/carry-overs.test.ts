import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { excel } from '../../src/source/excel/excel.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { TotalsRow } from '../../src/source/totals-row.ts';
import { writeWorkbook } from '../helpers/workbook.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeAll(async () => {
  place = await createLoadingPlace();
});
afterAll(() => place.end());

const columns = {
  day: column.date(),
  text: column.text(),
  currency: column.text(),
  amount: column.decimal(12, 2, { decimalMark: '.' }),
  balance: column.decimal(12, 2, { decimalMark: '.' }),
};

/** Loads one file into a table of its own. */
async function load(name: string, content: string, totalsRow: TotalsRow | readonly TotalsRow[]) {
  await place.write(`${name}/a.csv`, content);
  const loaded = await place.load(name, csv({ from: folder(`${name}/*.csv`), totalsRow, columns }));
  const [batch] = await place.query<{ skipped: object }>(
    'select skipped from plumbline.batch order by id desc limit 1',
  );
  return { ...loaded, skipped: batch?.skipped };
}

const pages = `day,text,currency,amount,balance
,Brought forward,,100.00,100.00
2026-01-01,a,EUR,10.50,110.50
2026-01-02,b,EUR,-3.00,107.50
,Carried forward,,107.50,107.50
,Brought forward,,107.50,107.50
2026-01-03,c,EUR,1.00,108.50
,Total,,108.50,
`;
const carried: TotalsRow = {
  where: 'text',
  is: ['Brought forward', 'Carried forward'],
  kind: 'carry-over',
  sums: ['amount'],
};

test('carry-overs are no rows: they are counted, and compared with all rows above them', async () => {
  const loaded = await load('pages', pages, [carried, { where: 'text', is: 'Total' }]);
  expect(loaded).toMatchObject({
    balanced: true,
    errors: [],
    rows: { read: 3, inserted: 3 },
    skipped: { 'header-row': 1, 'carry-over-row': 3, 'totals-row': 1 },
  });
  const [sum] = await place.query('select sum(amount)::text as amount from raw.pages');
  expect(sum).toEqual({ amount: '8.50' });
});

test('sums may leave out what was carried in above the first row', async () => {
  const without = pages.replaceAll('107.50,107.50', '7.50,107.50').replace('108.50,\n', '8.50,\n');
  const loaded = await load('without', without, [carried, { where: 'text', is: 'Total' }]);
  expect(loaded).toMatchObject({ errors: [], rows: { inserted: 3 } });
});

test.each([
  [
    'page',
    '107.50,107.50\n,Brought',
    '107.49,107.50\n,Brought',
    'line 5: the delivery states a carry-over of 107.49 for "amount", but the rows above it add up to 7.50',
  ],
  [
    'row',
    '-3.00',
    '-4.00',
    'line 5: the delivery states a carry-over of 107.50 for "amount", but the rows above it add up to 6.50',
  ],
  [
    'total',
    'Total,,108.50',
    'Total,,107.50',
    'the delivery states a total of 107.50 for "amount", but its rows add up to 8.50',
  ],
])('a wrong %s refuses the delivery', async (name, from, to, message) => {
  const wrong = pages.replace(from, to);
  expect(wrong).not.toBe(pages);
  const loaded = await load(`wrong_${name}`, wrong, [carried, { where: 'text', is: 'Total' }]);
  expect(loaded.errors).toMatchObject([
    {
      code: 'control-total',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining('leave it out of totalsRow.sums'),
    },
  ]);
  expect(loaded.rows.inserted).toBe(0);
});

test('columns outside of sums are compared with nothing, such as the balance in a totals row', async () => {
  const content =
    'day,text,amount,balance,currency\n2026-01-01,a,1,1,\n2026-01-01,b,2,3,\n,Total,3,3,\n';
  const totals: TotalsRow = { where: 'text', is: 'Total' };
  const strict = await load('strict', content, totals);
  expect(strict.errors).toMatchObject([{ message: expect.stringContaining('"balance"') }]);
  const loaded = await load('balance', content, { ...totals, sums: ['Amount'] });
  expect(loaded).toMatchObject({ errors: [], balanced: true, rows: { inserted: 2 } });
});

const currencies = `text,currency,amount,day,balance
a,EUR,10,,
b,USD,1.50,,
c, eur ,5,,
d,CHF,7,,
Total,EUR,15,,
Total USD,,1.50,,
Total CHF,,7,,
Grand total,,23.50,,
`;
const perCurrency: readonly TotalsRow[] = [
  { where: 'text', is: /^Total(?: (.+))?$/u, per: 'currency' },
  { where: 'text', is: 'Grand total' },
];

test('a total is of the rows that hold the same in the column of per', async () => {
  const loaded = await load('currencies', currencies, perCurrency);
  expect(loaded).toMatchObject({
    errors: [],
    rows: { inserted: 4 },
    skipped: { 'totals-row': 4 },
  });
});

test.each([
  [
    'cent',
    'Total USD,,1.50',
    'Total USD,,1.51',
    'line 7: the delivery states a total of 1.51 for "amount", but the rows of "usd" above it add up to 1.50',
  ],
  [
    'currency',
    'Total CHF',
    'Total SEK',
    'line 8: the delivery states a total of 7.00 for "amount", but the rows of "sek" above it add up to 0.00',
  ],
])('a wrong %s refuses the delivery', async (name, from, to, message) => {
  const loaded = await load(`wrong_${name}`, currencies.replace(from, to), perCurrency);
  expect(loaded.errors).toMatchObject([{ message: expect.stringContaining(message) }]);
});

test('subtotals per currency begin anew below themselves', async () => {
  const content =
    'text,currency,amount,day,balance\na,EUR,1,,\nb,USD,2,,\nSum,EUR,1,,\nSum,USD,2,,\nc,EUR,4,,\nSum,EUR,4,,\n';
  const sum: TotalsRow = { where: 'text', is: 'Sum', kind: 'subtotal', per: 'currency' };
  const loaded = await load('sections', content, sum);
  expect(loaded).toMatchObject({ errors: [], rows: { inserted: 3 } });
});

test('in a workbook, each sheet carries over by itself', async () => {
  const sheet = (name: string, start: number) => ({
    name,
    rows: [
      ['text', 'amount'],
      ['Vortrag', start],
      ['a', 1],
      ['Übertrag', start + 1],
      ['b', 2],
      ['Summe', start + 3],
    ],
  });
  await place.write('sheets/a.xlsx', writeWorkbook([sheet('Jan', 50), sheet('Feb', 53)]));
  const loaded = await place.load(
    'sheets',
    excel({
      from: folder('sheets/*.xlsx'),
      sheet: '*',
      totalsRow: [
        { where: 'text', is: ['Vortrag', 'Übertrag'], kind: 'carry-over' },
        { where: 'text', is: 'Summe' },
      ],
      columns: { text: columns.text, amount: column.decimal(12, 2) },
    }),
  );
  expect(loaded).toMatchObject({ errors: [], balanced: true, rows: { read: 4, inserted: 4 } });
});
