import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { excel, type ExcelOptions } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { type TestSheet, writeWorkbook } from '../../helpers/workbook.ts';
import { cellsOf, readContent } from '../read-rows.ts';

const columns = { id: column.integer(), name: column.text() };
type Given = Omit<ExcelOptions<typeof columns>, 'from' | 'columns'>;

const read = (sheets: readonly TestSheet[], options: Given = {}) =>
  readContent(
    excel({ from: folder('*.xlsx'), columns, ...options }),
    writeWorkbook(sheets),
    'book.xlsx',
  );

/** Rows 3, 5 and 6 are hidden: by hand or a filter, by their height, in a collapsed group. */
const sheet: TestSheet = {
  name: 'Data',
  rows: [
    ['id', 'secret', 'name', 'note'],
    [1, 'a', 'Ada', 'x'],
    [2, 'b', 'Bob', 'x'],
    [3, 'c', 'Cay', 'x'],
    [4, 'd', 'Dan', 'x'],
    [5, 'e', 'Eve', 'x'],
  ],
  rowAttributes: {
    2: 'spans="1:4" ht="15.0" hidden="0"',
    3: 'hidden="1"',
    5: 'ht="0" customHeight="1"',
    6: 'outlineLevel="1" hidden="true"',
  },
  columns: ['min="1" max="1" width="9"', 'min="2" max="2" hidden="1"', 'min="4" max="4" width="0"'],
};

test('hidden rows and columns are loaded and counted', async () => {
  const table = await read([sheet]);
  expect(cellsOf(table).map(([id]) => id)).toEqual(['1', '2', '3', '4', '5']);
  expect(table.summary.noticed).toEqual({ 'hidden-row': 3, 'hidden-column': 2 });
  expect(table.summary.skipped).toEqual({ 'header-row': 1 });
});

test('hidden rows and columns are passed over and counted', async () => {
  const table = await read([sheet], { hidden: 'skip' });
  expect(table.header).toEqual(['id', 'name']);
  expect(table.rows).toMatchObject([
    { line: 2, cells: ['1', 'Ada'] },
    { line: 4, cells: ['3', 'Cay'] },
  ]);
  expect(table.summary.skipped).toEqual({ 'header-row': 1, 'hidden-row': 3 });
  expect(table.summary.noticed).toEqual({ 'hidden-column': 2 });
});

test('hidden rows are rejects', async () => {
  const table = await read([sheet], { hidden: { rows: 'reject' } });
  expect(table.rows.map((row) => [row.line, row.faults])).toEqual([
    [2, []],
    [3, ['hidden-row']],
    [4, []],
    [5, ['hidden-row']],
    [6, ['hidden-row']],
  ]);
});

test('hidden columns refuse the delivery', async () => {
  await expect(read([sheet], { hidden: { columns: 'reject' } })).rejects.toMatchObject({
    code: 'delivery-rejected',
    message:
      'book.xlsx: in sheet \'Data\' columns B "secret", D "note" are hidden, and the source refuses hidden columns.',
  });
});

test('cells beyond the header in hidden columns are no cells too many', async () => {
  const wide: TestSheet = {
    name: 'Data',
    rows: [
      ['id', 'name'],
      [1, 'Ada', 'scratch'],
    ],
    columns: ['min="3" max="16384" hidden="1"'],
  };
  expect(cellsOf(await read([wide], { hidden: { columns: 'skip' } }))).toEqual([['1', 'Ada']]);
  expect(cellsOf(await read([wide]))).toEqual([['1', 'Ada', 'scratch']]);
});

test.each(['hidden', 'veryHidden'] as const)('sheets that are %s', async (state) => {
  const sheets: TestSheet[] = [
    {
      name: 'M1',
      rows: [
        ['id', 'name'],
        [1, 'Ada'],
      ],
    },
    {
      name: 'M2',
      state,
      rows: [
        ['id', 'name'],
        [2, 'Bob'],
        [3, 'Cay'],
      ],
    },
  ];
  const all = await read(sheets, { sheet: 'M*' });
  expect(cellsOf(all).map(([id]) => id)).toEqual(['1', '2', '3']);
  expect(all.summary.noticed).toEqual({ 'hidden-sheet': 2 });

  const shown = await read(sheets, { sheet: 'M*', hidden: 'skip' });
  expect(cellsOf(shown)).toEqual([['1', 'Ada']]);
  expect(shown.summary.skipped).toEqual({ 'header-row': 1, 'hidden-sheet': 3 });

  await expect(read(sheets, { sheet: 'M*', hidden: { sheets: 'reject' } })).rejects.toMatchObject({
    code: 'delivery-rejected',
    message: expect.stringContaining("sheet 'M2' is hidden"),
  });
  await expect(read(sheets, { sheet: 'M2', hidden: { sheets: 'skip' } })).rejects.toMatchObject({
    code: 'sheet-not-found',
    message: expect.stringContaining("sheet 'M2' is hidden"),
  });
});

test('a sheet of one row in two hidden: every row is where it was', async () => {
  const rows = Array.from({ length: 4_000 }, (_, index) => [index, `row ${index}`]);
  const hidden = Object.fromEntries(rows.map((_, index) => [index + 2, `hidden="${index % 2}"`]));
  const table = await read(
    [{ name: 'Data', rows: [['id', 'name'], ...rows], rowAttributes: hidden }],
    { hidden: 'skip' },
  );
  expect(table.rows.map(({ line, cells }) => [line, cells[1]])).toEqual(
    rows.flatMap(([, name], index) => (index % 2 === 1 ? [] : [[index + 2, name]])),
  );
  expect(table.summary.skipped).toEqual({ 'header-row': 1, 'hidden-row': 2_000 });
});
