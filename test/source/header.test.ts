import { expect, test } from 'vitest';

import { fillLevels, type Header, headerProblem, joinLabels } from '../../src/source/header.ts';

test('levels are joined from the top, empty parts left out', () => {
  const levels = [
    ['', '2025', '2025'],
    [' ', 'Q1', 'Q2 '],
    ['id', 'net'],
  ];
  expect(joinLabels(levels)).toEqual(['id', '2025 Q1 net', '2025 Q2']);
  expect(joinLabels(levels, ' / ')).toEqual(['id', '2025 / Q1 / net', '2025 / Q2']);
  expect(joinLabels([])).toEqual([]);
});

test('a group ends where a row above it begins another', () => {
  expect(
    fillLevels([
      ['', '2025', '', '2026', ''],
      ['', 'Q1', '', '', 'Q2'],
      ['id', 'net', 'tax', 'net', 'tax'],
    ]),
  ).toEqual([
    ['', '2025', '2025', '2026', '2026'],
    ['', 'Q1', 'Q1', '', 'Q2'],
    ['id', 'net', 'tax', 'net', 'tax'],
  ]);
});

test('a column without a label of its own belongs to no group', () => {
  expect(
    fillLevels([
      ['id', 'Q1'],
      ['', 'net', 'tax', ''],
    ]),
  ).toEqual([
    ['id', 'Q1', 'Q1', ''],
    ['', 'net', 'tax', ''],
  ]);
});

test.each<[Header, string]>([
  [{ row: 1.5 }, 'header.row is 1.5'],
  [{ row: 1, rows: 6 } as unknown as Header, 'header.rows is 6; expected 1 to 5'],
  [{ row: 1, join: 7 } as unknown as Header, 'header.join is 7'],
  [{ row: 1, jion: '-' } as Header, 'header.jion is none of its settings'],
  [{ names: ['id'], row: 2 }, 'header has names and rows'],
])('%j is refused', (header, problem) => {
  expect(headerProblem(header)).toContain(problem);
});
