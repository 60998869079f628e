import { gzipSync } from 'node:zlib';

import { strToU8, zipSync } from 'fflate';

import { type TestCell, workbookParts, zipParts } from '../helpers/workbook.ts';
import {
  type Bytes,
  type CsvInput,
  type ExcelInput,
  type Expected,
  loads,
  refused,
} from './corpus-input.ts';

/**
 * Files as programs other than Excel write them, as a transfer leaves them, and as an attacker makes
 * them: nearly right, where two readers may see two things.
 */
const damaged = refused('format-error');
const csvHeader = 'id,name,amount,paid_on';
const csvAda = '1,Ada,10.50,2026-01-05';
const csvBo = '2,Bo,20.00,2026-01-06';
const csvSound = `${csvHeader}\n${csvAda}\n${csvBo}\n`;
const mark = '\ufeff';

type CsvMore = Pick<CsvInput, 'options' | 'records'>;

const text = (
  name: string,
  content: () => Bytes,
  expected: Expected,
  more: CsvMore = {},
): CsvInput => ({ kind: 'csv', name: `csv: ${name}`, content, expected, ...more });

const zip = (files: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([n, c]) => [n, strToU8(c)]))));

/** An archive in which the second file has the name of the first. */
const namedTwice = (archive: Buffer, first: string, second: string): Buffer =>
  Buffer.from(archive.toString('latin1').replaceAll(second, first), 'latin1');

const more = Array.from({ length: 16_380 }, (_, at) => at);

const texts: readonly CsvInput[] = [
  text(
    'NULs behind the last line',
    () => csvSound + '\0'.repeat(40),
    loads(2, { 'encoding-error': 1 }),
  ),
  text('Ctrl-Z behind the last line', () => `${csvSound}\u001a`, loads(2, { 'missing-cell': 1 })),
  text(
    'a CR alone in a file of CRLF',
    () => `${csvHeader}\r\n1,A\rda,10.50,2026-01-05\r\n${csvBo}\r\n`,
    loads(1, { 'missing-cell': 2 }),
  ),
  text(
    'two files joined, each with its byte order mark and header',
    () => `${mark}${csvSound}${mark}${csvHeader}\n3,Cy,1.00,2026-01-07\n`,
    loads(3, { 'type-error': 1 }),
  ),
  text(
    'a byte order mark before a label in quotes',
    () => `${mark}"id",${csvSound.slice(3)}`,
    loads(2),
  ),
  text(
    'a space before a quote',
    () => `${csvHeader}\n1, "Ada",10.50,2026-01-05\n${csvBo}\n`,
    loads(2),
    { records: 3 },
  ),
  text(
    '70,001 quotes in a cell',
    () => `${csvHeader}\n1,${'"'.repeat(70_001)},1,2026-01-05\n${csvBo}\n`,
    loads(1, { 'format-error': 1 }),
    { records: 3 },
  ),
  text(
    'an amount of 100,000 digits',
    () => `${csvHeader}\n1,Ada,${'9'.repeat(100_000)},2026-01-05\n${csvBo}\n`,
    loads(1, { 'type-error': 1 }),
  ),
  text(
    '16,384 columns',
    () => `${csvHeader},${more.map((at) => `c${at}`).join(',')}\n${csvAda},${more.join(',')}\n`,
    loads(1),
  ),
  text(
    'a million delimiters',
    () => `${csvHeader}\n${','.repeat(1_000_000)}\n${csvBo}\n`,
    loads(1),
    { records: 2 },
  ),
  text(
    'UTF-16 in whose letters a line end seems to be',
    () =>
      Buffer.from(
        `${mark}${csvHeader}\n1,\u0a0a,10.50,2026-01-05\n2,\u0d0a\u0a0d,1,2026-01-06\n`,
        'utf16le',
      ),
    loads(2),
    { options: { encoding: 'utf-16le' } },
  ),
  text(
    'windows-1252 in the last of 20,000 rows',
    () =>
      Buffer.concat([
        Buffer.from(`${csvHeader}\n${more.map((at) => `${at},Zoë,1.00,2026-01-05\n`).join('')}`),
        Buffer.from('20000,Zo\u00eb,1.00,2026-01-05\n', 'latin1'),
      ]),
    loads(16_380, { 'encoding-error': 1 }),
    { records: 16_382 },
  ),
  text(
    'gzip padded with zeros',
    () => Buffer.concat([gzipSync(csvSound), Buffer.alloc(512)]),
    loads(2),
    { records: 3 },
  ),
  text(
    'gzip whose second part is cut short',
    () => Buffer.concat([gzipSync(csvSound), gzipSync('3,Cy,1.00,2026-01-07\n').subarray(0, -6)]),
    damaged,
  ),
  text('gzip without its last bytes', () => gzipSync(csvSound).subarray(0, -3), damaged),
  text('gzip of nothing but its head', () => gzipSync(csvSound).subarray(0, 10), damaged),
  text('zip in a folder', () => zip({ 'January/orders.csv': csvSound }), loads(2), { records: 3 }),
  text(
    'zip with a remark at its end',
    () => Buffer.concat([zip({ 'a.csv': csvSound }).subarray(0, -2), Buffer.from('\u0005\0hello')]),
    loads(2),
    { records: 3 },
  ),
  text(
    'zip of two files of one name',
    () => namedTwice(zip({ 'a.csv': csvSound, 'b.csv': csvHeader }), 'a.csv', 'b.csv'),
    damaged,
  ),
];

