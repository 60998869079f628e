import { expect, test } from 'vitest';

import { column } from '../../src/contract/column.ts';
import type { RejectedShare } from '../../src/contract/contract.ts';
import { checkTolerance } from '../../src/load/tolerance.ts';

const tolerates = (max: RejectedShare, found: { rejected: number; read: number }): boolean => {
  const counts = { inserted: 0, changed: 0, unchanged: 0, duplicate: 0, flagged: 0 };
  const contract = { columns: { id: column.integer() }, rejected: { max } };
  try {
    checkTolerance(
      contract,
      { rows: { ...counts, ...found }, unreadable: () => 0 },
      { name: 'a.csv', source: 'a' },
    );
    return true;
  } catch {
    return false;
  }
};

test('a share that is met to the row is tolerated, whatever doubles make of it', () => {
  for (let hundredths = 1; hundredths <= 10_000; hundredths += 1) {
    const max: RejectedShare = `${hundredths / 100}%`;
    const tolerated = [hundredths, hundredths + 1].map((rejected) =>
      tolerates(max, { rejected, read: 10_000 }),
    );
    expect({ max, tolerated }).toEqual({ max, tolerated: [true, false] });
  }
});

test('nothing is wrong with no rows, and 0 tolerates none', () => {
  expect(tolerates('0%', { rejected: 0, read: 0 })).toBe(true);
  expect(tolerates(0, { rejected: 0, read: 5 })).toBe(true);
  expect(tolerates('0%', { rejected: 1, read: 1_000_000 })).toBe(false);
});
