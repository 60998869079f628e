import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { excel, type ExcelOptions } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { CellKind } from '../../../src/source/source.ts';
import { type TestSheet, writeWorkbook } from '../../helpers/workbook.ts';
import { cellsOf, readContent } from '../read-rows.ts';

const columns = { id: column.integer(), name: column.text(), qty: column.integer() };
type Given = Omit<ExcelOptions<typeof columns>, 'from' | 'columns'>;

const read = (sheet: Omit<TestSheet, 'name'>, options: Given = {}) =>
  readContent(
    excel({ from: folder('*.xlsx'), columns, ...options }),
    writeWorkbook([{ name: 'Data', ...sheet }]),
    'book.xlsx',
  );

const body: Omit<TestSheet, 'name'> = {
  rows: [
    ['id', 'name', 'qty'],
    [1, 'Ada', 5],
    [2, null, null],
    [3, 'Bob', 7],
    [4, 'Cay & Dan', null],
  ],
  merges: ['B2:B3', 'C2:C3', 'B5:C5', 'A1', 'nonsense'],
};

test('nobody said what merged cells hold: their rows are rejected, with the value of the range', async () => {
  const table = await read(body);
  expect(table.rows.map(({ cells, kinds }) => [cells, kinds.slice(1)])).toEqual([
    [
      ['1', 'Ada', '5'],
      [CellKind.merged, CellKind.merged],
    ],
    [
      ['2', 'Ada', '5'],
      [CellKind.merged, CellKind.merged],
    ],
    [
      ['3', 'Bob', '7'],
      [CellKind.text, CellKind.number],
    ],
    [
      ['4', 'Cay & Dan', 'Cay & Dan'],
      [CellKind.merged, CellKind.merged],
    ],
  ]);
  expect(table.summary.noticed).toEqual({});
});

test('each cell of a merged range takes its value', async () => {
  const table = await read(body, { merged: 'fill' });
  expect(cellsOf(table)).toEqual([
    ['1', 'Ada', '5'],
    ['2', 'Ada', '5'],
    ['3', 'Bob', '7'],
    ['4', 'Cay & Dan', 'Cay & Dan'],
  ]);
  expect(table.rows[1]?.kinds).toEqual([CellKind.number, CellKind.text, CellKind.number]);
  expect(table.summary.noticed).toEqual({ 'merged-cell': 3 });
});

test('merged cells as they are stored, and counted', async () => {
  const table = await read(body, { merged: 'top-left' });
  expect(cellsOf(table)).toEqual([
    ['1', 'Ada', '5'],
    ['2', null, null],
    ['3', 'Bob', '7'],
    ['4', 'Cay & Dan', null],
  ]);
  expect(table.summary.noticed).toEqual({ 'merged-cell': 3 });
});

test('a range over more rows than a chunk has keeps its value', async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => [index, index === 9 ? 'Ada' : null, 1]);
  const table = await read(
    { rows: [['id', 'name', 'qty'], ...rows], merges: ['B11:B2900'] },
    { merged: 'fill' },
  );
  expect(cellsOf(table).map(([, name]) => name)).toEqual(
    rows.map((_, index) => (index >= 9 && index < 2_899 ? 'Ada' : null)),
  );
});

test('the value of a range that begins in a hidden row is kept', async () => {
  const table = await read(
    { ...body, rowAttributes: { 2: 'hidden="1"' } },
    { merged: 'fill', hidden: 'skip' },
  );
  expect(cellsOf(table)[0]).toEqual(['2', 'Ada', '5']);
});

test('merged cells of a totals row and of footnotes harm nothing', async () => {
  const table = await read(
    {
      rows: [
        ['id', 'name', 'qty'],
        [1, 'Ada', 5],
        ['Total', null, 5],
        ['* provisional', null, null],
      ],
      merges: ['A3:B3', 'A4:C4'],
    },
    { totalsRow: { where: 'id', is: 'Total' }, footer: { from: '*' } },
  );
  expect(cellsOf(table)).toEqual([['1', 'Ada', '5']]);
  expect(table.summary).toEqual({
    skipped: { 'header-row': 1, 'totals-row': 1, 'footer-row': 1 },
    noticed: {},
    totals: { qty: { text: '5', kind: CellKind.number } },
  });
});

test.each<[string, Omit<TestSheet, 'name'>, Given, string]>([
  [
    'a label over several columns',
    {
      rows: [
        ['id', 'name', null, 'qty'],
        [1, 'Ada', 'L.', 5],
      ],
      merges: ['B1:C1'],
    },
    {},
    'the label "name" is merged over B1:C1: which column it names',
  ],
  [
    'a label that reaches into the table',
    {
      rows: [
        ['id', 'name', 'qty'],
        [null, 'full', 'net'],
        [1, 'Ada', 5],
      ],
      merges: ['A1:A2'],
    },
    {},
    'the label "id" is merged over A1:A2, and the header was expected to end in row 1',
  ],
])('%s is refused', async (_, sheet, options, message) => {
  await expect(read(sheet, options)).rejects.toMatchObject({
    code: 'merged-header',
    message: expect.stringContaining(message),
  });
});

test('merged labels by choice', async () => {
  const sheet = {
    rows: [
      ['id', 'name', null, 'qty'],
      [1, 'Ada', 'L.', 5],
    ],
    merges: ['B1:C1'],
  };
  expect((await read(sheet, { merged: 'top-left' })).header).toEqual(['id', 'name', '', 'qty']);
  expect((await read(sheet, { merged: 'fill' })).header).toEqual(['id', 'name', 'name', 'qty']);
  // Of a column the contract does not name it does not matter.
  const note = {
    rows: [
      ['id', 'name', 'qty', 'note', null],
      [1, 'Ada', 5],
    ],
    merges: ['D1:E1'],
  };
  expect((await read(note)).header).toEqual(['id', 'name', 'qty', 'note']);
});

test('a header of three rows with groups over groups', async () => {
  const table = await read(
    {
      rows: [
        ['id', '2025', null, null, '2026'],
        [null, 'Q1', null, 'Q2', 'Q1'],
        [null, 'plan', 'real', 'plan', 'plan'],
        [1, 2, 3, 4, 5],
      ],
      merges: ['A1:A3', 'B1:D1', 'B2:C2'],
    },
    { header: { row: 1, rows: 3, join: ' / ' } },
  );
  expect(table.header).toEqual([
    'id',
    '2025 / Q1 / plan',
    '2025 / Q1 / real',
    '2025 / Q2 / plan',
    '2026 / Q1 / plan',
  ]);
});
