import { describe, expect, test } from 'vitest';

import { writeSheet, writeWorkbook } from '../helpers/workbook.ts';
import { previewContent, questionsOf, typesOf } from './preview-content.ts';

const column = async (label: string, cells: readonly string[]) => {
  const lines = cells.map((cell, index) => `k${index};${cell}`);
  const preview = await previewContent(`key;${label}\n${lines.join('\n')}\n`);
  const [, found] = preview.columns;
  return { spec: found?.spec, questions: found?.questions ?? [], notes: found?.notes ?? [] };
};

describe('numbers', () => {
  test('one value with one reading decides for its column, and is named', async () => {
    const { spec, notes, questions } = await column('Amount', ['1.234', '12,50', '7']);
    expect(spec).toEqual({
      type: 'decimal',
      precision: 12,
      scale: 2,
      decimalMark: ',',
      thousandsMark: '.',
      required: true,
    });
    expect(questions).toEqual([]);
    expect(notes).toEqual(['marks proven by "12,50" in row 3']);
  });

  test('values with two readings stay text, with both', async () => {
    const { spec, questions } = await column('Amount', ['1.234', '5', '2.500']);
    expect(spec).toEqual({ type: 'text', required: true });
    expect(questions.map(({ text }) => text)).toEqual([
      '"1.234" in row 2 has two readings, and no other value shows which is meant.',
    ]);
    expect(questions[0]?.readings).toEqual([
      { spec: { type: 'integer', thousandsMark: '.' }, means: '"1.234" is 1234' },
      {
        spec: { type: 'decimal', precision: 12, scale: 3, decimalMark: '.' },
        means: '"1.234" is 1.234',
      },
    ]);
  });

  test('values that prove opposite marks decide nothing', async () => {
    const { spec, questions } = await column('Amount', ['1.234,50', '1,234.50', '3']);
    expect(spec).toMatchObject({ type: 'text' });
    expect(questions[0]?.text).toContain('"1.234,50" in row 2 and "1,234.50" in row 3');
  });

  test.each([
    ['leading zeros', 'x', ['00123', '10115'], 'text'],
    ['postcodes', 'Postal Code', ['10115', '80331'], 'text'],
    ['phones', 'x', ['+4930123456', '+4989654321'], 'text'],
    ['more digits than 64 bits', 'x', ['12345678901234567890', '1'], 'text'],
    ['spaces between thousands', 'x', ['1 234', '12 345 678'], 'integer'],
    ['trailing minus and parentheses', 'x', ['12-', '(3)', '4'], 'integer'],
    ['scientific notation, which contracts do not read as text', 'x', ['1e5', '2e5'], 'text'],
  ])('%s', async (_, label, cells, type) => {
    expect((await column(label, cells)).spec?.type).toBe(type);
  });

  test.each([
    ['(12,30) €', ['€']],
    ['€ (12,30)', ['€']],
    ['(€ 12,30)', ['€']],
    ['(12,30 EUR)', ['EUR']],
    ['12,30- €', ['€']],
    ['12,30 €-', ['€']],
    ['€ 12,30 \u{2212}', ['€']],
    ['€ -12,30', ['€']],
    ['-€12,30', ['€']],
    ['+ 12,30 zł', ['zł']],
    ['(12,30) %', undefined],
    ['(12,30 %)', undefined],
    ['12,30-%', undefined],
    ['- % 12,30', undefined],
  ])('%s is a number to the preview and to a load', async (text, symbols) => {
    const preview = await previewContent(
      `x\n"${text}"\n"${text.replace('12', '345')}"\n`,
      'x.csv',
      {
        delimiter: ';',
      },
    );
    expect(preview.columns[0]?.spec).toMatchObject({
      type: 'decimal',
      decimalMark: ',',
      ...(symbols === undefined ? { percent: true } : { symbols }),
    });
    expect(preview.check).toMatchObject({ accepted: 2, rejected: 0 });
  });

  test.each(['(1,50) €', '€ -1,50', '1,50- EUR', '1,50 €\u{2212}'])(
    'a column with %s has no bound at zero',
    async (text) => {
      const cells = Array.from({ length: 30 }, (_, index) => (index === 7 ? text : `${index},25`));
      const { spec } = await column('Amount', cells);
      expect(spec?.type).toBe('decimal');
      expect(spec).not.toHaveProperty('min');
    },
  );

  test('in a column of amounts that not all can be read are asked about: text is in no sum', async () => {
    const amounts = ['250.50', '99.00', '1,500.00', '820.00', '12,34,567.80'];
    const found = await column('Amount', amounts);
    expect(found.spec?.type).toBe('text');
    expect(found.questions.map(({ text }) => text)).toEqual([
      '80 % of the values are numbers, and one is not, "12,34,567.80" in row 6: all are loaded as text, which is in no sum. Groups of two digits are not read; a transform can take the commas out.',
    ]);
    const { questions } = await column('Invoice no', ['1', '2', '3', 'R-4']);
    expect(questions).toEqual([]);
  });

  test('an account is no key: the next statement names it again', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `DE${index};5,50`);
    const preview = await previewContent(`IBAN;x\n${lines.join('\n')}\n`);
    expect(preview.keys[0]).toMatchObject({ columns: ['iban'], isClear: false });
  });

  test('a date that is the same day in every order names the orders', async () => {
    const { questions } = await column('Day', ['01/01/2025', '02/02/2025']);
    expect(questions[0]?.readings.map(({ means }) => means)).toEqual([
      '"01/01/2025" is day first',
      '"01/01/2025" is month first',
    ]);
  });

  test('labels in two rows are said to be unsure, and --header names one', async () => {
    const text = 'Menge,Datum\nA-0,B-0\n0000,0000\n0001,0003\n';
    const joined = await previewContent(text);
    expect(joined.check.rows).toBe(2);
    expect(joined.questions.map((question) => question.text)).toContain(
      'Rows 1 to 2 are taken for the labels, joined. If only row 1 holds labels: --header 1.',
    );
    const named = await previewContent(text, 'file.csv', { headerRow: 1 });
    expect(named.check.rows).toBe(3);
    expect(Object.keys(typesOf(named))).toEqual(['menge', 'datum']);
  });

  test('symbols of which one begins another are told apart', async () => {
    const preview = await previewContent('No;x\na;5,50 kr\nb;kr. 7,25\n');
    expect(preview.check).toMatchObject({ accepted: 2, rejected: 0 });
    expect(preview.columns[1]?.spec.type).toBe('decimal');
  });

  test('percentages are fractions where every value says so', async () => {
    expect((await column('x', ['12 %', '7,5 %'])).spec).toMatchObject({
      type: 'decimal',
      scale: 3,
      percent: true,
      decimalMark: ',',
    });
    const mixed = await column('x', ['12 %', '7,5']);
    expect(mixed.spec).toMatchObject({ type: 'text' });
    expect(mixed.questions[0]?.text).toContain('12 may be 0.12');
  });

  test('euros and dollars are not added up', async () => {
    const { spec, questions } = await column('x', ['€ 12,50', '$ 7,50']);
    expect(spec).toMatchObject({ type: 'text' });
    expect(questions[0]?.text).toContain('€ and $');
  });

  test('placeholders are missing values, others are counted', async () => {
    const cells = Array.from({ length: 30 }, (_, index) => `${index},5`);
    const { spec, questions } = await column('x', [...cells, 'n/a', '-', 'see mail']);
    expect(spec).toMatchObject({ type: 'decimal', missing: ['-', 'n/a'] });
    expect(questions.map(({ text }) => text)).toEqual([
      '96.7 % of the values are numbers; one is not, the first "see mail" in row 34. That row is rejected.',
    ]);
  });
});