const on = (day: number): TestCell => ({ value: 46_026 + day, format: 'yyyy-mm-dd' });
const rows: readonly (readonly TestCell[])[] = [
  ['id', 'name', 'amount', 'paid_on'],
  [1, 'Ada', 10.5, on(1)],
  [2, 'Bo', 20, on(2)],
];
const sheetPart = 'xl/worksheets/sheet1.xml';
const textsPart = 'xl/sharedStrings.xml';
const bookPart = 'xl/workbook.xml';
const relationsPart = 'xl/_rels/workbook.xml.rels';

type Parts = Record<string, string>;
type ExcelMore = Pick<ExcelInput, 'options' | 'records'>;

const book = (
  name: string,
  change: (parts: Parts) => Parts,
  expected: Expected,
  extra: ExcelMore = {},
): ExcelInput => ({
  kind: 'excel',
  name: `excel: ${name}`,
  content: () => zipParts(change(workbookParts([{ name: 'Data', rows }]))),
  expected,
  ...extra,
});

const without =
  (part: string) =>
  (parts: Parts): Parts =>
    Object.fromEntries(Object.entries(parts).filter(([name]) => name !== part));

/** One text of a part replaced by another, everywhere. */
const swap =
  (part: string, from: string | RegExp, to: string) =>
  (parts: Parts): Parts => {
    const before = parts[part] ?? '';
    const after = before.replaceAll(from, to);
    if (after === before) throw new Error(`${String(from)} is not in ${before}`);
    return { ...parts, [part]: after };
  };

const sheet = (name: string, from: string, to: string, expected: Expected, extra?: ExcelMore) =>
  book(name, swap(sheetPart, from, to), expected, extra);

const cell = '<c r="C2"><v>10.5</v></c>';
const behind = (xml: string): string => `</sheetData>${xml}`;

