import { expect, test } from 'vitest';

import type { Columns } from '../../src/contract/column.ts';
import { csv, type CsvOptions } from '../../src/source/csv/csv.ts';
import { folder } from '../../src/source/location/folder.ts';
import { CellKind, type StatedSubtotal } from '../../src/source/source.ts';
import { type TotalsRow, totalsProblem } from '../../src/source/totals-row.ts';
import { cellsOf, landContent, readContent, sourceContext } from './read-rows.ts';

type Given = Omit<CsvOptions<Columns>, 'from' | 'columns'>;
const source = (options: Given) => csv({ from: folder('*.csv'), columns: {}, ...options });
const read = (content: string, options: Given) => readContent(source(options), content, 'a.csv');

const byRegion: TotalsRow[] = [
  { where: 'id', is: /^total (north|south)$/giu, kind: 'subtotal' },
  { where: 'id', is: ['Grand total', 'Σ'] },
];
const regions =
  'id,amount\n1,10\n2,20\nTotal North,30\n3,5\nTOTAL SOUTH,5\n\nTotal South,0\nΣ,35\nTotal,1\n';

test('a row is a total by any of several texts or a pattern, and everything else is a row', async () => {
  const table = await read(regions, { totalsRow: byRegion });
  expect(cellsOf(table)).toEqual([
    ['1', '10'],
    ['2', '20'],
    ['3', '5'],
    ['Total', '1'],
  ]);
  expect(table.summary).toEqual({
    skipped: { 'header-row': 1, 'blank-row': 1, 'totals-row': 4 },
    totals: { amount: { text: '35', kind: CellKind.text } },
  });
});

test('subtotals come with the rows above them, with their line and level', async () => {
  const { landed, remove } = await landContent(regions, 'a.csv');
  const stream = await source({ totalsRow: byRegion }).read(landed, sourceContext());
  const seen: [rows: number, subtotal: StatedSubtotal | undefined][] = [];
  for await (const chunk of stream.chunks) seen.push([chunk.count, chunk.subtotal]);
  await remove();
  const stated = (line: number, text: string) => ({
    level: 0,
    line,
    sheet: null,
    goesOn: false,
    totals: { amount: { text, kind: CellKind.text } },
  });
  expect(seen).toEqual([
    [2, stated(4, '30')],
    [1, stated(6, '5')],
    [0, stated(8, '0')],
    [1, undefined],
  ]);
});

test('a broken row is rejected, also where it looks like a total', async () => {
  const table = await read('id,note\n1,a\nTotal,"open\n2,b\n', {
    totalsRow: { where: 'id', is: 'total' },
  });
  expect(table.rows.map((row) => [row.line, row.faults])).toEqual([
    [2, []],
    [3, ['format-error']],
    [4, []],
  ]);
});

test('labels of totals are folded like other labels', async () => {
  const table = await read('id,n\n  ÜBERTRAG,1\nÜbertrag  2,1\nübertrag 2,1\n', {
    totalsRow: { where: 'ID', is: ['übertrag', 'übertrag 2'] },
  });
  expect(table.rows).toEqual([]);
  expect(table.summary.skipped['totals-row']).toBe(3);
});

test.each<[unknown, string]>([
  [{ where: '', is: 'Total' }, 'totalsRow.where is ""'],
  [{ where: 'id', is: [] }, 'totalsRow.is is []'],
  [{ where: 'id', is: ' ' }, 'totalsRow.is is " "'],
  [{ where: 'id', is: /x*/u }, 'totalsRow.is is /x*/u, which an empty cell matches'],
  [[{ where: 'id', is: 'a' }, { where: 'id' }], 'totalsRow[1].is is undefined'],
  [{ where: 'id', is: 'a', kind: 'sum' }, 'totalsRow.kind is "sum"'],
  [{ were: 'id', is: 'a' }, 'totalsRow.were is none of its settings'],
  [{ where: 'id', is: 'a', per: '' }, 'totalsRow.per is ""'],
  [{ where: 'id', is: 'a', sums: 'n' }, 'totalsRow.sums is "n"; expected the labels of columns'],
  [{ where: 'id', is: 'a', sums: [''] }, 'totalsRow.sums is [""]'],
  [
    { where: 'id', is: 'a', kind: 'carry-over', per: 'n' },
    'totalsRow.per is for totals and subtotals',
  ],
  [
    [
      { where: 'id', is: 'a', per: 'n' },
      { where: 'id', is: 'b', per: 'm' },
    ],
    "totalsRow names 'n' and 'm' in per",
  ],
  ['Total', 'totalsRow is "Total"'],
])('%j is refused', (totalsRow, problem) => {
  // What no compiler saw.
  expect(totalsProblem(totalsRow as TotalsRow)).toContain(problem);
});

test('a pattern is part of what decides how a delivery is read', () => {
  const reading = (is: RegExp) => source({ totalsRow: { where: 'id', is } }).reading;
  expect(reading(/^Total/u)).not.toBe(reading(/^Sum/u));
  expect(reading(/^Total/u)).not.toBe(reading(/^Total/iu));
});
