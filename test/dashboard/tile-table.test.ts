import { describe, expect, test } from 'vitest';

import { calendarMeaning } from '../../src/dashboard/calendar-column.ts';
import { table } from '../../src/dashboard/definition.ts';
import { createFormatter } from '../../src/dashboard/format.ts';
import type { ColumnKind } from '../../src/dashboard/query.ts';
import { cellText, tileTable } from '../../src/dashboard/tile-table.ts';

const formatter = createFormatter({ locale: 'en-GB', currency: 'EUR', zone: 'Asia/Tokyo' });

/** A column of a table tile as people read it. */
function shown(name: string, kind: ColumnKind, values: readonly (string | null)[]): string[] {
  const tile = table({ title: 'T', sql: 'select 1' });
  const data = {
    kind: 'table' as const,
    columns: [{ name, title: name, format: undefined, kind }],
    rows: values.map((value) => [value]),
    truncated: false,
  };
  const shownTable = tileTable(tile, data, formatter);
  return values.map((_, row) => cellText(shownTable, { row, column: 0 }, formatter));
}

describe('a column of days', () => {
  test('that are months is written as months', () => {
    expect(shown('month', 'day', ['2026-10-01'])).toEqual(['Oct 2026']);
    expect(shown('closed_month', 'day', ['2026-10-01', null])).toEqual(['Oct 2026', '–']);
    expect(shown('since', 'day', ['2026-08-01', '2026-09-01', '2026-10-01'])).toEqual([
      'Aug 2026',
      'Sept 2026',
      'Oct 2026',
    ]);
  });

  test('that may be days is written as days', () => {
    expect(shown('paid_on', 'day', ['2026-09-01', '2026-10-01'])).toEqual([
      '1 Sept 2026',
      '1 Oct 2026',
    ]);
    expect(shown('month', 'day', ['2026-10-02'])).toEqual(['2 Oct 2026']);
    expect(calendarMeaning('day', ['2026-08-01', '2026-09-01', '2026-10-31'])).toBe('day');
  });

  test('that Postgres gave as midnights is one too', () => {
    expect(shown('month', 'instant', ['2026-10-01 00:00:00+09'])).toEqual(['Oct 2026']);
    expect(shown('day', 'instant', ['2026-10-02 00:00:00'])).toEqual(['2 Oct 2026']);
  });
});

test('instants are in the company’s zone, times of no zone as they are, and so is what no calendar has', () => {
  expect(shown('at', 'instant', ['2026-11-22 18:22:01.5+00', 'infinity'])).toEqual([
    '23 Nov 2026, 03:22',
    'infinity',
  ]);
  expect(shown('at', 'instant', ['2026-11-22 18:22:01'])).toEqual(['2026-11-22 18:22:01']);
});

test('numbers without a format line up, and years stay years', () => {
  expect(shown('mean', 'number', ['2613.4473809523809524', '12.5'])).toEqual([
    '2,613.4474',
    '12.5',
  ]);
  expect(shown('year', 'number', ['2026'])).toEqual(['2026']);
});
