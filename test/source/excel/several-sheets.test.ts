import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { excel, type ExcelOptions } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { type TestSheet, writeWorkbook } from '../../helpers/workbook.ts';
import { cellsOf, readContent } from '../read-rows.ts';

const columns = {
  id: column.integer(),
  amount: column.decimal(12, 2, { header: ['Amount', 'Betrag'] }),
};
type Given = Omit<ExcelOptions<typeof columns>, 'from' | 'columns'>;

const source = (options: Given = {}) => excel({ from: folder('*.xlsx'), columns, ...options });
const read = (sheets: readonly TestSheet[], options: Given = {}) =>
  readContent(source(options), writeWorkbook(sheets), 'book.xlsx');

const january: TestSheet = {
  name: '2025-01',
  rows: [
    ['id', 'Amount'],
    [1, 10.5],
    [2, 20],
  ],
};
const february: TestSheet = {
  name: '2025-02',
  rows: [['February'], undefined, ['Betrag', 'ID', 'Note'], [30, 3, 'late']],
};
const notes: TestSheet = { name: 'Notes', rows: [['read me']] };

test('sheets of one pattern are one table: labels in any order, each with a header of its own', async () => {
  const table = await read([january, notes, { ...february, rows: february.rows.slice(2) }], {
    sheet: '2025-*',
    sheetColumn: 'Month',
  });
  expect(table.header).toEqual(['id', 'Amount', 'Note', 'Month']);
  expect(cellsOf(table)).toEqual([
    ['1', '10.5', null, '2025-01'],
    ['2', '20', null, '2025-01'],
    ['3', '30', 'late', '2025-02'],
  ]);
  expect(table.rows.map((row) => row.line)).toEqual([2, 3, 2]);
  expect(table.sheets).toEqual(['2025-01', '2025-02']);
  expect(table.summary.skipped).toEqual({ 'header-row': 2 });
});

test.each<[NonNullable<Given['sheet']>, string[]]>([
  [
    ['2025-02', 1],
    ['2025-01', '2025-02'],
  ],
  [/^2025-0[1-9]$/u, ['2025-01', '2025-02']],
  ['2025-0?', ['2025-01', '2025-02']],
  ['2025-02', ['2025-02']],
])('chooses %j, in the order of the tabs', async (sheet, names) => {
  const plain = { ...february, rows: february.rows.slice(2) };
  expect((await read([january, plain, notes], { sheet })).sheets).toEqual(names);
});

test('a column of the contract that one sheet lacks names the sheet', async () => {
  const short: TestSheet = {
    name: '2025-03',
    rows: [
      ['id', 'Sum'],
      [1, 2],
    ],
  };
  await expect(read([january, short], { sheet: '2025-*' })).rejects.toMatchObject({
    code: 'missing-label',
    message: expect.stringContaining(
      'book.xlsx, sheet \'2025-03\': no column is labelled "Amount"',
    ),
  });
});

test('a pattern that no sheet matches is an error that lists them', async () => {
  await expect(read([january, notes], { sheet: ['2025-*', '2024-*'] })).rejects.toMatchObject({
    code: 'sheet-not-found',
    message: "book.xlsx has no sheet '2024-*'; it has '2025-01', 'Notes'.",
  });
});

test('a label that sheetColumn repeats is refused', async () => {
  await expect(read([january], { sheetColumn: 'amount' })).rejects.toMatchObject({
    code: 'duplicate-label',
  });
});

test('the total of each sheet covers its own rows', async () => {
  const withTotal = ({ name, rows }: TestSheet, total: number): TestSheet => ({
    name,
    rows: [...rows, ['Total', total]],
  });
  const chunks = await read(
    [withTotal(january, 30.5), withTotal({ ...january, name: '2025-02' }, 30.5)],
    {
      sheet: '2025-*',
      totalsRow: { where: 'id', is: 'Total' },
    },
  );
  expect(chunks.summary).toEqual({
    skipped: { 'header-row': 2, 'totals-row': 2 },
    noticed: {},
    totals: {},
  });
  const stated = chunks.subtotals.filter(({ totals }) => Object.keys(totals).length > 0);
  expect(stated).toMatchObject([
    { sheet: '2025-01', line: 4, totals: { Amount: { text: '30.5' } } },
    { sheet: '2025-02', line: 4, totals: { Amount: { text: '30.5' } } },
  ]);
});

test('the sheet that Plumbline adds is data to nobody', async () => {
  const summary: TestSheet = { name: 'Plumbline', rows: [['what is wrong']] };
  expect((await read([summary, january])).sheets).toEqual(['2025-01']);
  expect((await read([summary, january], { sheet: /./u })).sheets).toEqual(['2025-01']);
});

test.each<[Given, string]>([
  [{ sheet: [] }, 'sheet is an empty list'],
  [{ sheet: [1, ' '] }, 'sheet is " "'],
  [{ sheetColumn: '' }, 'sheetColumn is ""'],
  [
    { hidden: 'show' } as unknown as Given,
    "hidden is \"show\"; expected 'load', 'skip', 'reject'.",
  ],
  [{ hidden: { row: 'skip' } } as unknown as Given, 'hidden.row is none of its settings'],
  [{ merged: 'spread' } as unknown as Given, "merged is \"spread\"; expected 'reject', 'fill'"],
  [{ staleFormulas: 'skip' } as unknown as Given, 'staleFormulas is "skip"'],
  [{ header: { names: ['a'] } } as unknown as Given, 'header.names is for CSV'],
])('a wrong option is refused when the project is read: %j', (options, message) => {
  expect(() => source(options)).toThrow(
    expect.objectContaining({
      code: 'project-invalid',
      message: expect.stringContaining(message),
    }),
  );
});
