import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import { timeWindows, type WindowOptions } from '../../../src/source/api/time-windows.ts';

const options = (changed: Partial<WindowOptions> = {}): WindowOptions => ({
  from: 'from',
  to: 'to',
  size: '1 day',
  start: '2026-03-28',
  ...changed,
});

const windowsOf = (
  changed: Partial<WindowOptions>,
  now: string,
  { cursor, zone = 'Europe/Berlin' }: { cursor?: string; zone?: string } = {},
): string[] =>
  [...timeWindows(options(changed), { cursor, now, zone })].map(
    ({ from, to, closed }) => `${from} ${to}${closed ? '' : ' open'}`,
  );

describe('windows of time', () => {
  it('are days of the company, of 23 hours when the clocks go forward', () => {
    expect(windowsOf({}, '2026-03-30T06:00:00Z')).toEqual([
      '2026-03-27T23:00:00Z 2026-03-28T23:00:00Z',
      '2026-03-28T23:00:00Z 2026-03-29T22:00:00Z',
      '2026-03-29T22:00:00Z 2026-03-30T22:00:00Z open',
    ]);
  });

  it('are sent as days, the last one in or out', () => {
    const now = '2026-04-05T00:00:00Z';
    const weeks = { size: '1 week', format: 'date' as const };
    expect(windowsOf(weeks, now)).toEqual(['2026-03-28 2026-04-04', '2026-04-04 2026-04-11 open']);
    expect(windowsOf({ ...weeks, toIncluded: true }, now)[0]).toBe('2026-03-28 2026-04-03');
  });

  it('are months by the calendar', () => {
    expect(
      windowsOf({ size: '1 month', start: '2024-01-01', format: 'date' }, '2024-04-01T00:00:00Z', {
        zone: 'UTC',
      }),
    ).toEqual(['2024-01-01 2024-02-01', '2024-02-01 2024-03-01', '2024-03-01 2024-04-01']);
  });

  it('stay open for as long as they may still change', () => {
    expect(windowsOf({ lag: '36 hours' }, '2026-03-30T06:00:00Z')).toEqual([
      '2026-03-27T23:00:00Z 2026-03-28T23:00:00Z open',
      '2026-03-28T23:00:00Z 2026-03-29T22:00:00Z open',
      '2026-03-29T22:00:00Z 2026-03-30T22:00:00Z open',
    ]);
  });

  it('go on from the cursor, and there are none before the start', () => {
    const cursor = '2026-03-29T22:00:00Z';
    expect(windowsOf({}, '2026-03-30T06:00:00Z', { cursor })).toEqual([
      '2026-03-29T22:00:00Z 2026-03-30T22:00:00Z open',
    ]);
    expect(windowsOf({}, '2026-03-01T00:00:00Z')).toEqual([]);
    expect(() => windowsOf({}, '2026-03-30T06:00:00Z', { cursor: '1000' })).toThrow(/no moment/u);
  });

  it('cover every instant from the start to now once, in any zone, however often they are asked for', () => {
    const instant = fc
      .integer({ min: 0, max: 2 * 365 * 24 * 60 })
      .map((minutes) => new Date(Date.UTC(2025, 0, 1) + minutes * 60_000).toISOString());
    fc.assert(
      fc.property(
        fc.constantFrom(
          'Europe/Berlin',
          'America/St_Johns',
          'Australia/Lord_Howe',
          'Asia/Kathmandu',
        ),
        fc.constantFrom('1 hour', '6 hours', '1 day', '7 days', '1 month'),
        fc.uniqueArray(instant, { minLength: 1, maxLength: 4 }),
        (zone, size, moments) => {
          let cursor: string | undefined;
          let covered = Temporal.PlainDate.from('2025-01-01').toZonedDateTime(zone).toInstant();
          for (const now of moments.toSorted()) {
            const at = { cursor, now, zone };
            for (const window of timeWindows(options({ size, start: '2025-01-01' }), at)) {
              expect(Temporal.Instant.from(window.begin).equals(covered)).toBe(true);
              const begins = Date.parse(window.begin) < Date.parse(now);
              const ends = Date.parse(window.end) > Date.parse(now);
              expect(window.closed || (begins && ends)).toBe(true);
              if (!window.closed) break;
              covered = Temporal.Instant.from(window.end);
              cursor = window.end;
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
