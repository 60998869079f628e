import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { column } from '../../../src/contract/column.ts';
import { csv, type CsvOptions } from '../../../src/source/csv/csv.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { CellKind } from '../../../src/source/source.ts';
import { cellsOf, readContent } from '../read-rows.ts';

type Given = Omit<CsvOptions<typeof columns>, 'from' | 'columns'>;

const columns = { id: column.integer(), name: column.text() };
const source = (options: Given = {}) => csv({ from: folder('*.csv'), columns, ...options });
const read = (content: string | Uint8Array, options: Given = {}) =>
  readContent(source(options), content, 'orders.csv');

test('the first row with content is the header', async () => {
  const table = await read('\n\nid,name\n1,Ada\n');
  expect(table.header).toEqual(['id', 'name']);
  expect(table.rows).toMatchObject([{ line: 4, cells: ['1', 'Ada'] }]);
  expect(table.summary).toEqual({ skipped: { 'blank-row': 2, 'header-row': 1 }, totals: {} });
});

test('rows above a declared header are preamble, however they look', async () => {
  const table = await read('Report "Q1, \n\nExported,by,Ada\nid,name\n1,Ada\n\n', {
    header: { row: 4 },
  });
  expect(table.header).toEqual(['id', 'name']);
  expect(cellsOf(table)).toEqual([['1', 'Ada']]);
  expect(table.summary.skipped).toEqual({ 'preamble-row': 3, 'header-row': 1, 'blank-row': 1 });
});

test('two header rows are joined, groups filled to the right', async () => {
  const table = await read(',Q1,,Q2,\nid,sales,cost,sales,cost\n1,2,3,4,5\n', {
    header: { row: 1, rows: 2 },
  });
  expect(table.header).toEqual(['id', 'Q1 sales', 'Q1 cost', 'Q2 sales', 'Q2 cost']);
  expect(table.summary.skipped).toEqual({ 'header-row': 2 });
});

test('a file without header takes the names given', async () => {
  const table = await read('1,Ada\n2,Bob\n', { header: { names: ['id', 'name'] } });
  expect(table.header).toEqual(['id', 'name']);
  expect(cellsOf(table)).toEqual([
    ['1', 'Ada'],
    ['2', 'Bob'],
  ]);
  expect(table.summary.skipped).toEqual({});
});

test('a header alone is a file without rows', async () => {
  const table = await read('id,name');
  expect(table.header).toEqual(['id', 'name']);
  expect(table.rows).toEqual([]);
});

test('ragged rows are given as they are', async () => {
  expect(cellsOf(await read('id,name\n1\n2,Bob,extra\n'))).toEqual([['1'], ['2', 'Bob', 'extra']]);
});

test('the line sep=; that Excel writes is no header', async () => {
  const table = await read('sep=;\r\nid;name\r\n1;Ada\r\n', { delimiter: ';' });
  expect(table.header).toEqual(['id', 'name']);
  expect(table.summary.skipped).toEqual({ 'preamble-row': 1, 'header-row': 1 });
  await expect(read('sep=;\r\nid;name\r\n')).rejects.toMatchObject({
    code: 'format-error',
    remedy: 'Set delimiter: ";" in the source.',
  });
});

test('totals rows are kept out and remembered, above the rows or below', async () => {
  const table = await read(
    'id,name,amount\n TOTAL ,,"1.007,50"\n1,Ada,"1.000,50"\n2,Bob,7\nTotal,n/a,"1.007,50"\nend,,\n',
    { totalsRow: { where: 'ID ', is: 'total' } },
  );
  expect(cellsOf(table)).toEqual([
    ['1', 'Ada', '1.000,50'],
    ['2', 'Bob', '7'],
    ['end', '', ''],
  ]);
  expect(table.summary).toEqual({
    skipped: { 'header-row': 1, 'totals-row': 2 },
    totals: { amount: { text: '1.007,50', kind: CellKind.text } },
  });
});

