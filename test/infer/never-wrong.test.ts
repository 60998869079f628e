import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { ColumnSpec } from '../../src/contract/column.ts';
import type { InferredColumn } from '../../src/infer/inferred.ts';
import { readCell } from '../contract/read.ts';
import { plainDecimal, writtenTable, type WrittenColumn } from './dialects.ts';
import { previewContent } from './preview-content.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

/** What a cell is loaded as; a reject as its code. */
function loaded(spec: ColumnSpec, cell: string): string {
  const value = readCell(spec, cell);
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return spec.type === 'decimal' || spec.type === 'integer' ? plainDecimal(text) : text;
}

/** Texts as text lose nothing; what has a type must have the value that was written. */
function isRight(column: WrittenColumn, spec: ColumnSpec): boolean {
  if (spec.type === 'text' || spec.type === 'one-of') return true;
  return column.cells.every((cell, row) => {
    const value = loaded(spec, cell);
    const truth = column.values[row] ?? '';
    // A day is a moment too: midnight.
    return value === truth || `${value}T00:00:00.000000Z` === truth;
  });
}

/** A column was concluded to be what it is not. */
const failure = (what: string, column: WrittenColumn, { spec, questions }: InferredColumn): Error =>
  new Error(
    `${column.style} ${what}: ${JSON.stringify({ cells: column.cells.slice(0, 12), spec, questions })}`,
  );

test(`a column has the values that were written, or stays text with the truth among its readings (seed ${seed})`, async () => {
  const seen = { decided: 0, asked: 0, text: 0 };
  await fc.assert(
    fc.asyncProperty(writtenTable, async ({ columns, delimiter, text }) => {
      const preview = await previewContent(text, 'file.csv', { delimiter, headerRow: 1 });
      expect(preview.check.rows).toBe(columns[0]?.cells.length);
      for (const [index, column] of columns.entries()) {
        const inferred = preview.columns[index];
        if (inferred === undefined) throw new Error(`no column ${index} in ${text}`);
        const { spec, questions } = inferred;
        if (!isRight(column, spec)) throw failure('is wrong', column, inferred);
        if (column.type === 'text') continue;
        const readings = questions.flatMap((question) => question.readings);
        if (spec.type !== 'text' && spec.type !== 'one-of') seen.decided += 1;
        else if (readings.length > 0) {
          seen.asked += 1;
          const hasTruth = readings.some((reading) => isRight(column, reading.spec));
          if (!hasTruth) throw failure('lacks the true reading', column, inferred);
        } else seen.text += 1;
      }
    }),
    { seed, numRuns: 200 },
  );
  console.log(
    `decided ${seen.decided}, asked ${seen.asked}, left as text ${seen.text} (seed ${seed})`,
  );
  expect(seen.decided).toBeGreaterThan(seen.asked);
  expect(seen.text).toBeLessThan(seen.decided / 4);
});
