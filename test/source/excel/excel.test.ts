import { zipSync } from 'fflate';
import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { excel, type ExcelOptions } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { CellKind } from '../../../src/source/source.ts';
import {
  type TestCell,
  workbookParts,
  writeSheet,
  writeWorkbook,
  zipParts,
} from '../../helpers/workbook.ts';
import { cellsOf, readContent } from '../read-rows.ts';

type Given = Omit<ExcelOptions<typeof columns>, 'from' | 'columns'>;

const columns = { id: column.integer(), name: column.text() };
const source = (options: Given = {}) => excel({ from: folder('*.xlsx'), columns, ...options });
const read = (content: Uint8Array, options: Given = {}) =>
  readContent(source(options), content, 'book.xlsx');

/** One cell under a header, as it is read. */
async function readCell(
  cell: TestCell,
  date1904 = false,
): Promise<[number | undefined, string | null | undefined]> {
  const book = writeWorkbook(
    [
      {
        name: 'Data',
        rows: [
          ['id', 'x'],
          [1, cell],
        ],
      },
    ],
    { date1904 },
  );
  const [row] = (await read(book)).rows;
  return [row?.kinds[1], row?.cells[1]];
}

test('reads the first visible sheet by its header', async () => {
  const table = await read(
    writeWorkbook([
      { name: 'Notes', state: 'hidden', rows: [['not this']] },
      { name: 'Data', rows: [['id', 'name'], [1, 'Ada'], undefined, [2, 'Bob']] },
    ]),
  );
  expect(table.header).toEqual(['id', 'name']);
  expect(table.rows).toMatchObject([
    { line: 2, cells: ['1', 'Ada'], kinds: [CellKind.number, CellKind.text] },
    { line: 4, cells: ['2', 'Bob'] },
  ]);
  expect(table.sheets).toEqual(['Data']);
  expect(table.summary.skipped).toEqual({ 'header-row': 1, 'blank-row': 1 });
});

test.each(['Data', ' data', 2])('finds the sheet %j', async (sheet) => {
  const book = writeWorkbook([
    { name: 'Notes', rows: [['no']] },
    { name: 'Data', rows: [['id']] },
  ]);
  expect((await read(book, { sheet })).header).toEqual(['id']);
});

test.each([
  ['Dta', "has no sheet 'Dta'; it has 'Notes', 'Data'. Did you mean 'Data'?"],
  [3, "has no sheet 3; it has 'Notes', 'Data'."],
])('a sheet that is not there is an error that lists them: %j', async (sheet, message) => {
  const book = writeWorkbook([
    { name: 'Notes', rows: [['no']] },
    { name: 'Data', rows: [['id']] },
  ]);
  await expect(read(book, { sheet })).rejects.toMatchObject({
    code: 'sheet-not-found',
    message: expect.stringContaining(message),
  });
});

