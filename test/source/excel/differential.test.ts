import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PlumblineError } from '../../../src/errors.ts';
import { findFixtures } from '../../helpers/fixtures.ts';
import { type TestCell, workbookParts, zipParts } from '../../helpers/workbook.ts';
import { landContent } from '../read-rows.ts';
import { differences, ownValues, sheetJsValues, type SheetValues } from './sheet-values.ts';

const found = findFixtures();
const fixtures = found ?? '';

/** What differs from SheetJS in the workbooks of other projects: ours | theirs, and who is right. */
const explained: Readonly<
  Record<string, { readonly cells: readonly string[]; readonly why: string }>
> = {
  'has_x000D_.xlsx': {
    cells: ['Sheet1!A1: text ABC\r\r\nDEF | text ABC\r\nDEF'],
    why: 'The file has _x000D_ before CR LF: all three characters are the text.',
  },
  'has_x000D_inline.xlsx': {
    cells: ['Sheet1!A1: text ABC\r\nDEF | text ABC\nDEF'],
    why: 'SheetJS leaves _x000D_ out of inline strings.',
  },
  'new_line_errors.xlsx': {
    cells: [
      "Blad1!A2: text first line of text \r\r\nsecond line of text \r\r\ni don't know what type of line feed I've used \r\r\nlast line | text first line of text \r\nsecond line of text \r\ni don't know what type of line feed I've used \r\nlast line",
    ],
    why: 'As above.',
  },
  'minimal_package.xlsx': {
    cells: ['Sheet1!A1: text ARREST BOOKINGS for 01/30/17 | text ARREST BOOKINGS for '],
    why: 'SheetJS takes the first run only of a rich inline string.',
  },
  'los-angeles-arrests-xlsx.xlsx': {
    cells: ['Sheet1!A1: text ARREST BOOKINGS for 01/30/17 | text ARREST BOOKINGS for '],
    why: 'As above.',
  },
  'inlineStr2.xlsx': {
    cells: ['Requirements!B1: text BeforeHierarchy | text Before'],
    why: 'As above.',
  },
  'richtext-coloured.xlsx': {
    cells: ['Sheet1!A2: text tvalrval1rval2 | text tval'],
    why: 'A text and runs beside it: both are shown.',
  },
  'missing-v-node-xlsx.xlsx': {
    cells: ['Sheet1!C2: stale | nothing'],
    why: 'A formula without a result is an error here and not an empty cell.',
  },
  'covered.ods': {
    cells: ['sheet1!A3: text a3 | nothing'],
    why: 'SheetJS drops what lies under a merged cell; here `merged` decides.',
  },
  'table-output.ods': {
    cells: ['Sheet 1!A2: number 1 | nothing', 'Sheet 1!A3: number 2 | nothing'],
    why: 'SheetJS drops numbers whose cell has no paragraph.',
  },
};

/** Files one of the two refuses. */
const refused: Readonly<Record<string, { readonly code: string; readonly why: string }>> = {
  'issue252.xlsx': { code: 'format-error', why: 'A checksum is wrong; SheetJS compares none.' },
  'issue_385.xls': { code: 'encrypted-workbook', why: 'SheetJS refuses it too.' },
  'issue_594_dos.ods': { code: 'format-error', why: 'One cell repeated 10^18 times.' },
};

async function workbooks(): Promise<string[]> {
  const folders = await readdir(fixtures, { withFileTypes: true });
  const files = await Promise.all(
    folders
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) =>
        (await readdir(join(fixtures, name))).map((file) => join(name, file)),
      ),
  );
  return files.flat().filter((file) => /\.(?:xlsx|xlsm|xls|xlsb|ods)$/u.test(file));
}

describe.skipIf(found === undefined)('workbooks of other projects', () => {
  test('every cell of every sheet is what SheetJS has, but for what is explained', async () => {
    const unexplained: string[] = [];
    let cells = 0;
    for (const file of await workbooks()) {
      const name = file.split('/').at(-1) ?? '';
      const path = join(fixtures, file);
      const ours = await ownValues(path, name).catch((error: unknown) => error);
      if (ours instanceof Error) {
        const code = ours instanceof PlumblineError ? ours.code : ours.message;
        if (refused[name]?.code !== code) unexplained.push(`${file}: refused, ${code}`);
        continue;
      }
      // Not an error: the values.
      const values = ours as SheetValues;
      cells += values.size;
      const expected = explained[name]?.cells ?? [];
      const seen = differences(values, sheetJsValues(await readFile(path)));
      for (const cell of seen) if (!expected.includes(cell)) unexplained.push(`${file}: ${cell}`);
      for (const cell of expected)
        if (!seen.includes(cell)) unexplained.push(`${file}: no longer ${cell}`);
    }
    expect(unexplained).toEqual([]);
    // Readers that find nothing agree as well.
    expect(cells).toBeGreaterThan(80_000);
  });

  test('a workbook saved in several formats is the same in each', async () => {
    const pairs = [
      ['readxl/deaths.xls', 'readxl/deaths.xlsx'],
      ['readxl/datasets.xls', 'readxl/datasets.xlsx'],
      ['readxl/type-me.xls', 'readxl/type-me.xlsx'],
      ['calamine/date_1904.xls', 'calamine/date_1904.xlsx'],
      ['calamine/date_1904.xlsb', 'calamine/date_1904.xlsx'],
      ['calamine/date.xlsb', 'calamine/date.xls'],
    ];
    for (const [one = '', other = ''] of pairs) {
      const values = await ownValues(join(fixtures, one));
      expect([one, differences(values, await ownValues(join(fixtures, other)))]).toEqual([one, []]);
      expect(values.size).toBeGreaterThan(4);
    }
  });
});

