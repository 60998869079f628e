import fc from 'fast-check';
import { expect, test } from 'vitest';

import { alignColumns, widthOf } from '../../src/digest/align-columns.ts';

test('numbers end and words begin in one column, whatever is in them', () => {
  expect(
    alignColumns(
      [
        ['Client', 'Revenue'],
        ['Société', '1'],
        ['東京商事', '12,345'],
        ['e\u0301', '–'],
      ],
      [false, true],
    ),
  ).toEqual([
    'Client    Revenue',
    'Société         1',
    '東京商事   12,345',
    'e\u0301               –',
  ]);
});

test('every line is as wide as the next when its last column is flush right', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }), (rows) => {
      const marked = rows.map(([a, b, c]) => [a, b, `${c}|`]);
      const widths = alignColumns(marked, [false, true, true]).map((line) => widthOf(line));
      expect(new Set(widths).size).toBe(1);
    }),
  );
});
