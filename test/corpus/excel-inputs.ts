import * as xlsx from '@e965/xlsx';
import { strToU8, zipSync } from 'fflate';

import { column } from '../../src/contract/column.ts';
import { createRandom } from '../helpers/random.ts';
import {
  type TestCell,
  type TestSheet,
  workbookParts,
  writeWorkbook,
  zipParts,
} from '../helpers/workbook.ts';
import { type Bytes, type ExcelInput, type Expected, loads, refused } from './corpus-input.ts';

const header: readonly TestCell[] = ['id', 'name', 'amount', 'paid_on'];
const on = (day: number): TestCell => ({ value: 46_026 + day, format: 'yyyy-mm-dd' });
const ada: readonly TestCell[] = [1, 'Ada', 10.5, on(1)];
const bo: readonly TestCell[] = [2, 'Bo', 20, on(2)];
const sound = [header, ada, bo];

type Rows = TestSheet['rows'];
type More = Pick<ExcelInput, 'options' | 'records' | 'isBig' | 'deliveredAs'>;

const input = (
  name: string,
  content: () => Bytes,
  expected: Expected,
  more: More = {},
): ExcelInput => ({ kind: 'excel', name: `excel: ${name}`, content, expected, ...more });

/** A workbook of one sheet. */
const sheet = (
  name: string,
  rows: Rows,
  expected: Expected,
  more: More & { readonly sheet?: Partial<TestSheet> } = {},
): ExcelInput => {
  const { sheet: changes = {}, ...rest } = more;
  return input(name, () => writeWorkbook([{ name: 'Data', rows, ...changes }]), expected, rest);
};

const sheetPart = 'xl/worksheets/sheet1.xml';

/** A sound workbook with one of its parts changed, or left out. */
const part = (
  name: string,
  change: { readonly in?: string; readonly to: ((xml: string) => string) | undefined },
  expected: Expected,
  more: More = {},
): ExcelInput =>
  input(
    name,
    () => {
      const { in: partName = sheetPart, to } = change;
      const { [partName]: xml = '', ...rest } = workbookParts([{ name: 'Data', rows: sound }]);
      return zipParts(to === undefined ? rest : { ...rest, [partName]: to(xml) });
    },
    expected,
    more,
  );

const replacing =
  (from: string, to: string) =>
  (xml: string): string => {
    if (!xml.includes(from)) throw new Error(`${from} is not in ${xml}`);
    return xml.replace(from, to);
  };

const formula = (xml: string, attributes = ''): TestCell => ({ attributes, xml });
const damaged = refused('format-error');

