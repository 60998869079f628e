import fc from 'fast-check';
import { cron, every } from 'plumbline';
import { clockGaps, nextOccurrences, occurrencesBetween } from 'plumbline/runtime';
import type { Schedule } from 'plumbline/runtime';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';

import { firingsOf } from '../../src/schedule/event-bridge.ts';
import { firingsBetween } from './scheduler-calendar.ts';

const zones = [
  'Europe/Berlin',
  'America/New_York',
  // Half an hour of daylight saving time.
  'Australia/Lord_Howe',
  // Goes back for Ramadan, which wanders through the year.
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Pacific/Apia',
  // Skips the hour after midnight.
  'Africa/Cairo',
  'America/Santiago',
  'UTC',
];

const expressionsOf = (schedule: Schedule, zone = 'Europe/Berlin'): readonly string[] =>
  firingsOf(schedule, zone).map(({ expression }) => expression);

describe('expressions', () => {
  test.each<[string, Schedule, readonly string[]]>([
    ['a day', every.day().at('06:00'), ['cron(0 6 * * ? *)']],
    ['a week', every.week().on('monday').at('07:05'), ['cron(5 7 ? * MON *)']],
    ['two weeks', every.weeks(2).on('sunday').at('06:00'), ['cron(0 6 ? * SUN *)']],
    ['a day of the month', every.month().onDay(8).at('09:00'), ['cron(0 9 8 * ? *)']],
    ['the last day', every.month().onDay('last').at('23:59'), ['cron(59 23 L * ? *)']],
    ['the 31st or last', every.month().onDay(31).at('09:00'), ['cron(0 9 L * ? *)']],
    [
      'the 30th or last',
      every.month().onDay(30).at('09:00'),
      ['cron(0 9 30 1,3-12 ? *)', 'cron(0 9 L 2 ? *)'],
    ],
    ['weekdays', cron('0 6 * * 1-5'), ['cron(0 6 ? * MON-FRI *)']],
    ['Sunday written as 7', cron('0 6 * * 5-7'), ['cron(0 6 ? * SUN,FRI,SAT *)']],
    ['every quarter of an hour', cron('*/15 * * * *'), ['cron(0,15,30,45 * * * ? *)']],
    ['every minute', cron('* * * * *'), ['cron(* * * * ? *)']],
    ['either day', cron('0 6 1,15 * 1'), ['cron(0 6 1,15 * ? *)', 'cron(0 6 ? * MON *)']],
    ['both days', cron('0 6 */2 * 1'), ['cron(0 6 ? * MON *)']],
    ['either day, one of them any', cron('0 6 1-31 * 1'), ['cron(0 6 * * ? *)']],
  ])('%s', (_, schedule, expected) => {
    expect(expressionsOf(schedule)).toEqual(expected);
  });

  test('what is not due at every firing is guarded, and says why', () => {
    const guards = (schedule: Schedule) => firingsOf(schedule, 'UTC').map(({ guard }) => guard);
    expect(guards(every.week().on('monday'))).toEqual([undefined]);
    expect(guards(every.weeks(3).on('friday'))).toEqual([
      'it is due every 3 weeks, and this fires on every Friday',
    ]);
    expect(guards(every.week().on('friday').from('2027-01-01'))).toEqual([
      'nothing is due before 2027-01-01',
    ]);
    expect(guards(cron('0 6 */10 * 1'))).toEqual(['only days 1, 11, 21, 31 of the month count']);
  });

  test('a time that the clocks skip has a firing where the gap ends', () => {
    expect(firingsOf(every.day().at('02:30'), 'Europe/Berlin')).toEqual([
      { expression: 'cron(30 2 * * ? *)', guard: undefined },
      {
        expression: 'cron(0 3 ? 3 SUN *)',
        guard: expect.stringContaining('the clocks of Europe/Berlin go forward'),
      },
    ]);
    expect(expressionsOf(every.day().at('02:30'), 'America/New_York')).toContain(
      'cron(0 3 ? 3 SUN *)',
    );
    expect(expressionsOf(every.day().at('02:15'), 'Australia/Lord_Howe')).toContain(
      'cron(30 2 ? 10 SUN *)',
    );
    expect(expressionsOf(every.day().at('00:30'), 'Africa/Cairo')).toContain('cron(0 1 ? 4 FRI *)');
    // The end of the gap is a quarter of an hour like any other.
    expect(expressionsOf(cron('*/15 * * * *'))).toHaveLength(1);
  });

  test('the longest expression there can be fits', () => {
    const pairs = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index)
        .filter((value) => value % 3 !== 0)
        .join(',');
    const long = cron(`${pairs(1, 59)} ${pairs(1, 23)} ${pairs(1, 31)} ${pairs(1, 12)} *`);
    const [expression = ''] = expressionsOf(long, 'UTC');
    expect(expression.length).toBeGreaterThan(200);
    expect(expression.length).toBeLessThan(250);
  });
});

