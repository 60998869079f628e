import { utils, write } from '@e965/xlsx';
import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { PlumblineError } from '../../../src/errors.ts';
import { binaryBytesMax } from '../../../src/source/excel/binary-book.ts';
import { excel, type ExcelOptions } from '../../../src/source/excel/excel.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { CellKind } from '../../../src/source/source.ts';
import { createRandom } from '../../helpers/random.ts';
import { zipParts } from '../../helpers/workbook.ts';
import { cellsOf, readContent } from '../read-rows.ts';

const columns = { id: column.integer(), name: column.text() };
type Given = Omit<ExcelOptions<typeof columns>, 'from' | 'columns'>;

const read = (content: Uint8Array, options: Given = {}, name = 'book.xls') =>
  readContent(excel({ from: folder('*'), columns, ...options }), content, name);

/** A workbook as SheetJS writes it: rows with a formula, an error, a date, a merged and a hidden cell. */
function binaryWorkbook(bookType: 'biff8' | 'xlsb' | 'biff2'): Uint8Array {
  const sheet = utils.aoa_to_sheet([
    ['id', 'name', 'paid', 'share', 'ok'],
    [1, 'Ada ß 漢', null, 0.12, true],
    [2, 'Bob', null, 19.989999999999998, false],
    [3, null, null, 1e21, true],
  ]);
  sheet['C2'] = { t: 'n', v: 46_112, z: 'dd.mm.yyyy' };
  sheet['C3'] = { t: 'n', v: 46_112.5, z: 'dd.mm.yyyy hh:mm' };
  sheet['C4'] = { t: 'e', v: 42 };
  sheet['!merges'] = [utils.decode_range('B3:B4')];
  sheet['!rows'] = [{}, {}, { hidden: true }];
  sheet['!cols'] = [{}, {}, {}, { hidden: true }];
  const book = utils.book_new();
  utils.book_append_sheet(book, sheet, 'Data');
  utils.book_append_sheet(book, utils.aoa_to_sheet([['id', 'name']]), 'Old');
  book.Workbook = { Sheets: [{ Hidden: 0 }, { Hidden: 1 }] };
  // The writer gives bytes for the type 'buffer'.
  return write(book, { type: 'buffer', bookType }) as Buffer;
}

test.each(['biff8', 'xlsb'] as const)('a workbook as %s', async (bookType) => {
  const content = binaryWorkbook(bookType);
  const table = await read(content, { merged: 'fill' });
  expect(table.header).toEqual(['id', 'name', 'paid', 'share', 'ok']);
  expect(table.rows).toMatchObject([
    { line: 2, cells: ['1', 'Ada ß 漢', '2026-03-31', '0.12', 'true'] },
    { line: 3, cells: ['2', 'Bob', '2026-03-31T12:00:00', '19.99', 'false'] },
    { line: 4, cells: ['3', 'Bob', '#N/A', '1e21', 'true'] },
  ]);
  expect(table.rows[2]?.kinds).toEqual([
    CellKind.number,
    CellKind.text,
    CellKind.error,
    CellKind.number,
    CellKind.boolean,
  ]);
  // SheetJS writes no hidden rows into .xls.
  const hiddenRows = bookType === 'xlsb' ? { 'hidden-row': 1 } : {};
  expect(table.summary.noticed).toEqual({ ...hiddenRows, 'hidden-column': 1, 'merged-cell': 2 });
  expect((await read(content, { sheet: 'Old' })).header).toEqual(['id', 'name']);
  await expect(read(content, { sheet: 'Old', hidden: { sheets: 'reject' } })).rejects.toMatchObject(
    { code: 'delivery-rejected' },
  );
});

test('a sheet without a container, as Excel 2 wrote it', async () => {
  const table = await read(binaryWorkbook('biff2'), { merged: 'top-left' });
  expect(cellsOf(table).map(([id]) => id)).toEqual(['1', '2', '3']);
});

test('an old workbook that is too large is refused with what to do', async () => {
  const content = Buffer.alloc(binaryBytesMax + 1);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(content);
  await expect(read(content)).rejects.toMatchObject({
    code: 'format-error',
    message: expect.stringContaining('in an old format (.xls) of 10.0 MiB; these are read whole'),
    remedy: expect.stringContaining('save it as an Excel workbook (.xlsx)'),
  });
});

test.each(['biff8', 'xlsb'] as const)(
  'whatever bytes of a workbook as %s change',
  async (bookType) => {
    const random = createRandom(7);
    const content = binaryWorkbook(bookType);
    for (let run = 0; run < 150; run += 1) {
      const changed = Buffer.from(content);
      for (let count = 0; count < 3; count += 1) {
        changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
      }
      const outcome = await read(changed).catch((error: unknown) => error);
      const isFine = !(outcome instanceof Error) || outcome instanceof PlumblineError;
      expect([run, isFine || outcome]).toEqual([run, true]);
    }
  },
);

const spreadsheet = 'application/vnd.oasis.opendocument.spreadsheet';
const namespaces =
  'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"';

const ods = (tables: string, manifest = ''): Uint8Array =>
  zipParts({
    mimetype: spreadsheet,
    'META-INF/manifest.xml': `<manifest>${manifest}</manifest>`,
    'content.xml': `<?xml version="1.0"?><office:document-content ${namespaces}><office:automatic-styles><style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>${tables}</office:spreadsheet></office:body></office:document-content>`,
  });
const tableOf = (rows: string, attributes = 'table:name="Data" table:style-name="ta1"'): string =>
  `<table:table ${attributes}>${rows}</table:table>`;