test.each<[TestCell, number, string | null]>([
  [19.989999999999998, CellKind.number, '19.99'],
  [-1234.5, CellKind.number, '-1234.5'],
  [{ value: '1E+2', format: '0.00' }, CellKind.number, '100'],
  [true, CellKind.boolean, 'true'],
  [false, CellKind.boolean, 'false'],
  [{ value: 46_112, format: 'dd.mm.yyyy' }, CellKind.date, '2026-03-31'],
  [
    { value: 46_112.604166666664, format: '[$-407]dd/mm/yy hh:mm' },
    CellKind.date,
    '2026-03-31T14:30:00',
  ],
  [{ value: 0.604166666666667, format: 'hh:mm' }, CellKind.date, '1899-12-31T14:30:00'],
  [{ value: 1.5625, format: '[h]:mm:ss' }, CellKind.text, '37:30:00'],
  [{ value: 60, format: 'yyyy-mm-dd' }, CellKind.date, '1900-02-29'],
  [{ value: -3, format: 'yyyy-mm-dd' }, CellKind.number, '-3'],
  [{ attributes: 't="e"', xml: '<v>#N/A</v>' }, CellKind.error, '#N/A'],
  [{ attributes: 't="str"', xml: '<f>A1&amp;"&lt;"</f><v>a &lt; b</v>' }, CellKind.text, 'a < b'],
  [{ attributes: 't="str"', xml: '<f>""</f><v></v>' }, CellKind.text, ''],
  [{ attributes: '', xml: '<f>A1+1</f><v>2</v>' }, CellKind.number, '2'],
  [{ attributes: '', xml: '<f>A1+1</f>' }, CellKind.stale, '(formula without a stored result)'],
  [
    { attributes: '', xml: '<f>A1+1</f><v></v>' },
    CellKind.stale,
    '(formula without a stored result)',
  ],
  [{ attributes: '', xml: '<f>A1+1</f><v/>' }, CellKind.stale, '(formula without a stored result)'],
  [
    { attributes: 't="str"', xml: '<f>A1&amp;"x"</f>' },
    CellKind.stale,
    '(formula without a stored result)',
  ],
  [{ attributes: '', xml: '<f t="shared" si="0"/><v>3</v>' }, CellKind.number, '3'],
  [{ attributes: 't="inlineStr"', xml: '<is><t>in &#x41;&amp;</t></is>' }, CellKind.text, 'in A&'],
  [
    { attributes: 't="inlineStr"', xml: '<is><t><![CDATA[1 < 2 & 3]]></t></is>' },
    CellKind.text,
    '1 < 2 & 3',
  ],
  [
    {
      attributes: 't="inlineStr"',
      xml: '<is><r><rPr/><t>日</t></r><r><t>本</t></r><rPh sb="0" eb="2"><t>ニホン</t></rPh></is>',
    },
    CellKind.text,
    '日本',
  ],
  [{ attributes: "t='n'", xml: '<v>7</v>' }, CellKind.number, '7'],
  [{ attributes: 't="d"', xml: '<v>2026-03-31T00:00:00Z</v>' }, CellKind.date, '2026-03-31'],
  [{ attributes: 't="d"', xml: '<v>10:10:10</v>' }, CellKind.date, '1899-12-31T10:10:10'],
  ['_x0041__x000D_\n <&> "é漢😀"', CellKind.text, 'A\r\n <&> "é漢😀"'],
  [{ attributes: 's="99"', xml: '<v>5</v>' }, CellKind.number, '5'],
])('a cell of %j', async (cell, kind, text) => {
  expect(await readCell(cell)).toEqual([kind, text]);
});

test('dates of 1904 count from 1904', async () => {
  expect(await readCell({ value: 44_650, format: 'dd.mm.yyyy' }, true)).toEqual([
    CellKind.date,
    '2026-03-31',
  ]);
  expect(await readCell({ value: 0.5, format: 'hh:mm' }, true)).toEqual([
    CellKind.date,
    '1899-12-31T12:00:00',
  ]);
});

test('an extension of Excel 2013 does not undo the dates of 1904', async () => {
  const parts = workbookParts(
    [{ name: 'Data', rows: [['id'], [{ value: 44_650, format: 'dd.mm.yyyy' }]] }],
    { date1904: true },
  );
  const book = 'xl/workbook.xml';
  parts[book] =
    parts[book]?.replace(
      '</workbook>',
      '<extLst><ext><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst></workbook>',
    ) ?? '';
  expect(cellsOf(await read(zipParts(parts)))).toEqual([['2026-03-31']]);
});

test('cells stand where their references say; the rest is missing', async () => {
  const table = await read(
    writeSheet([
      ['a', 'b', 'c', 'd'],
      [null, 'B'],
      ['A', null, null, null, 'note'],
    ]),
  );
  expect(cellsOf(table)).toEqual([
    [null, 'B', null, null],
    ['A', null, null, null, 'note'],
  ]);
});

test('rows and cells without references follow one another', async () => {
  const parts = workbookParts([
    {
      name: 'Data',
      rows: [
        ['id', 'name'],
        [1, 'Ada'],
        [2, 'Bob'],
      ],
    },
  ]);
  const sheet = 'xl/worksheets/sheet1.xml';
  parts[sheet] = parts[sheet]?.replaceAll(/ r="[A-Z]*\d+"/gu, '') ?? '';
  const table = await read(zipParts(parts));
  expect(table.rows).toMatchObject([
    { line: 2, cells: ['1', 'Ada'] },
    { line: 3, cells: ['2', 'Bob'] },
  ]);
});

test('preamble, a merged header of two rows, hidden rows and a totals row', async () => {
  const table = await read(
    writeWorkbook([
      {
        name: 'Costs',
        rows: [
          ['Costs of 2026'],
          undefined,
          ['Invoice #', 'Amount', null, 'Paid'],
          [null, 'net', 'gross', null],
          ['R-1', 10, 11.9, true],
          ['R-2', 20.1, 23.919, false],
          [' '],
          ['Total', 30.1, 35.819, null],
        ],
        merges: ['A3:A4', 'B3:C3', 'D3:D4'],
        rowAttributes: { 6: 'hidden="1"' },
      },
    ]),
    { header: { row: 3, rows: 2 }, totalsRow: { where: 'invoice #', is: 'Total' } },
  );
  expect(table.header).toEqual(['Invoice #', 'Amount net', 'Amount gross', 'Paid']);
  expect(table.rows.map((row) => [row.line, row.cells[0]])).toEqual([
    [5, 'R-1'],
    [6, 'R-2'],
  ]);
  expect(table.summary).toEqual({
    skipped: { 'preamble-row': 2, 'header-row': 2, 'blank-row': 1, 'totals-row': 1 },
    totals: {
      'Amount net': { text: '30.1', kind: CellKind.number },
      'Amount gross': { text: '35.819', kind: CellKind.number },
    },
    noticed: { 'hidden-row': 1 },
  });
});