const cells: readonly ExcelInput[] = [
  sheet('sound', sound, loads(2)),
  sheet('a header and no rows', [header], loads(0)),
  sheet('blank rows between', [header, ada, [], undefined, [null], bo], loads(2)),
  sheet('rows of nothing but empty texts', [header, ada, ['', '', '', ''], bo], loads(2)),
  sheet(
    'a text for an amount',
    [header, [1, 'Ada', 'ten', on(1)], bo],
    loads(1, { 'type-error': 1 }),
  ),
  sheet('an amount as text', [header, [1, 'Ada', '10.50', on(1)], bo], loads(2)),
  sheet(
    'an amount as text, of two readings',
    [header, [1, 'Ada', '1.234', on(1)], bo],
    loads(1, { 'ambiguous-number': 1 }),
  ),
  sheet('a date as text', [header, [1, 'Ada', 1, '2026-01-05'], bo], loads(2)),
  sheet(
    'a date as text, of two readings',
    [header, [1, 'Ada', 1, '03/04/2025'], bo],
    loads(1, { 'ambiguous-date': 1 }),
  ),
  sheet(
    'a date that is a bare number',
    [header, [1, 'Ada', 1, 46_027], bo],
    loads(1, { 'date-serial-as-number': 1 }),
  ),
  sheet(
    'a date with a time of day',
    [header, [1, 'Ada', 1, { value: 46_027.5, format: 'yyyy-mm-dd hh:mm' }], bo],
    loads(1, { 'type-error': 1 }),
  ),
  sheet(
    'the 29th of February 1900',
    [header, [1, 'Ada', 1, { value: 60, format: 'yyyy-mm-dd' }], bo],
    loads(1, { 'type-error': 1 }),
  ),
  sheet(
    'a date before all dates',
    [header, [1, 'Ada', 1, { value: -1, format: 'yyyy-mm-dd' }], bo],
    loads(1, { 'date-serial-as-number': 1 }),
  ),
  sheet(
    'a date after all dates',
    [header, [1, 'Ada', 1, { value: 3_000_000, format: 'yyyy-mm-dd' }], bo],
    loads(1, { 'date-serial-as-number': 1 }),
  ),
  sheet(
    'a number with floating-point noise',
    [header, [1, 'Ada', formula('<v>0.30000000000000004</v>'), on(1)], bo],
    loads(2),
  ),
  sheet(
    'a number that is none',
    [header, [1, 'Ada', formula('<v>ten</v>'), on(1)], bo],
    loads(1, { 'type-error': 1 }),
  ),
  sheet(
    'a number beyond all bounds',
    [header, [1, 'Ada', formula('<v>1E+400</v>'), on(1)], bo],
    loads(1, { 'type-error': 1 }),
  ),
  sheet(
    'a fraction for a whole number',
    [header, [1.5, 'Ada', 1, on(1)], bo],
    loads(1, { 'type-error': 1 }),
  ),
  sheet('true for an amount', [header, [1, 'Ada', true, on(1)], bo], loads(1, { 'type-error': 1 })),
  sheet(
    '#N/A',
    [header, [1, 'Ada', formula('<v>#N/A</v>', 't="e"'), on(1)], bo],
    loads(1, { 'formula-error': 1 }),
  ),
  sheet(
    '#REF! in the key',
    [header, [formula('<v>#REF!</v>', 't="e"'), 'Ada', 1, on(1)], bo],
    loads(1, { 'formula-error': 1 }),
  ),
  sheet(
    'a formula with its result',
    [header, [1, 'Ada', formula('<f>1+1</f><v>2</v>'), on(1)], bo],
    loads(2),
  ),
  sheet(
    'a formula without a result',
    [header, [1, 'Ada', formula('<f>1+1</f>'), on(1)], bo],
    loads(1, { 'stale-formula': 1 }),
  ),
  sheet(
    'a formula with an empty result',
    [header, [1, 'Ada', formula('<f>1+1</f><v/>'), on(1)], bo],
    loads(1, { 'stale-formula': 1 }),
  ),
  sheet(
    'a text in the cell itself',
    [header, [1, formula('<is><t>Ada</t></is>', 't="inlineStr"'), 1, on(1)], bo],
    loads(2),
  ),
  sheet(
    'rich text',
    [
      header,
      [
        1,
        formula('<is><r><t>A</t></r><r><rPr><b/></rPr><t>da</t></r></is>', 't="inlineStr"'),
        1,
        on(1),
      ],
      bo,
    ],
    loads(2),
  ),
  sheet(
    'CDATA',
    [header, [1, formula('<is><t><![CDATA[A<d>a]]></t></is>', 't="inlineStr"'), 1, on(1)], bo],
    loads(2),
  ),
  sheet(
    'a date in words of ISO',
    [header, [1, 'Ada', 1, formula('<v>2026-01-05T00:00:00</v>', 't="d"')], bo],
    loads(2),
  ),
  sheet('percent', [header, [1, 'Ada', { value: 0.12, format: '0%' }, on(1)], bo], loads(2)),
  sheet('a short row', [header, [1], bo], loads(1, { 'missing-cell': 1 })),
  sheet(
    'a cell beside the table',
    [header, [...ada, null, 'a note'], bo],
    loads(1, { 'extra-cell': 1 }),
  ),

  sheet('one key twice', [header, ada, [1, 'Eve', 1, on(1)], bo], loads(1, { 'primary-key': 2 })),
  sheet('one row twice', [header, ada, ada, bo], loads(2, {}, { duplicate: 1 })),
  sheet('a text of 32,767 letters', [header, [1, 'x'.repeat(32_767), 1, on(1)], bo], loads(2)),
  sheet(
    'a text longer than Excel has them',
    [header, [1, 'x'.repeat(1_000_000), 1, on(1)], bo],
    loads(2),
  ),
  sheet('a formula as text', [header, [1, '=1+1', 1, on(1)], bo], loads(2)),
  sheet('an escaped control character', [header, [1, 'A_x0001_da', 1, on(1)], bo], loads(2)),
];