const time = fc
  .record({ hour: fc.nat(23), minute: fc.nat(59) })
  .map(({ hour, minute }) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
/** Most gaps lie here. */
const nightTime = fc
  .record({ hour: fc.nat(3), minute: fc.constantFrom(0, 1, 15, 30, 45, 59) })
  .map(({ hour, minute }) => `0${hour}:${String(minute).padStart(2, '0')}`);
const anyTime = fc.oneof(time, nightTime);
const weekday = fc.constantFrom('monday', 'wednesday', 'friday', 'saturday', 'sunday' as const);

function field(min: number, max: number, countMax: number): fc.Arbitrary<string> {
  return fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: countMax })
    .map((values) => values.join(','));
}

const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  anyTime.map((at) => every.day().at(at)),
  fc
    .tuple(
      fc.integer({ min: 1, max: 5 }),
      weekday,
      anyTime,
      fc.constantFrom(undefined, '2026-01-05', '2027-06-30'),
    )
    .map(([weeks, day, at, from]) => {
      const schedule = every.weeks(weeks).on(day).at(at);
      return from === undefined ? schedule : schedule.from(from);
    }),
  fc
    .tuple(fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant('last' as const)), anyTime)
    .map(([day, at]) => every.month().onDay(day).at(at)),
  fc
    .tuple(
      field(0, 59, 3),
      fc.oneof(field(0, 3, 2), field(0, 23, 2)),
      // From the 28th at most, so that no expression is refused for a date that never comes.
      fc.constantFrom('*', '*/2', '1', '10,28', '5-20'),
      fc.oneof(fc.constant('*'), field(1, 12, 3)),
      fc.constantFrom('*', '*/3', '0', '7', '1-5', 'fri-sun'),
    )
    .map((fields) => cron(fields.join(' '))),
);

/** What our calendar gives and what EventBridge would fire, from a day on. */
function compare(schedule: Schedule, zone: string, start: string, days: number) {
  const from = Temporal.PlainDate.from(start);
  const to = from.add({ days });
  const instantOf = (date: Temporal.PlainDate) =>
    date.toZonedDateTime(zone).toInstant().subtract({ milliseconds: 1 }).toString();
  const due = occurrencesBetween(schedule, { after: instantOf(from), upTo: instantOf(to), zone });
  const firings = (repeated: 'earlier' | 'later') =>
    firingsOf(schedule, zone).map(({ expression, guard }) => ({
      guard,
      instants: firingsBetween(expression, {
        zone,
        from: from.toString(),
        to: to.add({ days: 1 }).toString(),
        repeated,
      }),
    }));
  return { due, firings };
}

/** Comparable as text, whatever their fractions. */
const second = (instant: string): string => new Date(instant).toISOString().slice(0, 19);

describe('every occurrence is fired', () => {
  test.each(zones)('%s', (zone) => {
    fc.assert(
      fc.property(schedules, fc.integer({ min: 2026, max: 2036 }), (schedule, year) => {
        const { due, firings } = compare(schedule, zone, `${year}-01-01`, 400);
        const fired = firings('earlier');
        const all = new Set(fired.flatMap(({ instants }) => instants.map(second)));
        expect(due.filter((instant) => !all.has(second(instant)))).toEqual([]);
        // What is not guarded is due, each time: but for what lies past the end of the window.
        const expected = new Set(due.map(second));
        const last = due.at(-1) ?? '';
        const useless = fired
          .filter(({ guard }) => guard === undefined)
          .flatMap(({ instants }) => instants.map(second))
          .filter((instant) => instant <= second(last === '' ? '1970-01-01' : last))
          .filter((instant) => !expected.has(instant));
        expect(useless).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('also when the second of two equal local times is the one that fires', () => {
    fc.assert(
      fc.property(nightTime, fc.constantFrom(...zones), (at, zone) => {
        const { due, firings } = compare(every.day().at(at), zone, '2026-01-01', 400);
        const all = firings('later').flatMap(({ instants }) => instants.map((i) => Date.parse(i)));
        const late = due.map((instant) => {
          const after = all.filter((fired) => fired >= Date.parse(instant));
          return (Math.min(...after) - Date.parse(instant)) / 60_000;
        });
        // Late by as much as the clocks go back, and never by a day.
        expect(Math.max(...late)).toBeLessThanOrEqual(60);
      }),
      { numRuns: 30 },
    );
  });

  test('the gaps are those of the zones', () => {
    const gaps = clockGaps('Europe/Berlin', {
      after: '2026-01-01T00:00:00Z',
      upTo: '2028-01-01T00:00:00Z',
    });
    expect(gaps).toEqual([
      { from: '2026-03-29T02:00:00', to: '2026-03-29T03:00:00', at: '2026-03-29T01:00:00Z' },
      { from: '2027-03-28T02:00:00', to: '2027-03-28T03:00:00', at: '2027-03-28T01:00:00Z' },
    ]);
    const [due] = nextOccurrences(every.day().at('02:30'), {
      after: '2026-03-28T12:00:00Z',
      zone: 'Europe/Berlin',
      count: 1,
    });
    expect(due).toBe(gaps[0]?.at);
    expect(
      clockGaps('Asia/Kathmandu', { after: '2026-01-01T00:00:00Z', upTo: '2060-01-01T00:00:00Z' }),
    ).toEqual([]);
  });
});
