import { describe, expect, it } from 'vitest';

import type { Schedule } from '../../src/contract/schedule.ts';
import { nextOccurrences, occurrencesBetween } from '../../src/schedule/calendar.ts';
import { cron } from '../../src/schedule/cron.ts';
import { every } from '../../src/schedule/every.ts';
import { createZoneOracle } from './intl-oracle.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2018, 0, 1);
const end = Date.UTC(2028, 0, 1);

/** Northern and southern, half-hour, midnight and Ramadan changes, zones that gave them up, none. */
const zones = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Santiago',
  'America/Nuuk',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
];

/** A schedule beside the same said as a plain function of local days. */
interface Case {
  readonly schedule: Schedule;
  readonly isDueOn: (day: Date) => boolean;
  readonly timesMs: readonly number[];
  readonly earliestMs?: number;
}

const everyDay = (): boolean => true;
const daysInMonth = (day: Date): number =>
  new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
const times = (...hours: readonly number[]): number[] => hours.map((hour) => hour * hourMs);
const firstMonday = Date.UTC(2018, 0, 1);

const cases: Readonly<Record<string, Case>> = {
  'daily at 00:15': {
    schedule: every.day().at('00:15'),
    isDueOn: everyDay,
    timesMs: times(0.25),
  },
  'daily at 02:30': { schedule: every.day().at('02:30'), isDueOn: everyDay, timesMs: times(2.5) },
  'every 2 weeks on Sunday': {
    schedule: every.weeks(2).on('sunday').at('02:15').from('2018-01-01'),
    isDueOn: (day) =>
      day.getUTCDay() === 0 && Math.floor((day.getTime() - firstMonday) / dayMs / 7) % 2 === 0,
    timesMs: times(2.25),
    earliestMs: firstMonday,
  },
  'monthly on the 31st': {
    schedule: every.month().onDay(31).at('01:30'),
    isDueOn: (day) => day.getUTCDate() === daysInMonth(day),
    timesMs: times(1.5),
  },
  'cron on Sundays in March, April, October and November': {
    schedule: cron('0,30 0-3,23 * 3,4,10,11 sun'),
    isDueOn: (day) => day.getUTCDay() === 0 && [2, 3, 9, 10].includes(day.getUTCMonth()),
    timesMs: times(0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 23, 23.5),
  },
};

function expectedInstants(zone: string, { isDueOn, timesMs, earliestMs }: Case): string[] {
  const oracle = createZoneOracle(zone);
  const instants = new Set<number>();
  for (let day = earliestMs ?? start - 2 * dayMs; day < end + 2 * dayMs; day += dayMs) {
    if (isDueOn(new Date(day))) {
      for (const time of timesMs) instants.add(oracle.instantOf(day + time));
    }
  }
  return [...instants].filter((at) => at > start && at <= end).map(isoOf);
}

function isoOf(instantMs: number): string {
  return new Date(instantMs).toISOString().replace('.000Z', 'Z');
}

describe.each(zones)('ten years in %s', (zone) => {
  it.each(Object.entries(cases))('%s agrees with Intl', (_name, example) => {
    const found = occurrencesBetween(example.schedule, {
      after: isoOf(start),
      upTo: isoOf(end),
      zone,
    });
    expect(found).toEqual(expectedInstants(zone, example));
  });

  it('every quarter of an hour around each change of the clocks', () => {
    const oracle = createZoneOracle(zone);
    const schedule = cron('*/15 * * * *');
    for (const transition of oracle.transitions(start, end)) {
      const localStart = Math.floor(transition / dayMs) * dayMs - 2 * dayMs;
      const instants = new Set<number>();
      for (let local = localStart; local < localStart + 5 * dayMs; local += hourMs / 4) {
        instants.add(oracle.instantOf(local));
      }
      const [from, to] = [transition - 6 * hourMs, transition + 6 * hourMs];
      const expected = [...instants].filter((at) => at > from && at <= to).map(isoOf);
      const found = nextOccurrences(schedule, {
        after: isoOf(from),
        zone,
        count: expected.length,
      });
      expect(found).toEqual(expected);
    }
  });
});