test('groups that are not merged reach to the next one', async () => {
  const table = await read(
    writeSheet([
      [null, 'Q1', null, 'Q2'],
      ['id', 'sales', 'cost', 'sales', 'cost'],
      [1, 2, 3, 4, 5],
    ]),
    { header: { row: 1, rows: 2 } },
  );
  expect(table.header).toEqual(['id', 'Q1 sales', 'Q1 cost', 'Q2 sales', 'Q2 cost']);
});

test('labels may be numbers and dates', async () => {
  const table = await read(
    writeSheet([
      ['id', 2025, { value: 46_112, format: 'mmm yy' }],
      [1, 2, 3],
    ]),
  );
  expect(table.header).toEqual(['id', '2025', '2026-03-31']);
});

test.each([
  [undefined, [], "sheet 'Data' has no header: it is empty"],
  [{ row: 3 }, [['id']], 'ends in row 1, and the header was expected in row 3'],
  [
    { row: 2 },
    [['Costs'], undefined, ['id']],
    "row 2 of sheet 'Data', where the header should be, is empty; the next row with content is 3",
  ],
])('a header that is not there is an error: %j', async (header, rows, message) => {
  await expect(
    read(writeSheet(rows), header === undefined ? {} : { header }),
  ).rejects.toMatchObject({ code: 'format-error', message: expect.stringContaining(message) });
});

test('reads on where a part is cut into blocks, whatever the rows hold', async () => {
  // The inflated blocks have 128 KiB: long texts and many rows put their borders everywhere.
  const rows = Array.from({ length: 5_000 }, (_, index) => [
    index,
    `${'ä<&'.repeat(index % 97)}${index}`,
    index / 8,
  ]);
  const table = await read(writeSheet([['id', 'name', 'share'], ...rows]));
  expect(cellsOf(table)).toEqual(rows.map((row) => row.map(String)));
  expect(table.rows.map((row) => row.line)).toEqual(rows.map((_, index) => index + 2));
});

test('prefixes of names and comments change nothing', async () => {
  const parts = workbookParts([
    {
      name: 'Data',
      rows: [
        ['id', 'name'],
        [1, 'Ada'],
      ],
    },
  ]);
  const prefixed = Object.fromEntries(
    Object.entries(parts).map(([name, xml]) => [
      name,
      xml
        .replaceAll(/<(\/?)(\w)/gu, '<$1x:$2')
        .replaceAll('xmlns=', 'xmlns:x=')
        .replaceAll('<x:row', '<!-- <row> > --><?pi <c> ?><x:row'),
    ]),
  );
  expect(cellsOf(await read(zipParts(prefixed)))).toEqual([['1', 'Ada']]);
});

test('parts in UTF-16 are read', async () => {
  const parts = workbookParts([
    {
      name: 'Data',
      rows: [
        ['id', 'näme'],
        [1, '漢'],
      ],
    },
  ]);
  const utf16 = Object.entries(parts).map(([name, xml]) => {
    const bytes = Buffer.from(`\ufeff${xml}`, 'utf16le');
    return [name, name.endsWith('.rels') ? bytes.swap16() : bytes];
  });
  const table = await read(zipSync(Object.fromEntries(utf16)));
  expect(table.header).toEqual(['id', 'näme']);
  expect(cellsOf(table)).toEqual([['1', '漢']]);
});

test.each<[Given, string]>([
  [{ sheet: 0 }, 'sheet is 0'],
  [{ sheet: '' }, 'sheet is ""'],
  // What no compiler saw.
  [{ header: { row: 1, rows: 6 as 5 } }, 'header.rows is 6'],
  [{ seet: 'Data' } as Given, "seet is not one of its options; did you mean 'sheet'?"],
  [{ header: { row: 1.5 } }, 'header.row is 1.5'],
])('a wrong option is refused when the project is read: %j', (options, message) => {
  expect(() => source(options)).toThrow(
    expect.objectContaining({
      code: 'project-invalid',
      message: expect.stringContaining(message),
    }),
  );
});