const books: readonly ExcelInput[] = [
  sheet(
    'dimensions that are too small',
    '<sheetData>',
    '<dimension ref="A1:A1"/><sheetData>',
    loads(2),
  ),
  sheet(
    'dimensions of the whole sheet',
    '<sheetData>',
    '<dimension ref="A1:XFD1048576"/><sheetData>',
    loads(2),
  ),
  sheet('dimensions that are none', '<sheetData>', '<dimension ref="ZZZZ"/><sheetData>', loads(2)),
  {
    ...book('a sheet part twice', (parts) => parts, damaged),
    content: () => {
      const parts = workbookParts([{ name: 'Data', rows }]);
      const twice = {
        ...parts,
        'xl/worksheets/sheet2.xml': (parts[sheetPart] ?? '').replace('10.5', '99'),
      };
      return namedTwice(Buffer.from(zipParts(twice)), 'sheet1.xml', 'sheet2.xml');
    },
  },
  book('no list of content types', without('[Content_Types].xml'), loads(2), {
    records: 3,
  }),
  book(
    'a part named with backslashes',
    swap(relationsPart, 'worksheets/sheet1.xml', 'worksheets\\sheet1.xml'),
    loads(2),
    { records: 3 },
  ),
  book(
    'a sheet at an address of the web',
    swap(
      relationsPart,
      /"[^"]*worksheets\/sheet1\.xml"/gu,
      '"http://127.0.0.1:9/x" TargetMode="External"',
    ),
    damaged,
  ),
  book(
    'a part in another case',
    ({ [sheetPart]: xml = '', ...parts }) => ({ ...parts, 'xl/Worksheets/Sheet1.XML': xml }),
    loads(2),
    { records: 3 },
  ),
  sheet('a shared text with a fraction for a number', '<v>0</v>', '<v>0.5</v>', damaged),
  sheet('a negative style', '<c r="C2">', '<c r="C2" s="-1">', damaged),
  sheet('a row 0', '<row r="1"', '<row r="0"', damaged),
  sheet('a row twice', '<row r="3"', '<row r="2"', damaged),
  sheet('a reference with dollar signs', 'r="C2"', 'r="$C$2"', damaged),
  sheet('a truth that is 2', cell, '<c r="C2" t="b"><v>2</v></c>', loads(1, { 'type-error': 1 })),
  sheet(
    'an error that Excel does not know',
    cell,
    '<c r="C2" t="e"><v>#WHAT?</v></c>',
    loads(1, { 'formula-error': 1 }),
  ),
  sheet(
    'two values in a cell',
    cell,
    '<c r="C2"><v>10.5</v><v>99</v></c>',
    loads(1, { 'type-error': 1 }),
  ),
  sheet(
    'a shared formula without a result',
    cell,
    '<c r="C2"><f t="shared" si="0"/></c>',
    loads(1, { 'stale-formula': 1 }),
  ),
  sheet('a million rows left out', '<row r="3"', '<row r="1048576"', loads(2)),
  sheet(
    'a hundred thousand merged ranges',
    '</sheetData>',
    behind(
      `<mergeCells>${Array.from({ length: 100_000 }, (_, at) => `<mergeCell ref="F${at + 9}:G${at + 9}"/>`).join('')}</mergeCells>`,
    ),
    loads(2),
  ),
  sheet(
    'the whole sheet merged',
    '</sheetData>',
    behind('<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    refused('merged-header'),
  ),
  sheet(
    'a second table of rows',
    '</sheetData>',
    behind('<sheetData><row r="9"><c r="A9"><v>9</v></c></row></sheetData>'),
    loads(2, { 'missing-cell': 1 }),
    { records: 4 },
  ),
  book(
    'a reading aid over a text',
    swap(textsPart, /<t[^>]*>Ada<\/t>/gu, '<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'),
    loads(2),
  ),
  book('an escaped NUL', swap(textsPart, 'Ada', 'A_x0000_da'), loads(2)),
  book(
    'a sheet with a name of quotes and marks',
    swap(bookPart, 'name="Data"', 'name="It\'s &quot;Q1&quot; &amp; 😀"'),
    loads(2),
    { options: { sheet: 'It\'s "Q1" & 😀' } },
  ),
  book(
    'an encoding that no workbook has',
    (parts) => ({
      ...parts,
      [textsPart]: (parts[textsPart] ?? '').replace('UTF-8', 'windows-1252'),
    }),
    loads(2),
  ),
];

const ods = (table: string): Uint8Array =>
  zipParts({
    mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
    'content.xml': `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Data">${table}</table:table></office:spreadsheet></office:body></office:document-content>`,
  });
const odsText = (value: string, attributes = ''): string =>
  `<table:table-cell office:value-type="string" ${attributes}><text:p>${value}</text:p></table:table-cell>`;

const bombs: readonly ExcelInput[] = (
  [
    [
      'rows times columns',
      'table:number-rows-repeated="1048570"',
      'table:number-columns-repeated="16384"',
    ],
    ['four thousand million rows', 'table:number-rows-repeated="4294967296"', ''],
  ] as const
).map(([name, ofRow, ofCell]) => ({
  kind: 'excel',
  name: `excel: an ods that repeats ${name}`,
  content: () =>
    ods(
      `<table:table-row>${['id', 'name', 'amount', 'paid_on'].map((label) => odsText(label)).join('')}</table:table-row><table:table-row ${ofRow}>${odsText('x'.repeat(1_000), ofCell)}</table:table-row>`,
    ),
  expected: damaged,
}));

export const oddInputs = [...texts, ...books, ...bombs];