test('two totals that say different things are not both of all rows, and it is said', async () => {
  await expect(
    read('id,amount\n1,10\nTotal EUR,10\n2,7\nTotal USD,7\n', {
      totalsRow: { where: 'id', is: /^Total/u },
    }),
  ).rejects.toMatchObject({
    code: 'control-total',
    message:
      'orders.csv: row 3 states a total of 10 in "amount", and row 5 one of 7; not both are of all rows.',
    remedy: expect.stringContaining("per: 'Currency'"),
  });
});

test('a totals row in a column that is not there is an error with a suggestion', async () => {
  await expect(
    read('id,name\n', { totalsRow: { where: 'nmae', is: 'Total' } }),
  ).rejects.toMatchObject({
    code: 'missing-label',
    message: expect.stringContaining("did you mean 'name'?"),
  });
});

test.each([
  ['windows-1252', Buffer.from('id,name\n1,\x80 M\xfcller\n', 'latin1'), '€ Müller'],
  ['iso-8859-15', Buffer.from('id,name\n1,\xa4 M\xfcller\n', 'latin1'), '€ Müller'],
  ['windows-1251', Buffer.from('id,name\n1,\xcc\xe8\xf0\n', 'latin1'), 'Мир'],
  ['utf-16le', Buffer.from('\ufeffid,name\n1,Zoë 😀\n', 'utf16le'), 'Zoë 😀'],
  ['utf-16le', Buffer.from('id,name\n1,Zoë 😀\n', 'utf16le'), 'Zoë 😀'],
  ['utf-16be', Buffer.from('\ufeffid,name\n1,Zoë\n', 'utf16le').swap16(), 'Zoë'],
  ['shift_jis', Buffer.from('id,name\n1,\x93\xfa\x96{\n', 'latin1'), '日本'],
])('%s is decoded', async (encoding, content, name) => {
  const table = await read(content, { encoding });
  expect(table.header).toEqual(['id', 'name']);
  expect(cellsOf(table)).toEqual([['1', name]]);
});

test('bytes that the declared encoding lacks reject their row', async () => {
  const content = Buffer.concat([
    Buffer.from('id,name\n1,good\n2,', 'utf16le'),
    Buffer.from([0x00, 0xd8]),
    Buffer.from('lone\n3,good\n', 'utf16le'),
  ]);
  const table = await read(content, { encoding: 'utf-16le' });
  expect(table.rows.map((row) => row.faults)).toEqual([[], ['encoding-error'], []]);
});

test('a byte order mark of UTF-8 is no part of the header', async () => {
  expect((await read('\ufeff"id",name\n1,Ada\n')).header).toEqual(['id', 'name']);
});

test.each([
  ['a BOM of UTF-16', Buffer.from('\ufeffid,name\n', 'utf16le'), 'utf-8', 'utf-16le'],
  ['another BOM', Buffer.from('\ufeffid,name\n', 'utf16le').swap16(), 'utf-16le', 'utf-16be'],
  ['a BOM of UTF-8', Buffer.from('\ufeffid,name\n'), 'windows-1252', 'utf-8'],
  ['UTF-16 without BOM', Buffer.from('id,name\n', 'utf16le'), 'utf-8', 'utf-16le'],
  ['UTF-16 BE without BOM', Buffer.from('id,name\n', 'utf16le').swap16(), 'utf-8', 'utf-16be'],
  ['Latin-1', Buffer.from('id,pr\xe9nom\n', 'latin1'), 'utf-8', 'windows-1252'],
])('%s is an encoding error that names the encoding', async (_, content, encoding, remedy) => {
  await expect(read(content, { encoding })).rejects.toMatchObject({
    code: 'encoding-error',
    remedy: expect.stringContaining(`encoding: '${remedy}'`),
  });
});

test('what is left to be detected is found, and said', async () => {
  const content = Buffer.from('Größe;Länge\r\nfür;1,5\r\nschön;2,5\r\n', 'latin1');
  const table = await read(content, { encoding: 'detect', delimiter: 'detect' });
  expect(table.header).toEqual(['Größe', 'Länge']);
  expect(cellsOf(table)).toEqual([
    ['für', '1,5'],
    ['schön', '2,5'],
  ]);
  expect(table.summary.detected).toEqual([
    { setting: 'encoding', value: 'windows-1252', confidence: expect.closeTo(1, 1) },
    { setting: 'delimiter', value: ';', confidence: expect.closeTo(1, 1) },
  ]);
});