describe('dates', () => {
  test.each([
    ['a day beyond 12', ['03/04/2025', '13/04/2025'], { type: 'date', format: 'dd/MM/yyyy' }],
    ['a day beyond 12, second', ['3/4/2025', '4/13/2025'], { type: 'date', format: 'M/d/yyyy' }],
    ['ISO', ['2025-04-03'], { type: 'date' }],
    ['names of months', ['3 Apr 2025', '12 May 2025'], { type: 'date', format: 'd MMM yyyy' }],
    ['long names', ['April 3, 2025', 'May 12, 2025'], { type: 'date', format: 'MMMM d, yyyy' }],
    ['midnight', ['13.04.2025 00:00', '01.04.2025 00:00'], { type: 'date' }],
    [
      'an offset behind a space',
      ['2026-03-01 10:00:00 +0100', '2026-04-01 10:00:00 +0200'],
      { type: 'timestamp', format: 'yyyy-MM-dd HH:mm:ss XXX' },
    ],
    ['ISO with an offset', ['2025-04-03T12:00:00+02:00'], { type: 'timestamp' }],
    ['times of day', ['12:30', '7:05'], { type: 'time', format: 'H:mm' }],
    ['lengths of time', ['30:15', '7:05'], { type: 'text' }],
  ])('%s', async (_, cells, spec) => {
    expect((await column('x', cells)).spec).toMatchObject(spec);
  });

  test.each([
    ['slashes', ['03/04/2025', '05/06/2025'], ['dd/MM/yyyy', 'MM/dd/yyyy']],
    ['dots', ['03.04.2025'], ['dd.MM.yyyy', 'MM.dd.yyyy']],
    ['three of two digits', ['03-04-05'], ['dd-MM-yy', 'MM-dd-yy', 'yy-MM-dd']],
  ])('with two readings stay text: %s', async (_, cells, formats) => {
    const { spec, questions } = await column('x', cells);
    expect(spec).toMatchObject({ type: 'text' });
    const readings = questions[0]?.readings.map((reading) => reading.spec) ?? [];
    expect(readings.map((each) => 'format' in each && each.format)).toEqual(formats);
  });

  test('of both orders decide nothing', async () => {
    const { spec, questions } = await column('x', ['13/04/2025', '04/13/2025']);
    expect(spec).toMatchObject({ type: 'text' });
    expect(questions[0]?.text).toContain('No one order');
  });

  test('eight digits are a date only where the label says so', async () => {
    expect((await column('Datum', ['20250413', '20250414'])).spec).toMatchObject({
      type: 'date',
      format: 'yyyyMMdd',
    });
    const { spec, questions } = await column('x', ['20250413', '20250414']);
    expect(spec).toMatchObject({ type: 'text' });
    expect(questions[0]?.readings).toHaveLength(2);
  });
});

