import { describe, expect, test } from 'vitest';

import { previewContent, questionsOf } from './preview-content.ts';

/** Rows of three pages with the sums at their ends and beginnings as `carried` words it. */
function ledger(carried: (page: number, sum: number) => readonly string[]): string {
  const lines = ['Date;Text;Amount;Balance'];
  let sum = 0;
  for (let row = 0; row < 15; row += 1) {
    if (row > 0 && row % 5 === 0) lines.push(...carried(row / 5, sum));
    sum += row + 1;
    lines.push(`2026-03-${String(row + 10)};Entry ${row};${row + 1};${1000 + sum}`);
  }
  return [...lines, `;Total;${sum};`].join('\n');
}

describe('carry-overs are told from rows by their words and their sums', () => {
  test.each([
    ['Übertrag', 'Übertrag'],
    ['Carried forward', 'Brought forward'],
    ['c/f', 'b/f'],
    ['Zwischensumme/Übertrag', 'Übertrag'],
    ['A reporter', 'Report'],
    ['Suma y sigue', 'Suma anterior b/f'],
    ['次頁へ繰越', '前頁より繰越'],
  ])('%s and %s', async (foot, head) => {
    const preview = await previewContent(
      ledger((_, sum) => [`;${foot};${sum};${1000 + sum}`, `;${head};${sum};${1000 + sum}`]),
    );
    expect(preview.check).toMatchObject({ rows: 15, accepted: 15 });
    expect(preview.settings.totalsRow).toEqual([
      { where: 'Text', is: 'Total' },
      {
        where: 'Text',
        is: foot === head ? foot : [foot, head],
        kind: 'carry-over',
        // The balance repeats the row above, and is no sum.
        sums: ['Amount'],
      },
    ]);
    expect(preview.questions).toEqual([]);
    expect(preview.proofs).toContain('4 carry-overs, the first in row 7: 4 agree with their rows');
  });

  test('with the number of their page, which the next file has more of', async () => {
    const preview = await previewContent(
      ledger((page, sum) => [`;Übertrag von Seite ${page};${sum};`]),
    );
    expect(preview.settings.totalsRow).toEqual([
      { where: 'Text', is: 'Total' },
      { where: 'Text', is: /^(?:Übertrag von Seite \d+)$/i, kind: 'carry-over' },
    ]);
  });

  test('that no sum proves are asked about, and compared with nothing', async () => {
    const preview = await previewContent(
      'Date;Text;Debit;Credit;Balance\n01.03.2026;Report à nouveau;;;900\n02.03.2026;a;;5;905\n13.03.2026;b;6;;899\n',
    );
    expect(preview.check.rows).toBe(2);
    expect(preview.settings.totalsRow).toEqual({
      where: 'Text',
      is: 'Report à nouveau',
      kind: 'carry-over',
      sums: [],
    });
    expect(questionsOf(preview)).toEqual([
      'Row 2, "Report à nouveau", is taken for a balance carried over: it is not loaded, and counted, but compared with nothing. If it is a row of the table, remove the entry from totalsRow.',
    ]);
  });

  test.each(['Übertrag aus Januar', 'Vortrag 2025', 'Übertrag Vormonat'])(
    '%s above the first row may be in the total',
    async (word) => {
      const preview = await previewContent(
        `Datum;Text;Betrag\n;${word};100,00\n01.02.2026;a;10,50\n15.02.2026;b;-20,00\n;Summe;90,50\n`,
      );
      expect(preview.check.rows).toBe(2);
      // Without sums: the total counts it in.
      expect(preview.settings.totalsRow).toEqual([
        { where: 'Text', is: 'Summe' },
        { where: 'Text', is: expect.anything(), kind: 'carry-over' },
      ]);
      expect(preview.proofs).toEqual(['row 5, "Summe": 1 of 1 sums agree with the rows above']);
    },
  );

  test('and a client of that name is a row', async () => {
    const preview = await previewContent(
      'client,city,amount\nTransport,Ulm,10\nReport,,20\nVortrag,Bonn,30\n',
    );
    expect(preview.settings).not.toHaveProperty('totalsRow');
    expect(preview.check.rows).toBe(3);
  });

  test('and a bank transfer of that name is a row', async () => {
    const preview = await previewContent(
      'Datum;Text;Notiz;Betrag\n01.03.2026;Miete;;5,00\n13.03.2026;Übertrag;;700,00\n14.03.2026;Strom;x;6,00\n',
    );
    expect(preview.settings).not.toHaveProperty('totalsRow');
    expect(preview.check.rows).toBe(3);
  });
});