const layout: readonly ExcelInput[] = [
  sheet(
    'columns in another order',
    [
      ['paid_on', 'amount', 'id', 'name'],
      [on(1), 10.5, 1, 'Ada'],
    ],
    loads(1),
  ),
  sheet(
    'a column under another name',
    [['id', 'name', 'amonut', 'paid_on'], ada],
    refused('missing-label'),
  ),
  sheet(
    'a column twice',
    [
      [...header, 'Amount'],
      [...ada, 1],
    ],
    refused('duplicate-label'),
  ),
  sheet(
    'a label merged over two columns',
    [
      ['id', 'name', 'amount', null, 'paid_on'],
      [1, 'Ada', 1, 2, on(1)],
    ],
    refused('merged-header'),
    { sheet: { merges: ['C1:D1'] } },
  ),
  sheet('a preamble', [['Report'], [], header, ada], refused('missing-label')),
  sheet(
    'a preamble, declared',
    [['Report'], [], header, ada],
    loads(1, {}, { skipped: { 'preamble-row': 2 } }),
    {
      options: { header: { row: 3 } },
      // The blank row is one of the preamble.
      records: 4,
    },
  ),
  sheet('a header after the end', [header, ada], damaged, { options: { header: { row: 9 } } }),
  sheet(
    'a totals row that agrees',
    [header, ada, bo, [null, 'Total', 30.5]],
    loads(2, {}, { skipped: { 'totals-row': 1 } }),
    { options: { totalsRow: { where: 'name', is: 'Total' } } },
  ),
  sheet(
    'a totals row that does not agree',
    [header, ada, bo, [null, 'Total', 31]],
    refused('control-total'),
    { options: { totalsRow: { where: 'name', is: 'Total' } } },
  ),
  sheet(
    'a totals row whose sum failed',
    [header, ada, [null, 'Total', formula('<v>#REF!</v>', 't="e"')]],
    refused('control-total'),
    { options: { totalsRow: { where: 'name', is: 'Total' } } },
  ),
  sheet(
    'a totals row that nobody declared',
    [header, ada, bo, [null, 'Total', 30.5]],
    loads(2, { 'missing-cell': 1 }),
  ),
  sheet(
    'footnotes',
    [header, ada, ['Source: the bank']],
    loads(1, {}, { skipped: { 'footer-row': 1 } }),
    { options: { footer: { rows: 1 } } },
  ),
  sheet(
    'a merged range in the body',
    [header, [1, 'Ada', 1, on(1)], [2, null, 2, on(2)]],
    loads(0, { 'merged-cell': 2 }),
    { sheet: { merges: ['B2:B3'] } },
  ),
  sheet(
    'a merged range in the body, filled',
    [header, [1, 'Ada', 1, on(1)], [2, null, 2, on(2)]],
    loads(2),
    { sheet: { merges: ['B2:B3'] }, options: { merged: 'fill' } },
  ),
  sheet('hidden rows', sound, loads(2), { sheet: { rowAttributes: { 2: 'hidden="1"' } } }),
  sheet('hidden rows, skipped', sound, loads(1, {}, { skipped: { 'hidden-row': 1 } }), {
    sheet: { rowAttributes: { 2: 'hidden="1"' } },
    options: { hidden: 'skip' },
  }),
  sheet('hidden rows, rejected', sound, loads(1, { 'hidden-row': 1 }), {
    sheet: { rowAttributes: { 2: 'hidden="1"' } },
    options: { hidden: 'reject' },
  }),
  sheet('a hidden column, refused', sound, refused('delivery-rejected'), {
    sheet: { columns: ['min="2" max="2" hidden="1"'] },
    options: { hidden: 'reject' },
  }),
  input(
    'a wrong sheet',
    () => writeWorkbook([{ name: 'Dta', rows: sound }]),
    refused('sheet-not-found'),
  ),
  input(
    'a hidden sheet, refused',
    () => writeWorkbook([{ name: 'Data', rows: sound, state: 'veryHidden' }]),
    refused('delivery-rejected'),
    { options: { hidden: 'reject' } },
  ),
  input('an empty sheet', () => writeWorkbook([{ name: 'Data', rows: [] }]), damaged),
  input(
    'two sheets as one table',
    () =>
      writeWorkbook([
        { name: 'January', rows: [header, ada] },
        { name: 'February', rows: [header, bo] },
      ]),
    loads(2),
    { options: { sheet: ['January', 'February'] }, records: 4 },
  ),
  input(
    'two sheets, one without a column',
    () =>
      writeWorkbook([
        { name: 'January', rows: [header, ada] },
        {
          name: 'February',
          rows: [
            ['id', 'name'],
            [2, 'Bo'],
          ],
        },
      ]),
    refused('missing-label'),
    { options: { sheet: ['January', 'February'] } },
  ),
  input(
    'dates from 1904 on',
    () => writeWorkbook([{ name: 'Data', rows: sound }], { date1904: true }),
    loads(2),
  ),
  input(
    'formulas to be calculated again',
    () =>
      writeWorkbook(
        [{ name: 'Data', rows: [header, [1, 'Ada', formula('<f>1+1</f><v>0</v>'), on(1)], bo] }],
        { calculation: 'fullCalcOnLoad="1"' },
      ),
    loads(1, { 'stale-formula': 1 }),
  ),
];