const cellOf = (text: string, attributes = 'office:value-type="string"'): string =>
  `<table:table-cell ${attributes}>${text === '' ? '' : `<text:p>${text}</text:p>`}</table:table-cell>`;
const rowOf = (cells: string, attributes = ''): string =>
  `<table:table-row ${attributes}>${cells}</table:table-row>`;
const header = rowOf(cellOf('id') + cellOf('name'));

test.each<[string, number, string]>([
  [cellOf('x &lt; y'), CellKind.text, 'x < y'],
  [cellOf('1,50', 'office:value-type="float" office:value="1.5"'), CellKind.number, '1.5'],
  ['<table:table-cell office:value-type="float" office:value="7"/>', CellKind.number, '7'],
  [cellOf('12 %', 'office:value-type="percentage" office:value="0.12"'), CellKind.number, '0.12'],
  [cellOf('5 €', 'office:value-type="currency" office:value="5"'), CellKind.number, '5'],
  [cellOf('', 'office:value-type="boolean" office:boolean-value="true"'), CellKind.boolean, 'true'],
  [
    cellOf('31.03.26', 'office:value-type="date" office:date-value="2026-03-31"'),
    CellKind.date,
    '2026-03-31',
  ],
  [
    cellOf('', 'office:value-type="date" office:date-value="2026-03-31T10:20:30.500000000"'),
    CellKind.date,
    '2026-03-31T10:20:30.5',
  ],
  [
    cellOf('', 'office:value-type="time" office:time-value="PT14H30M00S"'),
    CellKind.date,
    '1899-12-31T14:30:00',
  ],
  [
    cellOf('', 'office:value-type="time" office:time-value="PT37H30M00S"'),
    CellKind.text,
    '37:30:00',
  ],
  [
    cellOf(
      '#N/A',
      'table:formula="of:=NA()" office:value-type="string" office:string-value="" calcext:value-type="error"',
    ),
    CellKind.error,
    '#N/A',
  ],
  [
    cellOf('#DIV/0!', 'table:formula="of:=1/0" office:value-type="string"'),
    CellKind.error,
    '#DIV/0!',
  ],
  [cellOf('', 'table:formula="of:=[.A1]"'), CellKind.stale, '(formula without a stored result)'],
  [cellOf('', 'table:formula="of:=[.A1]" office:value-type="float"'), CellKind.stale, ''],
  [
    '<table:table-cell office:value-type="string"><office:annotation><dc:creator>me</dc:creator><text:p>a note</text:p></office:annotation><text:p>a<text:s text:c="2"/><text:span>b\n  c</text:span><text:tab/>d<text:line-break/>e</text:p><text:p>second</text:p><draw:frame><draw:text-box><text:p>a shape</text:p></draw:text-box></draw:frame></table:table-cell>',
    CellKind.text,
    'a  b c\td\ne\nsecond',
  ],
])('a cell of OpenDocument: %s', async (cell, kind, text) => {
  const [row] = (await read(ods(tableOf(header + rowOf(cellOf('x') + cell))), {}, 'a.xls')).rows;
  expect([row?.kinds[1], row?.cells[1]]).toEqual([kind, text]);
});

test('rows and cells of OpenDocument that are repeated, hidden or merged', async () => {
  const rows =
    '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>' +
    rowOf('<table:table-cell/>', 'table:number-rows-repeated="2"') +
    rowOf(cellOf('id') + cellOf('name') + cellOf('note')) +
    rowOf(
      cellOf('', 'office:value-type="float" office:value="1" table:number-columns-repeated="2"'),
      'table:number-rows-repeated="3"',
    ) +
    rowOf(
      cellOf('2') + cellOf('Bob', 'office:value-type="string" table:number-rows-spanned="2"'),
      'table:visibility="filter"',
    ) +
    rowOf(cellOf('3') + '<table:covered-table-cell/>') +
    rowOf(
      '<table:table-cell table:number-columns-repeated="16384"/>',
      'table:number-rows-repeated="1048568"',
    );
  const content = ods(tableOf('', 'table:name="Notes" table:style-name="ta2"') + tableOf(rows));
  const table = await read(content, { merged: 'fill' });
  expect(table.sheets).toEqual(['Data']);
  expect(table.rows.map(({ line, cells }) => [line, ...cells])).toEqual([
    [4, '1', '1', null],
    [5, '1', '1', null],
    [6, '1', '1', null],
    [7, '2', 'Bob', null],
    [8, '3', 'Bob', null],
  ]);
  expect(table.summary).toEqual({
    skipped: { 'preamble-row': 2, 'header-row': 1 },
    noticed: { 'hidden-row': 1, 'hidden-column': 2, 'merged-cell': 2 },
    totals: {},
  });
  expect(cellsOf(await read(content, { merged: 'top-left' }))[4]).toEqual(['3', null, null]);
  await expect(read(content, { sheet: 1, hidden: { sheets: 'reject' } })).rejects.toMatchObject({
    code: 'delivery-rejected',
  });
});

test.each<[string, Uint8Array, string, string]>([
  ['encrypted', ods('', '<manifest:encryption-data/>'), 'encrypted-workbook', 'by a password'],
  [
    'a bomb of rows',
    ods(
      tableOf(
        header +
          rowOf(
            cellOf('x', 'office:value-type="string" table:number-columns-repeated="1000"'),
            'table:number-rows-repeated="1000000"',
          ),
      ),
    ),
    'format-error',
    'repeats cells more than',
  ],
  ['without sheets', ods(''), 'format-error', 'a document without sheets'],
])('an OpenDocument workbook that is %s is refused', async (_, content, code, message) => {
  await expect(read(content)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});