describe('several totals are compared each with its rows', () => {
  const rows = ['a;EUR;10;x', 'b;USD;20;', 'c;EUR;5;', 'd;CHF;1;'];
  test('by a column that they fill too', async () => {
    const preview = await previewContent(
      ['Id;Currency;Amount;Note', ...rows, 'Total;EUR;15;', 'Total;USD;20;', 'Total;CHF;1;'].join(
        '\n',
      ),
    );
    expect(preview.settings.totalsRow).toEqual({ where: 'Id', is: 'Total', per: 'Currency' });
    expect(preview.proofs).toEqual([
      '3 totals, each of the rows with its "Currency": 3 of 3 sums agree with them',
    ]);
    expect(preview.check.rows).toBe(4);
  });

  test('by a word in their text, beside the total of all', async () => {
    const preview = await previewContent(
      [
        'Id;Currency;Amount;Note',
        ...rows,
        'Total EUR;;15;',
        'Total USD;;20;',
        'Grand total;;36;',
      ].join('\n'),
    );
    expect(preview.settings.totalsRow).toEqual([
      { where: 'Id', is: 'Grand total' },
      { where: 'Id', is: /^Total\s+(.+)$/i, per: 'Currency' },
    ]);
  });

  test('or it is said that nothing tells which they are', async () => {
    const preview = await previewContent(
      ['Id;Amount;Note;More', 'a;10;x;', 'b;20;;y', 'Total A;11;;', 'Total B;21;;'].join('\n'),
    );
    expect(preview.settings.totalsRow).toMatchObject({ where: 'Id', sums: [] });
    expect(questionsOf(preview)[0]).toContain(
      '2 rows of totals (row 4, "Total A"; row 5, "Total B") are of different rows, and nothing tells of which',
    );
    expect(preview.check.rows).toBe(2);
  });

  test('and rows of one text that are sums of different rows are not compared', async () => {
    const preview = await previewContent(
      [
        'Id;Currency;Amount;Note',
        ...rows.slice(0, 2),
        'Total;;30;',
        ...rows.slice(2),
        'Total;;6;',
        'Total;;36;',
      ].join('\n'),
    );
    expect(preview.settings.totalsRow).toEqual({ where: 'Id', is: 'Total', sums: [] });
    expect(preview.check.rows).toBe(4);
  });
});

test('a total above the first row is no row when it is the sum of all below', async () => {
  const preview = await previewContent('Item,Qty,Amount\nTotal,3,30.5\na,1,10\nb,2,20.5\n');
  expect(preview.settings.totalsRow).toEqual({ where: 'Item', is: 'Total' });
  expect(preview.proofs).toEqual(['row 2, "Total": 2 of 2 sums agree with the rows below']);
  expect(preview.check.rows).toBe(2);
});

test('what a totals row repeats from the row above is no sum, and is left out of sums', async () => {
  const preview = await previewContent(
    'Day;Text;In;Balance\n2026-01-01;a;5;105\n2026-01-02;b;7;112\n;Summe;12;112\n',
  );
  expect(preview.settings.totalsRow).toEqual({ where: 'Text', is: 'Summe', sums: ['In'] });
  expect(preview.questions).toEqual([]);
});

test('a list that was printed: rules of dashes are no rows, and stars mark its sums', async () => {
  const rule = '-'.repeat(30);
  const preview = await previewContent(
    [
      'List of 31.03.2026',
      rule,
      '|No   |Date      |Amount  |Cur|',
      rule,
      ...Array.from(
        { length: 12 },
        (_, row) => `|${1001 + row} |${row + 10}.03.2026| 10,50  |EUR|`,
      ),
      '|1013 |31.03.2026|  1,50- |EUR|',
      rule,
      '|*    |          |124,50  |EUR|',
      rule,
      '',
    ].join('\n'),
  );
  expect(preview.settings).toMatchObject({ comment: '-----', totalsRow: { where: 'No', is: '*' } });
  expect(preview.check).toMatchObject({ rows: 13, accepted: 13 });
});