const xml: readonly ExcelInput[] = [
  part('no sheet part', { to: undefined }, damaged),
  part('no workbook part', { in: 'xl/workbook.xml', to: undefined }, damaged),
  part('no relationships', { in: '_rels/.rels', to: undefined }, damaged),
  part(
    'no relationships of the workbook',
    { in: 'xl/_rels/workbook.xml.rels', to: undefined },
    refused('sheet-not-found'),
  ),
  part('no shared texts', { in: 'xl/sharedStrings.xml', to: undefined }, damaged),
  part(
    'no styles',
    { in: 'xl/styles.xml', to: undefined },
    loads(0, { 'date-serial-as-number': 2 }),
    { records: 3 },
  ),
  part('an empty sheet part', { to: () => '' }, damaged),
  part('a sheet part that is no XML', { to: () => 'id,name\n1,Ada\n' }, damaged),
  part('a sheet part that is cut short', { to: (text) => text.slice(0, -60) }, damaged),
  part(
    'a document type',
    { to: (text) => text.replace('<worksheet', '<!DOCTYPE worksheet><worksheet') },
    damaged,
  ),
  part(
    'an entity bomb',
    {
      to: (text) =>
        text
          .replace(
            '<worksheet',
            `<!DOCTYPE w [<!ENTITY a "ha">${Array.from({ length: 20 }, (_, at) => `<!ENTITY b${at} "${at === 0 ? '&a;&a;' : `&b${at - 1};&b${at - 1};`}">`).join('')}]><worksheet`,
          )
          .replace('<v>10.5</v>', '<v>&b19;</v>'),
    },
    damaged,
  ),
  part(
    'an entity that reads a file',
    {
      to: (text) =>
        text.replace(
          '<worksheet',
          '<!DOCTYPE w [<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet',
        ),
    },
    damaged,
  ),
  part('an entity that nobody declared', { to: replacing('<v>10.5</v>', '<v>&ten;</v>') }, damaged),
  part('a character that XML has not', { to: replacing('<v>10.5</v>', '<v>&#0;</v>') }, damaged),
  part('a cell in the wrong order', { to: replacing('<c r="C2"', '<c r="A2"') }, damaged),
  part('a cell twice', { to: replacing('<c r="C2"', '<c r="B2"') }, damaged),
  part('a cell beyond the last column', { to: replacing('<c r="D2"', '<c r="XFE2"') }, damaged),
  part(
    'a cell without a reference',
    { to: (text) => text.replaceAll(/ r="[A-D]\d"/gu, '') },
    loads(2),
  ),
  part('a row in the wrong order', { to: replacing('<row r="3"', '<row r="1"') }, damaged),
  part(
    'a row beyond the last',
    { to: (text) => text.replace('<row r="3"', '<row r="1048577"') },
    damaged,
  ),
  part(
    'a row without a number',
    { to: (text) => text.replaceAll(/<row r="\d"/gu, '<row') },
    loads(2),
  ),
  part(
    'a shared text that is not there',
    { to: replacing('t="s"><v>4<', 't="s"><v>400<') },
    damaged,
  ),
  part(
    'a shared text of a negative number',
    { to: replacing('t="s"><v>4<', 't="s"><v>-1<') },
    damaged,
  ),
  part(
    'a style that is not there',
    { to: replacing('s="1"', 's="99"') },
    loads(1, { 'date-serial-as-number': 1 }),
  ),
  part('cells of an unknown kind', { to: replacing('<c r="C2">', '<c r="C2" t="x">') }, loads(2)),
  part('a sheet in UTF-16', { to: (text) => `\ufeff${text}` }, loads(2)),
  part(
    'texts that open and never close',
    { in: 'xl/sharedStrings.xml', to: (text) => text.replace('</sst>', '<si><t>') },
    loads(2),
    { records: 3 },
  ),
  part(
    'strict OOXML',
    {
      to: (text) =>
        text.replace(
          'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
          'http://purl.oclc.org/ooxml/spreadsheetml/main',
        ),
    },
    loads(2),
  ),
  part(
    'an element of another name space',
    { to: replacing('<v>10.5</v>', '<x:v xmlns:x="urn:x">99</x:v><v>10.5</v>') },
    loads(2),
  ),
];

