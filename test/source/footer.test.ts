import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Columns } from '../../src/contract/column.ts';
import { csv, type CsvOptions } from '../../src/source/csv/csv.ts';
import { type Footer, footerProblem, createFooterFilter } from '../../src/source/footer.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { RecordChunk } from '../../src/source/source.ts';
import { cellsOf, readContent, rowsOf } from './read-rows.ts';

type Given = Omit<CsvOptions<Columns>, 'from' | 'columns'>;
const read = (content: string, options: Given) =>
  readContent(csv({ from: folder('*.csv'), columns: {}, ...options }), content, 'a.csv');

const content =
  'id,n\n1,10\n2,20\nTotal,30\n\nNote: "net", of tax\n  a second note,\nand "one\nwith,two" lines\n';

test.each<Footer>([{ from: 'note:' }, { from: /^Note/gu }, { rows: 4 }])(
  'what stands below the table is passed over and counted: %j',
  async (footer) => {
    const table = await read(content, { footer, totalsRow: { where: 'id', is: 'Total' } });
    expect(cellsOf(table)).toEqual([
      ['1', '10'],
      ['2', '20'],
    ]);
    expect(table.summary.skipped).toEqual({
      'header-row': 1,
      'blank-row': 1,
      'totals-row': 1,
      'footer-row': 4,
    });
  },
);

test('a footer that is not there takes nothing, one larger than the table all', async () => {
  expect((await read('id\n1\n', { footer: { from: 'Note' } })).summary.skipped).toEqual({
    'header-row': 1,
  });
  const table = await read('id\n1\n', { footer: { rows: 3 } });
  expect(table.rows).toEqual([]);
  expect(table.summary.skipped).toEqual({ 'header-row': 1, 'footer-row': 1 });
});

test('a footer that goes on and on is a row of the table mistaken for one', async () => {
  const rows = Array.from({ length: 101 }, (_, index) => `${index},x`).join('\n');
  await expect(
    read(`id,n\n1,a\n2 notes,b\n${rows}\n`, { footer: { from: '2 n' } }),
  ).rejects.toMatchObject({
    code: 'format-error',
    message: expect.stringContaining('from "2 n" on in row 3, has more than 100 rows'),
  });
});

/** Rows of one cell, in memory that the reader uses again. */
function* chunksOf(texts: readonly string[], size: number): Generator<RecordChunk> {
  const bytes = Buffer.alloc(1024);
  for (let start = 0; start < texts.length; start += size) {
    const part = texts.slice(start, start + size);
    bytes.fill(0).write(part.join(''));
    let at = 0;
    const cells = Int32Array.from(part.flatMap((text) => [at, (at += text.length)]));
    const rows = Int32Array.from({ length: part.length + 1 }, (_, row) => row);
    const lines = Float64Array.from(part, (_, row) => start + row + 1);
    const chunk = { bytes, cells, kinds: undefined, rows, lines, count: part.length };
    yield { ...chunk, sheet: null, faults: undefined };
  }
}

test('the last rows are held back however the delivery is cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,5}$/u), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      (texts, rows, size) => {
        const filter = createFooterFilter({ rows }, 'a.csv');
        const given: [number, string | null | undefined][] = [];
        for (const chunk of chunksOf(texts, size)) {
          for (const part of filter.split(chunk)) {
            for (const row of rowsOf(part)) given.push([row.line, row.cells[0]]);
          }
        }
        const kept = texts.slice(0, Math.max(0, texts.length - rows));
        expect(given).toEqual(kept.map((text, index) => [index + 1, text]));
        expect(filter.count()).toBe(texts.length - kept.length);
      },
    ),
    { numRuns: 500 },
  );
});

test.each<[unknown, string]>([
  [{ rows: 0 }, 'footer.rows is 0'],
  [{ rows: 101 }, 'footer.rows is 101'],
  [{ from: '' }, 'footer.from is ""'],
  [{ from: /a?/u }, 'footer.from is /a?/u, which every row matches'],
  [{}, 'footer has no settings'],
  [{ rows: 1, from: 'a' }, 'footer has rows and from'],
  [{ startsWith: 'a' }, 'footer has startsWith'],
])('%j is refused', (footer, problem) => {
  // What no compiler saw.
  expect(footerProblem(footer as Footer)).toContain(problem);
});