test('what is not clear is refused with the candidates, and never guessed', async () => {
  await expect(read('1,2\n3,4\n5,6\n', { delimiter: 'detect' })).rejects.toMatchObject({
    code: 'format-error',
    message:
      'orders.csv: its delimiter cannot be told for sure. It may be "," (58 %: all 3 records looked at have 2 cells when split at ","), or one column (41 %).',
    remedy: 'Ask the sender, and declare it in the source, e.g. delimiter: ",".',
  });
  const word = Buffer.from('id,name\n1,\xa3\xf3d\x9f\n', 'latin1');
  await expect(read(word, { encoding: 'detect' })).rejects.toMatchObject({
    code: 'encoding-error',
    message: expect.stringMatching(
      /It may be "windows-1250" \(\d\d %: as windows-1250 .* Polish\)/u,
    ),
    remedy: 'Ask the sender, and declare it in the source, e.g. encoding: "windows-1250".',
  });
});

test('gzip is read through, by its first bytes', async () => {
  expect(cellsOf(await read(gzipSync('id,name\n1,Ada\n')))).toEqual([['1', 'Ada']]);
});

test('a gzip archive cut short is an error, not half a file', async () => {
  const content = gzipSync(`id,name\n${'1,Ada\n'.repeat(100_000)}`).subarray(0, -20);
  await expect(read(content)).rejects.toMatchObject({ code: 'format-error' });
});

test.each([
  ['nothing', '', 'orders.csv is empty'],
  ['only blank lines', '\n\n', 'has no header: it holds no rows'],
  ['a web page', '  <!DOCTYPE html><p>Log in', 'a web page'],
  ['a zip archive cut short', 'PK\x03\x04...', 'is a zip archive that cannot be read'],
  ['another delimiter', 'id;name\n1;Ada\n', 'the header is one cell, "id;name"'],
  ['an open quote in the header', 'id,"name\n1,2\n', 'the header in line 1 cannot be parsed'],
])('%s is refused as format-error', async (_, content, message) => {
  await expect(read(content)).rejects.toMatchObject({
    code: 'format-error',
    message: expect.stringContaining(message),
  });
});

test('a header beyond the end, or on a blank line, is refused', async () => {
  await expect(read('id,name\n1,2\n', { header: { row: 5 } })).rejects.toMatchObject({
    message: 'orders.csv has no header: it ends after row 2, and the header was expected in row 5.',
  });
  await expect(read('a\n\nid,name\n', { header: { row: 2 } })).rejects.toMatchObject({
    message: expect.stringContaining('(row 2) is empty'),
  });
});

test.each<[Given, string]>([
  [{ delimiter: '||' }, 'delimiter is "||"'],
  [{ delimiter: '€' }, 'delimiter is "€"'],
  [{ delimiter: '"' }, 'they must differ'],
  [{ quote: '' }, 'quote is ""'],
  [{ encoding: 'isso-8859-15' }, "did you mean 'iso-8859-15'?"],
  [{ header: { row: 0 } }, 'header.row is 0'],
  [{ header: { names: [] } }, 'header.names is empty'],
  [{ comment: '' }, "comment is ''"],
  // What no compiler saw.
  [{ delimeter: ';' } as Given, "delimeter is not one of its options; did you mean 'delimiter'?"],
  [{ from: 'data/*.csv' } as Given, 'from is no location'],
])('a wrong option is refused when the project is read: %j', (options, message) => {
  expect(() => source(options)).toThrow(
    expect.objectContaining({
      code: 'project-invalid',
      message: expect.stringContaining(message),
    }),
  );
});

test('the contract of a source holds no options of its reader', () => {
  expect(source({ delimiter: ';', key: ['id'], freshness: '1 day' }).contract).toEqual({
    columns,
    key: ['id'],
  });
});