/** A stored archive, so that what lies in it can be found and changed. */
function stored(): Buffer {
  const parts = workbookParts([{ name: 'Data', rows: sound }]);
  return Buffer.from(
    zipSync(
      Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])),
      { level: 0 },
    ),
  );
}

function patched(change: (bytes: Buffer) => void): () => Buffer {
  return () => {
    const bytes = stored();
    change(bytes);
    return bytes;
  };
}

const mega = 1024 * 1024;
const bomb = (name: string, megabytes: number): Uint8Array => {
  const parts = workbookParts([{ name: 'Data', rows: sound }]);
  const head = parts[name]?.slice(0, -20) ?? '';
  return zipSync(
    Object.fromEntries(
      Object.entries({ ...parts, [name]: `${head}${' '.repeat(megabytes * mega)}` }).map(
        ([each, text]) => [each, strToU8(text)],
      ),
    ),
  );
};

const ole = (text: string): Buffer =>
  Buffer.concat([
    Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    Buffer.alloc(504),
    Buffer.from(text, 'utf16le'),
  ]);

const packages: readonly ExcelInput[] = [
  input('an empty archive', () => Buffer.from(zipSync({})), damaged),
  input(
    'another value behind the checksum',
    patched((bytes) => bytes.write('9', bytes.indexOf('<v>10.5') + 3)),
    damaged,
  ),
  input(
    'a part with a password',
    patched((bytes) => {
      for (const signature of ['PK\u0001\u0002', 'PK\u0003\u0004'])
        for (
          let at = bytes.indexOf(signature, 0, 'latin1');
          at !== -1;
          at = bytes.indexOf(signature, at + 4, 'latin1')
        )
          bytes.writeUInt16LE(1, at + (signature.charCodeAt(2) === 1 ? 8 : 6));
    }),
    refused('format-error'),
  ),
  input(
    'a part of a method that nobody has',
    patched((bytes) => {
      for (
        let at = bytes.indexOf('PK\u0001\u0002', 0, 'latin1');
        at !== -1;
        at = bytes.indexOf('PK\u0001\u0002', at + 4, 'latin1')
      )
        bytes.writeUInt16LE(99, at + 10);
    }),
    damaged,
  ),
  input('no end of its list', () => stored().subarray(0, -10), damaged),
  input(
    'a list that points beyond the end',
    patched((bytes) => bytes.writeUInt32LE(bytes.length + 100, bytes.length - 6)),
    damaged,
  ),
  input(
    'a name that leads out of the folder',
    () => {
      const parts = workbookParts([{ name: 'Data', rows: sound }]);
      return zipParts({ ...parts, '../../etc/passwd': 'x' });
    },
    damaged,
  ),
  input('a bomb in the sheet', () => bomb(sheetPart, 64), damaged),
  input('a bomb in the shared texts', () => bomb('xl/sharedStrings.xml', 64), damaged),
  input('a bomb in the styles', () => bomb('xl/styles.xml', 64), damaged),
  input('a bomb of half a gigabyte', () => bomb(sheetPart, 500), damaged, { isBig: true }),
  input(
    'three thousand parts',
    () =>
      zipParts({
        ...workbookParts([{ name: 'Data', rows: sound }]),
        ...Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`x/${at}.xml`, ''])),
      }),
    loads(2),
  ),
  input('a lock file', () => Buffer.alloc(165, ' '), refused('lock-file'), {
    deliveredAs: '~$orders.xlsx',
  }),
  input(
    'a lock file under another name',
    () => {
      const bytes = Buffer.alloc(165, ' ');
      bytes.writeUInt8(3, 0);
      bytes.write('Ada', 1);
      return bytes;
    },
    damaged,
  ),
  input('a workbook with a password', () => ole('EncryptedPackage'), refused('encrypted-workbook')),
  input('an old document of some other program', () => ole('WordDocument'), damaged),
  input('an empty file', () => '', damaged),
  input(
    'CSV under the name of a workbook',
    () => 'id,name,amount,paid_on\n1,Ada,1.00,2026-01-05\n',
    damaged,
  ),
  input(
    'a web page under the name of a workbook',
    () => '<html><table><tr><td>id</td></tr></table></html>',
    damaged,
  ),
  input(
    'a workbook of 2003 in XML',
    () =>
      '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
    damaged,
  ),
  input('a PDF under the name of a workbook', () => '%PDF-1.7\n', damaged),
  input(
    'a document of a word processor',
    () => zipParts({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<document/>' }),
    damaged,
  ),
];

/** Cut and changed at places drawn from a seed; what a workbook says afterwards is refused or the same. */
const seed = 20_261;
const random = createRandom(seed);
const cut: readonly ExcelInput[] = Array.from({ length: 12 }, () => {
  const share = random();
  return input(
    `cut after ${(share * 100).toFixed(1)} % (seed ${seed})`,
    () => {
      const bytes = writeWorkbook([{ name: 'Data', rows: sound }]);
      return bytes.subarray(0, Math.floor(bytes.length * share));
    },
    damaged,
  );
});

const book =
  (type: xlsx.BookType): (() => Bytes) =>
  () => {
    const workbook = xlsx.utils.book_new();
    const table = xlsx.utils.aoa_to_sheet([
      ['id', 'name', 'amount', 'paid_on'],
      [1, 'Ada', 10.5, '2026-01-05'],
      [2, 'Bo', 'ten', '2026-01-06'],
    ]);
    xlsx.utils.book_append_sheet(workbook, table, 'Data');
    // In Node `type: 'buffer'` gives a Buffer.
    return xlsx.write(workbook, { type: 'buffer', bookType: type }) as Buffer;
  };

const otherFormats: readonly ExcelInput[] = (['biff8', 'xlsb', 'ods'] as const).map((type) =>
  input(`written as ${type}`, book(type), loads(1, { 'type-error': 1 })),
);

const noKey = { key: [], controlTotals: [] } as const;
const big: readonly ExcelInput[] = [
  input(
    '200,000 rows',
    () =>
      writeWorkbook([
        { name: 'Data', rows: [['id'], ...Array.from({ length: 200_000 }, (_, at) => [at])] },
      ]),
    loads(200_000),
    {
      options: { columns: { id: column.integer() }, ...noKey },
      isBig: true,
    },
  ),
];

export const excelInputs: readonly ExcelInput[] = [
  ...cells,
  ...layout,
  ...xml,
  ...packages,
  ...cut,
  ...otherFormats,
  ...big,
].map((each) => ({ ...each, options: { sheet: 'Data', ...each.options } }));
