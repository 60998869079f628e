import { afterAll, beforeAll, expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import { excel, type ExcelOptions } from '../../src/source/excel/excel.ts';
import { folder } from '../../src/source/location/folder.ts';
import { type TestSheet, writeWorkbook } from '../helpers/workbook.ts';
import { createLoadingPlace, type LoadingPlace } from './project.ts';

let place: LoadingPlace;
beforeAll(async () => {
  place = await createLoadingPlace();
});
afterAll(() => place.end());

const columns = {
  invoice: column.text({ required: true }),
  amount: column.decimal(12, 2),
  month: column.text(),
};

/** Loads one workbook into a table of its own. */
async function load(
  name: string,
  sheets: readonly TestSheet[],
  options: Omit<ExcelOptions<typeof columns>, 'from' | 'columns'> = {},
) {
  await place.write(`${name}/a.xlsx`, writeWorkbook(sheets));
  const from = folder(`${name}/*.xlsx`);
  const result = await place.load(name, excel({ from, columns, sheetColumn: 'Month', ...options }));
  const [batch] = await place.query<{ skipped: object; noticed: object }>(
    'select skipped, noticed from plumbline.batch order by id desc limit 1',
  );
  return { ...result, ...batch, result: result.noticed };
}

const january: TestSheet = {
  name: 'January',
  rows: [
    ['Invoice', 'Amount'],
    ['A-1', 10.1],
    ['A-2', 20.2],
    ['Total', 30.3],
  ],
  rowAttributes: { 3: 'hidden="1"' },
};
const february: TestSheet = {
  name: 'February',
  rows: [
    ['Costs'],
    ['Amount', 'Invoice'],
    [5, 'B-1'],
    [{ attributes: 't="e"', xml: '<v>#N/A</v>' }, 'B-2'],
  ],
};
const totalsRow = { where: 'Invoice', is: 'Total' };

test('rows of several sheets keep their sheet and row; hidden ones are counted; a reject names its cell', async () => {
  const loaded = await load('sheets', [january, { ...february, rows: february.rows.slice(1) }], {
    sheet: ['January', 'February'],
    totalsRow,
  });
  expect(loaded).toMatchObject({
    errors: [],
    rows: { read: 4, inserted: 3, rejected: 1 },
    skipped: { 'header-row': 2, 'totals-row': 1 },
    noticed: { 'hidden-row': 1 },
  });
  expect(loaded.result).toEqual({ 'hidden-row': 1 });
  expect(
    await place.query('select invoice, amount::text, month from raw.sheets order by _row_number'),
  ).toEqual([
    { invoice: 'A-1', amount: '10.10', month: 'January' },
    { invoice: 'A-2', amount: '20.20', month: 'January' },
    { invoice: 'B-1', amount: '5.00', month: 'February' },
  ]);
  expect(await place.query('select sheet, line::int, faults from plumbline.reject')).toEqual([
    {
      sheet: 'February',
      line: 3,
      faults: [
        {
          code: 'formula-error',
          column: 'amount',
          cell: 'A3',
          value: '#N/A',
          expected: expect.stringContaining('the cell holds a spreadsheet error'),
        },
      ],
    },
  ]);
  expect(
    await place.query(
      'select first_row::int, sheet, first_line::int from plumbline.segment order by 1',
    ),
  ).toEqual([
    { first_row: 1, sheet: 'January', first_line: 2 },
    { first_row: 3, sheet: 'February', first_line: 2 },
  ]);
});

test('the total of a sheet is compared with the rows of that sheet', async () => {
  const sheets = [
    january,
    { ...january, name: 'March', rows: [...january.rows.slice(0, 3), ['Total', 31]] },
  ];
  const loaded = await load('wrong_total', sheets, { sheet: '*a*', totalsRow });
  expect(loaded.errors).toMatchObject([
    {
      code: 'control-total',
      message: expect.stringContaining(
        "sheet 'March', row 4: the delivery states a subtotal of 31",
      ),
    },
  ]);
});

test('formulas that want to be calculated again, hidden rows and merged cells are rejects', async () => {
  await place.write(
    'refused/a.xlsx',
    writeWorkbook(
      [
        {
          name: 'Data',
          rows: [
            ['Invoice', 'Amount'],
            ['A-1', { xml: '<f>B9*2</f><v>0</v>' }],
            ['A-2', 2],
            ['A-3', 3],
            [null, 4],
            ['A-5', 5],
          ],
          rowAttributes: { 3: 'hidden="1"' },
          merges: ['A4:A5'],
        },
      ],
      { calculation: 'fullCalcOnLoad="1"' },
    ),
  );
  const source = (options: object) =>
    excel({ from: folder('refused/*.xlsx'), columns, sheetColumn: 'Month', ...options });
  await place.load('refused', source({ hidden: { rows: 'reject' } }));
  expect(
    await place.query(
      'select line::int, codes from plumbline.reject where sheet = $$Data$$ order by line',
    ),
  ).toEqual([
    { line: 2, codes: ['stale-formula'] },
    { line: 3, codes: ['hidden-row'] },
    { line: 4, codes: ['merged-cell'] },
    { line: 5, codes: ['merged-cell'] },
  ]);
  // Said to be right, they are loaded: the reading of the source changed.
  const result = await place.load('refused', source({ staleFormulas: 'load', merged: 'fill' }));
  expect(result.rows).toMatchObject({ rejected: 0 });
});

test('a transform that asks for a cell without a value gets none: the row is rejected', async () => {
  await place.write(
    'made/a.xlsx',
    writeWorkbook([
      {
        name: 'Data',
        rows: [
          ['Invoice', 'Amount', 'Note'],
          ['A-1', { attributes: 't="e"', xml: '<v>#N/A</v>' }, 'x'],
          ['A-2', { xml: '<f>B9</f>' }, 'x'],
          ['A-3', 3, { attributes: 't="e"', xml: '<v>#REF!</v>' }],
        ],
      },
    ]),
  );
  const result = await place.load(
    'made',
    excel({
      from: folder('made/*.xlsx'),
      columns: { invoice: column.text({ required: true }), amount: column.text() },
      transform: (raw) => ({ invoice: raw['Invoice'] ?? '', amount: `${raw['Amount']} EUR` }),
    }),
  );
  expect(result.rows).toMatchObject({ read: 3, inserted: 1, rejected: 2 });
  expect(
    await place.query(
      `select r.faults -> 0 ->> 'code' as code, r.faults -> 0 ->> 'cell' as cell, r.raw ->> 'Amount' as amount
         from plumbline.reject r join plumbline.batch b on b.id = r.batch_id where b.source = 'made' order by r.line`,
    ),
  ).toEqual([
    { code: 'formula-error', cell: 'B2', amount: '#N/A' },
    { code: 'stale-formula', cell: 'B3', amount: '(formula without a stored result)' },
  ]);
});