const rows = Array.from({ length: 40 }, (_, index) => ({
  no: `R-${1000 + index}`,
  region: ['North', 'South', 'East'][index % 3] ?? '',
  amount: (index * 7.5).toFixed(2).replace('.', ','),
  active: index % 2 === 0 ? 'ja' : 'nein',
}));

describe('a table', () => {
  const table = rows.map(({ no, region, amount, active }) =>
    [no, region, amount, active].join(';'),
  );

  test('with preamble, totals and footnote: each is told apart, and the totals are proven', async () => {
    const text = [
      'Report of March;;;',
      '',
      'Invoice No;Region;Amount (€);Active',
      ...table,
      'Total;;5.850,00;',
      '* provisional figures;;;',
    ].join('\n');
    const preview = await previewContent(text);
    expect(preview.settings).toEqual({
      builder: 'csv',
      delimiter: ';',
      header: { row: 3 },
      totalsRow: { where: 'Invoice No', is: 'Total' },
      footer: { from: '* provisional figures' },
    });
    expect(preview.proofs).toEqual(['row 44, "Total": 1 of 1 sums agree with the rows above']);
    expect(typesOf(preview)).toEqual({
      invoice_no: { type: 'text', required: true },
      region: { type: 'one-of', values: ['East', 'North', 'South'], required: true },
      amount_eur: {
        type: 'decimal',
        precision: 12,
        scale: 2,
        decimalMark: ',',
        // Only the total reaches a thousand.
        thousandsMark: '.',
        min: 0,
        required: true,
      },
      active: { type: 'boolean', trueValues: ['ja'], falseValues: ['nein'], required: true },
    });
    expect(preview.keys[0]).toMatchObject({ columns: ['invoice_no'], isClear: true });
    expect(preview.check).toMatchObject({ rows: 40, accepted: 40, rejected: 0 });
  });

  test('with subtotals: each is compared with its section', async () => {
    const text = [
      'No;Region;Amount;Note',
      'R-1;North;10;',
      'R-2;North;20;',
      'Subtotal;;30;',
      'R-3;South;5;',
      'Subtotal;;5;',
      'Grand total;;35;',
    ].join('\n');
    const preview = await previewContent(text);
    expect(preview.settings).toMatchObject({
      totalsRow: [
        { where: 'No', is: 'Grand total' },
        { where: 'No', is: 'Subtotal', kind: 'subtotal' },
      ],
    });
    expect(preview.questions).toEqual([]);
    expect(preview.check.rows).toBe(3);
  });

  test('with subtotals that leave but one cell blank: none is loaded as a row', async () => {
    const preview = await previewContent(
      [
        'Region;Filiale;Q1 Ist;Q1 Plan;Q2 Ist;Q2 Plan',
        'Nord;F1;10;20;30;40',
        'Nord;F2;11;21;31;41',
        'Summe Nord;;21;41;61;81',
        'Süd;F3;1;2;3;4',
        'Süd;F4;1;2;3;4',
        'Summe Süd;;2;4;6;8',
        'Gesamtsumme;;23;45;67;89',
      ].join('\n'),
    );
    expect(preview.settings).toMatchObject({
      totalsRow: [
        { where: 'Region', is: 'Gesamtsumme' },
        // The next file may have a region more.
        { where: 'Region', is: /^Summe\s+(.+)$/i, kind: 'subtotal' },
      ],
    });
    expect(preview.check).toMatchObject({ rows: 4, accepted: 4 });
  });

  test('with a client called Total who has no remark: it is a row', async () => {
    const preview = await previewContent(
      'Client;City;Qty;Price;Remark\nMaier;Ulm;1;5;\nTotal SA;Paris;1;7;\nTotal SE;Ulm;9;9;x\n',
    );
    expect(preview.settings).not.toHaveProperty('totalsRow');
    expect(preview.check.rows).toBe(3);
  });

  test('whose total is wrong: it is said, and declared', async () => {
    const preview = await previewContent(
      'No;Region;Amount;Note\nR-1;N;10;\nR-2;N;20;\nTotal;;31;\n',
    );
    expect(preview.settings).toMatchObject({ totalsRow: { where: 'No', is: 'Total' } });
    expect(questionsOf(preview).join('\n')).toContain('it states "31" in amount');
  });

  test('with a client called Total: it is a row', async () => {
    const preview = await previewContent('client;amount\nMaier;10\nTotal SA;20\n');
    expect(preview.settings).not.toHaveProperty('totalsRow');
    expect(preview.check.rows).toBe(2);
  });

  test('without labels: columns are named, and it is asked', async () => {
    const preview = await previewContent('1,2.5,2025-01-31\n2,3.5,2025-02-28\n3,1.5,2025-03-31\n');
    expect(preview.settings).toMatchObject({
      header: { names: ['column 1', 'column 2', 'column 3'] },
    });
    expect(questionsOf(preview)[0]).toContain('No row of labels');
    expect(preview.check).toMatchObject({ rows: 3, rejected: 0 });
  });

  test('with labels twice or none: they are left out, and it is said', async () => {
    const preview = await previewContent('a,a,,b\n1,2,3,4\n');
    expect(Object.keys(typesOf(preview))).toEqual(['b']);
    expect(preview.leftOut).toEqual([
      'column 1 is labelled "a", as another is',
      'column 2 is labelled "a", as another is',
      'column 3 has no label, and 1 values',
    ]);
  });

  test('whose rows only two columns tell apart, which are named as identifiers', async () => {
    const lines = Array.from(
      { length: 30 },
      (_, index) => `A${index % 10},${Math.floor(index / 10)},x`,
    );
    const head = 'Order No,Position,note\n';
    const preview = await previewContent(`${head}${lines.join('\n')}\n`);
    expect(preview.keys).toMatchObject([{ columns: ['order_no', 'position'], isClear: true }]);
    const repeated = await previewContent(`${head}${[...lines, 'A1,1,x'].join('\n')}\n`);
    expect(repeated.keys[0]).toMatchObject({ columns: ['order_no', 'position'], isClear: false });
  });

  test('of a few rows: no key is sure', async () => {
    const preview = await previewContent('Invoice No,x\nA,1\nB,2\n');
    expect(preview.keys).toMatchObject([{ columns: ['invoice_no'], isClear: false }]);
  });

  test('that counts its rows: the count is no key', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index + 1},x${index % 5}`);
    const preview = await previewContent(`Row ID,name\n${lines.join('\n')}\n`);
    expect(preview.keys).toMatchObject([{ columns: ['row_id'], isClear: false }]);
  });
});

describe('a workbook', () => {
  const date = (value: number) => ({ value, format: 'yyyy-mm-dd' });

  test('with a title, dates, an error and a sum', async () => {
    const preview = await previewContent(
      writeSheet([
        ['Payments'],
        undefined,
        ['Invoice', 'Paid', 'Amount', 'Client'],
        ...rows
          .slice(0, 20)
          .map(({ no, region }, index) => [no, date(45_000 + index), index / 4, region]),
        ['R-9', date(45_100), { attributes: 't="e"', xml: '<v>#N/A</v>' }, 'South'],
        ['Total', null, 47.5],
      ]),
      'payments.xlsx',
    );
    expect(preview.settings).toEqual({
      builder: 'excel',
      header: { row: 3 },
      totalsRow: { where: 'Invoice', is: 'Total' },
    });
    expect(typesOf(preview)).toMatchObject({
      paid: { type: 'date', required: true },
      amount: { type: 'decimal', precision: 12, scale: 2, min: 0 },
    });
    expect(preview.proofs).toEqual(['row 25, "Total": 1 of 1 sums agree with the rows above']);
    expect(preview.check).toMatchObject({ rows: 21, accepted: 20, rejected: 1 });
  });

  test('with sheets that are alike, and one that is hidden: it is said', async () => {
    const cells = [
      ['Client', 'Amount'],
      ['A', 1.5],
      ['B', 2.5],
    ];
    const preview = await previewContent(
      writeWorkbook([
        { name: 'Jan', rows: cells },
        { name: 'Feb', rows: cells },
        { name: 'Old', rows: cells, state: 'hidden' },
      ]),
      'year.xlsx',
    );
    expect(preview.settings).toMatchObject({ builder: 'excel', sheet: 'Jan' });
    expect(questionsOf(preview)).toEqual([
      "Only sheet 'Jan' is read; another has the same labels. To read them as one table: sheet: ['Jan', 'Feb'], sheetColumn: 'Sheet'.",
    ]);
    expect(preview.facts[0]?.value).toBe("'Jan', of Jan, Feb, Old (hidden)");
  });

  test('with labels in two rows that are not merged: it is said', async () => {
    const preview = await previewContent(
      writeSheet([
        ['Branch', 'January', null, 'February'],
        [null, 'Sales', 'Costs', 'Sales', 'Costs'],
        ['Ulm', 1, 2, 3, 4],
        ['Bonn', 5, 6, 7, 8],
      ]),
      'branches.xlsx',
    );
    expect(Object.keys(typesOf(preview))).toEqual([
      'branch',
      'january_sales',
      'january_costs',
      'february_sales',
      'february_costs',
    ]);
    expect(questionsOf(preview)).toEqual([
      'Rows 1 to 2 are taken for the labels, joined. If only row 1 holds labels: --header 1.',
    ]);
  });

  test('with merged groups over names, and the name of an index below, as pandas writes them', async () => {
    const preview = await previewContent(
      writeWorkbook([
        {
          name: 'Sheet1',
          rows: [
            [null, 'Q1', null, 'Q2', null],
            [null, 'Net', 'Tax', 'Net', 'Tax'],
            ['Region'],
            ['North', 1.5, 2.5, 3, 4],
            ['South', 5, 6, 7, 8],
          ],
          merges: ['B1:C1', 'D1:E1'],
        },
      ]),
      'pivot.xlsx',
    );
    expect(preview.settings).toMatchObject({ header: { row: 1, rows: 3 } });
    expect(Object.keys(typesOf(preview))).toEqual([
      'region',
      'q1_net',
      'q1_tax',
      'q2_net',
      'q2_tax',
    ]);
    expect(preview.check).toMatchObject({ rows: 2, accepted: 2 });
    expect(preview.questions).toEqual([]);
  });

  test('with dates whose cells have no format of one: it is asked', async () => {
    const preview = await previewContent(
      writeSheet([
        ['Order', 'Placed at'],
        ['a', 46_082.5],
        ['b', 46_083.25],
        ['c', 46_090],
      ]),
      'orders.xlsx',
    );
    expect(questionsOf(preview)).toEqual([
      'placed_at: "46082.5" in row 2 may be a date whose cell has no date format. As a date it would be rejected (date-serial-as-number): ask the sender to format the column.',
    ]);
  });

  test('whose few text dates have two readings: they alone are rejected', async () => {
    const days = Array.from({ length: 30 }, (_, index) => ['x', date(45_000 + index)]);
    const preview = await previewContent(
      writeSheet([['Name', 'Paid on'], ...days, ['x', '03.04.2025']]),
      'days.xlsx',
    );
    expect(typesOf(preview)).toMatchObject({ paid_on: { type: 'date', required: true } });
    expect(preview.check.refusals).toMatchObject([{ code: 'ambiguous-date', count: 1 }]);
  });
});

describe('names of columns', () => {
  test.each([
    ['Invoice #', 'invoice_no'],
    ['Größe in %', 'groesse_in_percent'],
    ['ClientNumber', 'client_number'],
    ['2024', 'column_2024'],
    ['Größe', 'groesse'],
    ['名前', 'column_1'],
    ['Prénom', 'prenom'],
  ])('%s is %s', async (label, name) => {
    const preview = await previewContent(`${label};other\nabc;1\ndef;2\n`, 'f.csv', {
      headerRow: 1,
    });
    expect(preview.columns[0]?.name).toBe(name);
  });
});

test.each([
  ['', 'empty.csv', 'is empty'],
  ['{"data": [{"a": 1}]}', 'answer.json', 'is JSON'],
  ['<!doctype html><html></html>', 'page.csv', 'web page'],
  [
    Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)),
    'junk.bin',
    'junk.bin',
  ],
])('refuses what is no table, with what it is (%#)', async (content, name, message) => {
  await expect(previewContent(content, name)).rejects.toThrow(message);
});