const formats = [
  'General',
  '0.00',
  '#,##0.00 "€"',
  '0%',
  '0.0 %',
  'dd.mm.yyyy',
  '[$-407]d. mmm yyyy;@',
  'yyyy-mm-dd hh:mm:ss',
  'hh:mm',
  '[h]:mm:ss',
  '[Red]-0.00;0',
  '"day" 0',
  'mmm yy',
  '0.00E+00',
  '_-* #,##0.00 _€_-',
  'm/d/yy h:mm AM/PM',
];
const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      'a',
      'ß',
      '漢',
      '😀',
      ' ',
      '&',
      '<',
      '"',
      "'",
      '\u2009',
      '\u00a0',
      '=',
      ';',
    ),
    maxLength: 12,
  }),
  fc.constantFrom('1.234,50', '31.03.2026', '#N/A', 'true', '12 %'),
);
const number = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.integer({ min: 0, max: 2_958_465 }),
  fc.integer({ min: -99_999, max: 9_999_999 }).map((cents) => cents / 100),
  fc.double({ min: 0, max: 60_000, noNaN: true }),
);
/** To the second: SheetJS' calendar has no fractions of one. */
const moment = fc.oneof(
  number.filter((value) => Number.isInteger(value)),
  fc
    .tuple(fc.integer({ min: 0, max: 80_000 }), fc.integer({ min: 0, max: 86_399 }))
    .map(([days, seconds]) => days + seconds / 86_400),
);
const escape = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const cell: fc.Arbitrary<TestCell> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: text },
  { weight: 3, arbitrary: number },
  fc.boolean(),
  fc.record({ value: moment, format: fc.constantFrom(...formats) }),
  text.map((value) => ({
    attributes: 't="inlineStr"',
    xml: `<is><t xml:space="preserve">${escape(value)}</t></is>`,
  })),
  text.map((value) => ({ attributes: 't="str"', xml: `<f>A1</f><v>${escape(value)}</v>` })),
  number.map((value) => ({
    attributes: '',
    xml: `<f t="shared" ref="A1:B2" si="0">A1*2</f><v>${value}</v>`,
  })),
  fc
    .constantFrom('#N/A', '#DIV/0!', '#REF!')
    .map((error) => ({ attributes: 't="e"', xml: `<v>${error}</v>` })),
  fc
    .boolean()
    .map((value) => ({ attributes: 't="b"', xml: `<f>TRUE()</f><v>${Number(value)}</v>` })),
);
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** SheetJS finds the parts by their types. */
const contentTypes = (sheets: number): string => {
  const parts = [
    ['workbook', 'sheet.main'],
    ['styles', 'styles'],
    ['sharedStrings', 'sharedStrings'],
    ...Array.from({ length: sheets }, (_, index) => [`worksheets/sheet${index + 1}`, 'worksheet']),
  ];
  return `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${parts.map(([part, type]) => `<Override PartName="/xl/${part}.xml" ContentType="${types}.${type}+xml"/>`).join('')}</Types>`;
};
const row = fc.option(fc.array(cell, { maxLength: 7 }), { nil: undefined, freq: 6 });
const book = fc.record({
  sheets: fc.array(fc.array(row, { maxLength: 9 }), { minLength: 1, maxLength: 3 }),
  date1904: fc.boolean(),
});

test('generated workbooks are what SheetJS has', async () => {
  await fc.assert(
    fc.asyncProperty(book, async ({ sheets, date1904 }) => {
      const parts = workbookParts(
        sheets.map((rows, index) => ({
          name: `S${index}`,
          rows,
          merges: index === 1 ? ['A1:B2'] : [],
        })),
        { date1904 },
      );
      const content = zipParts({ ...parts, '[Content_Types].xml': contentTypes(sheets.length) });
      const { landed, remove } = await landContent(content, 'book.xlsx');
      try {
        const ours = await ownValues(landed.path);
        expect(differences(ours, sheetJsValues(Buffer.from(content)))).toEqual([]);
      } finally {
        await remove();
      }
    }),
    { numRuns: 100 },
  );
});
