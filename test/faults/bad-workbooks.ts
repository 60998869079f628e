import { strToU8, zipSync } from 'fflate';

import type { TestCell } from '../helpers/workbook.ts';
import { workbookParts, writeWorkbook, zipParts } from '../helpers/workbook.ts';
import type { BadInput, Row } from './bad-input.ts';

const header = ['id', 'name', 'amount', 'paid_on'];

type Rows = readonly (readonly TestCell[])[];

const sheetOf = (rows: Rows, name = 'Data'): Uint8Array => writeWorkbook([{ name, rows }]);

/** Days since 1899-12-30, as Excel counts them. */
const dayNumber = (date: string): number =>
  Math.round((Date.parse(date) - Date.parse('1899-12-30')) / 86_400_000);

const day = (date: string): TestCell => ({ value: dayNumber(date), format: 'yyyy-mm-dd' });

export const writeWorkbookOf = (rows: readonly Row[]): Uint8Array =>
  sheetOf([header, ...rows.map(([id, name, amount, on]) => [id, name, Number(amount), day(on)])]);

const sound: Rows = [
  header,
  [1, 'Ada', 10.5, day('2026-01-05')],
  [2, 'Zoë', 20, day('2026-01-06')],
];

function damagedSheet(): Uint8Array {
  const bytes = zipSync(
    Object.fromEntries(
      Object.entries(workbookParts([{ name: 'Data', rows: sound }])).map(([name, xml]) => [
        name,
        strToU8(xml),
      ]),
    ),
    // Stored, so that the text can be found and changed behind the checksum's back.
    { level: 0 },
  );
  const at = Buffer.from(bytes).indexOf('<v>10.5</v>');
  bytes[at + 3] = '9'.charCodeAt(0);
  return bytes;
}

function without(part: string): Uint8Array {
  const { [part]: _, ...rest } = workbookParts([{ name: 'Data', rows: sound }]);
  return zipParts(rest);
}

const ole = (text: string): Uint8Array =>
  Buffer.concat([
    Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
    Buffer.alloc(504),
    Buffer.from(text, 'utf16le'),
  ]);

export const badWorkbooks: readonly BadInput<string | Uint8Array>[] = [
  {
    name: 'an empty file',
    content: '',
    refused: { code: 'format-error', says: ['orders.xlsx is empty'], remedy: 'Ask the sender' },
  },
  {
    name: 'an empty sheet',
    content: sheetOf([]),
    refused: {
      code: 'format-error',
      says: ['orders.xlsx', "'Data'", 'it is empty'],
      remedy: 'sender',
    },
  },
  {
    name: 'a wrong sheet',
    content: sheetOf(sound, 'Dta'),
    refused: {
      code: 'sheet-not-found',
      says: ["orders.xlsx has no sheet 'Data'", "Did you mean 'Dta'?"],
      remedy: "Set sheet: 'Dta'",
    },
  },
  {
    name: 'a column under another name',
    content: sheetOf([
      ['id', 'name', 'amonut', 'paid_on'],
      [1, 'Ada', 10.5, day('2026-01-05')],
    ]),
    refused: {
      code: 'missing-label',
      says: ['orders.xlsx', '"amount"', 'Did you mean "amonut"?'],
      remedy: 'set header: "amonut" on "amount"',
    },
  },
  {
    name: 'values of the wrong type',
    content: sheetOf([
      header,
      [1, 'Ada', 'ten', day('2026-01-05')],
      ['two', 'Zoë', 20, day('2026-01-06')],
      [3, 'Bo', 0.25, 'soon'],
      [4, 'Eve', true, day('2026-01-06')],
      [5, 'Kim', 1, day('2026-01-06')],
    ]),
    rejects: [
      { line: 2, code: 'type-error', column: 'amount', value: 'ten' },
      { line: 3, code: 'type-error', column: 'id', value: 'two' },
      { line: 4, code: 'type-error', column: 'paid_on', value: 'soon' },
      { line: 5, code: 'type-error', column: 'amount', value: 'true' },
    ],
    loaded: ['5'],
  },
  {
    name: 'a date that is a bare number',
    content: sheetOf([header, [1, 'Ada', 10.5, 46_027], [2, 'Zoë', 20, day('2026-01-06')]]),
    rejects: [{ line: 2, code: 'date-serial-as-number', column: 'paid_on', value: '46027' }],
    loaded: ['2'],
  },
  {
    name: 'a formula that failed',
    content: sheetOf([
      header,
      [1, 'Ada', { attributes: 't="e"', xml: '<f>1/0</f><v>#DIV/0!</v>' }, day('2026-01-05')],
      [2, 'Zoë', 20, day('2026-01-06')],
    ]),
    rejects: [{ line: 2, code: 'formula-error', column: 'amount', value: '#DIV/0!' }],
    loaded: ['2'],
  },
  {
    name: 'ragged rows',
    content: sheetOf([
      header,
      [1],
      [2, 'Zoë', 20, day('2026-01-06'), 'a note beside it'],
      [3, 'Bo'],
    ]),
    rejects: [
      { line: 2, code: 'missing-cell', column: 'name', value: null },
      { line: 3, code: 'extra-cell', column: null, value: 'a note beside it' },
    ],
    loaded: ['3'],
  },
  {
    name: 'a workbook that is cut short',
    content: writeWorkbook([{ name: 'Data', rows: sound }]).subarray(0, 900),
    refused: {
      code: 'format-error',
      says: ['orders.xlsx is cut short'],
      remedy: 'Deliver the file again',
    },
  },
  {
    name: 'a workbook with a damaged sheet',
    content: damagedSheet(),
    refused: {
      code: 'format-error',
      says: ['orders.xlsx', 'checksum'],
      remedy: 'Deliver the file again',
    },
  },
  {
    name: 'a workbook without its sheet',
    content: without('xl/worksheets/sheet1.xml'),
    refused: {
      code: 'format-error',
      says: ['orders.xlsx', 'sheet1.xml'],
      remedy: 'Deliver the file again',
    },
  },
  {
    name: 'a zip archive that is no workbook',
    content: zipParts({ 'orders.csv': 'id,name\n1,Ada\n' }),
    refused: {
      code: 'format-error',
      says: ['orders.xlsx is a zip archive without a workbook'],
      remedy: 'read it with csv()',
    },
  },
  {
    name: 'CSV under the name of a workbook',
    content: 'id,name,amount,paid_on\n1,Ada,10.50,2026-01-05\n',
    refused: { code: 'format-error', says: ['orders.xlsx is text, perhaps CSV'], remedy: 'csv()' },
  },
  {
    name: 'an old workbook',
    content: ole('Workbook'),
    refused: {
      code: 'format-error',
      says: ['orders.xlsx', '.xls'],
      remedy: 'save it as an Excel workbook',
    },
  },
  {
    name: 'a workbook with a password',
    content: ole('EncryptedPackage'),
    refused: {
      code: 'encrypted-workbook',
      says: ['orders.xlsx', 'password'],
      remedy: 'without a password',
    },
  },
];
