import { describe, expect, it } from 'vitest';

import type { Schedule } from '../../src/contract/schedule.ts';
import { cron } from '../../src/schedule/cron.ts';
import { describeSchedule } from '../../src/schedule/describe.ts';
import { every } from '../../src/schedule/every.ts';
import { scheduleSchema } from '../../src/schedule/schema.ts';

describe('every', () => {
  it.each<[Schedule, Schedule, string]>([
    [every.day(), { kind: 'daily', time: '06:00' }, 'every day at 06:00'],
    [every.day().at('05:30'), { kind: 'daily', time: '05:30' }, 'every day at 05:30'],
    [
      every.week(),
      { kind: 'weekly', weeks: 1, weekday: 'monday', time: '06:00', startDate: undefined },
      'every week on Monday at 06:00',
    ],
    [
      every.weeks(2).on('friday').at('23:59').from('2026-01-05'),
      { kind: 'weekly', weeks: 2, weekday: 'friday', time: '23:59', startDate: '2026-01-05' },
      'every 2 weeks on Friday at 23:59 from 2026-01-05',
    ],
    [every.month(), { kind: 'monthly', day: 1, time: '06:00' }, 'every month on the 1st at 06:00'],
    [
      every.month().onDay('last').at('07:00'),
      { kind: 'monthly', day: 'last', time: '07:00' },
      'every month on the last day at 07:00',
    ],
    [
      every.month().onDay(12).at('07:00'),
      { kind: 'monthly', day: 12, time: '07:00' },
      'every month on the 12th at 07:00',
    ],
    [cron('0 6 * * 1-5'), { kind: 'cron', expression: '0 6 * * 1-5' }, 'cron 0 6 * * 1-5'],
  ])('builds and describes schedule %#', (built, value, words) => {
    expect(built).toEqual(value);
    expect(Object.keys(built)).toEqual(Object.keys(value));
    expect(JSON.parse(JSON.stringify(built))).toEqual(JSON.parse(JSON.stringify(value)));
    expect(scheduleSchema.parse(built)).toEqual(value);
    expect(describeSchedule(built)).toBe(words);
  });

  it('takes the steps in any order', () => {
    const expected = every.weeks(2).on('tuesday').at('08:00').from('2026-03-01');
    expect(every.weeks(2).from('2026-03-01').at('08:00').on('tuesday')).toEqual(expected);
    expect(every.weeks(2).at('08:00').from('2026-03-01').on('tuesday')).toEqual(expected);
  });

  it('leaves the schedule it refines as it was', () => {
    const early = every.day().at('05:00');
    const late = early.at('22:00');
    expect([early.time, late.time]).toEqual(['05:00', '22:00']);
  });

  it.each([
    [() => every.day().at('24:00'), ".at('24:00'): expected a time HH:MM from 00:00 to 23:59"],
    [() => every.day().at('6:00'), ".at('6:00'): expected a time HH:MM from 00:00 to 23:59"],
    [() => every.weeks(0), 'every.weeks(0): expected 1 to 52 weeks'],
    [() => every.weeks(1.5), 'every.weeks(1.5): expected a whole number of weeks'],
    [() => every.weeks(Number.NaN), 'every.weeks(NaN): expected a whole number of weeks'],
    [() => every.week().from('2026-02-30'), ".from('2026-02-30'): expected a date YYYY-MM-DD"],
    [() => every.month().onDay(0), ".onDay(0): expected a day of the month, 1 to 31 or 'last'"],
    [() => every.month().onDay(32), ".onDay(32): expected a day of the month, 1 to 31 or 'last'"],
  ])('refuses a mistake, case %#', (build, message) => {
    expect(build).toThrow(message);
    expect(build).toThrow(expect.objectContaining({ code: 'schedule-invalid' }));
  });

  it('names the days when one is misspelt', () => {
    const week: { on: (day: never) => unknown } = every.week();
    expect(() => week.on('Monday' as never)).toThrow(
      ".on('Monday'): expected a day of the week: monday, tuesday",
    );
  });
});

describe('scheduleSchema', () => {
  it.each([
    { kind: 'daily' },
    { kind: 'daily', time: '7 am' },
    { kind: 'hourly', time: '07:00' },
    { kind: 'weekly', weeks: 2, weekday: 'mon', time: '06:00', startDate: undefined },
    { kind: 'monthly', day: 32, time: '06:00' },
    { kind: 'cron', expression: '61 * * * *' },
    'every day',
    undefined,
  ])('refuses %j', (value) => {
    expect(scheduleSchema.safeParse(value).success).toBe(false);
  });

  it('passes on what is wrong with a cron expression', () => {
    const result = scheduleSchema.safeParse({ kind: 'cron', expression: '61 * * * *' });
    expect(result.error?.issues[0]?.message).toContain('minute has "61"; expected 0 to 59');
  });
});
