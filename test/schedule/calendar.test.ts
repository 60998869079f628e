import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';

import type { Schedule } from '../../src/contract/schedule.ts';
import {
  nextOccurrences,
  occurrencesBetween,
  previousOccurrence,
} from '../../src/schedule/calendar.ts';
import { cron } from '../../src/schedule/cron.ts';
import { every } from '../../src/schedule/every.ts';
import { weekdays } from '../../src/schedule/schema.ts';

const berlin = 'Europe/Berlin';

function next(schedule: Schedule, after: string, count = 1): string[] {
  return nextOccurrences(schedule, { after, zone: berlin, count });
}

describe('at a change of the clocks', () => {
  it('a skipped time is due at the first instant after the gap', () => {
    expect(next(every.day().at('02:30'), '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ]);
  });

  it('several skipped times are one occurrence, the same as the first time after them', () => {
    expect(next(cron('*/20 2-3 * * *'), '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:20:00Z',
      '2026-03-29T01:40:00Z',
    ]);
  });

  it('a repeated time is due once, the first time', () => {
    expect(next(every.day().at('02:30'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(next(every.day().at('02:30'), '2026-10-25T00:30:00Z')).toEqual(['2026-10-26T01:30:00Z']);
  });

  it('a skipped day is due when the next one begins', () => {
    const options = { after: '2011-12-29T17:00:00Z', zone: 'Pacific/Apia', count: 2 };
    expect(nextOccurrences(every.day().at('06:00'), options)).toEqual([
      '2011-12-30T10:00:00Z',
      '2011-12-30T16:00:00Z',
    ]);
  });
});

describe('weeks', () => {
  const biweekly = every.weeks(2).on('monday').at('06:00').from('2026-01-05');

  it('are counted from the week of the start', () => {
    expect(next(biweekly, '2026-01-01T00:00:00Z', 3)).toEqual([
      '2026-01-05T05:00:00Z',
      '2026-01-19T05:00:00Z',
      '2026-02-02T05:00:00Z',
    ]);
  });

  it('are not due before the start, even in its own week', () => {
    const schedule = biweekly.from('2026-01-07');
    expect(next(schedule, '2020-01-01T00:00:00Z')).toEqual(['2026-01-19T05:00:00Z']);
    const before = { atOrBefore: '2026-01-19T04:59:59Z', zone: berlin };
    expect(previousOccurrence(schedule, before)).toBeUndefined();
  });

  it('are counted from that of 1970-01-05 without a start', () => {
    const [first] = next(every.weeks(2), '1970-01-01T00:00:00Z');
    expect(first).toBe('1970-01-05T05:00:00Z');
    const [before] = next(every.weeks(3), '1969-12-01T00:00:00Z');
    expect(before).toBe('1969-12-15T05:00:00Z');
  });
});

describe('months', () => {
  it('a day the month does not have is its last', () => {
    expect(next(every.month().onDay(30).at('12:00'), '2028-01-31T00:00:00Z', 3)).toEqual([
      '2028-02-29T11:00:00Z',
      '2028-03-30T10:00:00Z',
      '2028-04-30T10:00:00Z',
    ]);
  });

  it('last is the last', () => {
    expect(next(every.month().onDay('last').at('12:00'), '2027-02-01T00:00:00Z', 2)).toEqual([
      '2027-02-28T11:00:00Z',
      '2027-03-31T10:00:00Z',
    ]);
  });
});

describe('cron', () => {
  it('is due when either day field matches, as in Vixie cron', () => {
    expect(next(cron('0 12 13 * fri'), '2026-11-01T00:00:00Z', 4)).toEqual([
      '2026-11-06T11:00:00Z',
      '2026-11-13T11:00:00Z',
      '2026-11-20T11:00:00Z',
      '2026-11-27T11:00:00Z',
    ]);
  });

  it('waits for 29 February on a Sunday across 2100', () => {
    const found = next(cron('0 12 29 2 */7'), '2088-03-01T00:00:00Z');
    expect(found).toEqual(['2128-02-29T11:00:00Z']);
  });
});

it('counts from the instant, whatever its offset and spelling', () => {
  const schedule = every.day().at('06:00');
  expect(next(schedule, '2026-11-23T06:00:00+01:00')).toEqual(['2026-11-24T05:00:00Z']);
  expect(next(schedule, '2026-11-23 04:59:59.999999+00')).toEqual(['2026-11-23T05:00:00Z']);
  expect(next(schedule, '2026-11-23T05:00:00Z', 0)).toEqual([]);
});

const zones = fc.constantFrom(
  berlin,
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Africa/Casablanca',
  'UTC',
);
const instants = fc
  .integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2037, 0, 1) })
  .map((ms) => new Date(ms).toISOString());
const times = fc
  .integer({ min: 0, max: 1439 })
  .map((minute) =>
    Temporal.PlainTime.from('00:00').add({ minutes: minute }).toString().slice(0, 5),
  );
const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  times.map((time) => every.day().at(time)),
  fc
    .tuple(fc.integer({ min: 1, max: 52 }), fc.constantFrom(...weekdays), times)
    .map(([weeks, day, time]) => every.weeks(weeks).on(day).at(time)),
  fc
    .tuple(fc.constantFrom<number | 'last'>('last', 1, 15, 28, 29, 30, 31), times)
    .map(([day, time]) => every.month().onDay(day).at(time)),
  fc.constantFrom('*/7 * * * *', '30 2 * * *', '0 */5 1-9 * mon', '59 23 28-31 * *').map(cron),
);

describe('for any schedule, zone and instant', () => {
  it('occurrences ascend strictly and come after the instant', () => {
    fc.assert(
      fc.property(schedules, zones, instants, (schedule, zone, after) => {
        const found = nextOccurrences(schedule, { after, zone, count: 6 });
        expect(found).toHaveLength(6);
        const ms = [after, ...found].map((instant) => Date.parse(instant));
        expect(ms.every((at, i) => i === 0 || at > (ms[i - 1] ?? Infinity))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('next, previous and between tell one story', () => {
    fc.assert(
      fc.property(schedules, zones, instants, (schedule, zone, after) => {
        const [first = '', second = ''] = nextOccurrences(schedule, { after, zone, count: 2 });
        expect(previousOccurrence(schedule, { atOrBefore: first, zone })).toBe(first);
        const justBefore = new Date(Date.parse(second) - 1).toISOString();
        expect(previousOccurrence(schedule, { atOrBefore: justBefore, zone })).toBe(first);
        expect(nextOccurrences(schedule, { after: first, zone, count: 1 })).toEqual([second]);
        const between = occurrencesBetween(schedule, { after, upTo: second, zone });
        expect(between).toEqual([first, second]);
      }),
      { numRuns: 200 },
    );
  });

  it('a daily schedule is due on each local date exactly once', () => {
    fc.assert(
      fc.property(times, zones, instants, (time, zone, after) => {
        const found = nextOccurrences(every.day().at(time), { after, zone, count: 400 });
        const dates = found.map((at) =>
          Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainDate(),
        );
        const gaps = dates.slice(1).map((date, i) => dates[i]?.until(date).days);
        expect(new Set(gaps)).toEqual(new Set([1]));
      }),
      { numRuns: 25 },
    );
  });
});
