import { Temporal } from 'temporal-polyfill';

import type { PeriodPreset } from './definition.ts';

/** Days, both included, as `YYYY-MM-DD`. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** A period a reader chose, with the days it means and what it is compared with. */
export interface Period extends DayRange {
  /** Undefined when the reader gave the days. */
  readonly preset: PeriodPreset | undefined;
  /** The same length of time just before; undefined where there is no before. */
  readonly previous: DayRange | undefined;
  /** The same days a year earlier; undefined where there is no before. */
  readonly previousYear: DayRange | undefined;
}

/**
 * `'all'` as plain days. Not `-infinity`, which Postgres can compare but not subtract from, so that a
 * tile's SQL may do arithmetic with its period.
 */
const always: DayRange = { from: '0001-01-01', to: '9999-12-31' };

/** The days a preset means on a given day. Months and years are of the calendar and reach to today. */
export function presetPeriod(preset: PeriodPreset, today: string): Period {
  const day = Temporal.PlainDate.from(today);
  const month = day.with({ day: 1 });
  const withLength = (
    from: Temporal.PlainDate,
    to: Temporal.PlainDate,
    length: Temporal.Duration,
  ) => described({ from: from.toString(), to: to.toString() }, preset, length);
  const months = (count: number) =>
    withLength(
      month.subtract({ months: count - 1 }),
      day,
      Temporal.Duration.from({ months: count }),
    );
  const days = (count: number) =>
    withLength(day.subtract({ days: count - 1 }), day, Temporal.Duration.from({ days: count }));
  switch (preset) {
    case 'this month':
      return months(1);
    case 'last month':
      return withLength(
        month.subtract({ months: 1 }),
        month.subtract({ days: 1 }),
        Temporal.Duration.from({ months: 1 }),
      );
    case 'last 3 months':
      return months(3);
    case 'last 6 months':
      return months(6);
    case 'last 12 months':
      return months(12);
    case 'last 24 months':
      return months(24);
    case 'this year':
      return withLength(month.with({ month: 1 }), day, Temporal.Duration.from({ years: 1 }));
    case 'last year': {
      const newYear = month.with({ month: 1 });
      return withLength(
        newYear.subtract({ years: 1 }),
        newYear.subtract({ days: 1 }),
        Temporal.Duration.from({ years: 1 }),
      );
    }
    case 'last 7 days':
      return days(7);
    case 'last 30 days':
      return days(30);
    case 'all':
      return { ...always, preset, previous: undefined, previousYear: undefined };
  }
}

/**
 * A period between two days. Whole months are compared with as many whole months before, anything
 * else with as many days before.
 */
export function dayPeriod(range: DayRange): Period {
  const from = Temporal.PlainDate.from(range.from);
  const dayAfter = Temporal.PlainDate.from(range.to).add({ days: 1 });
  const wholeMonths = from.day === 1 && dayAfter.day === 1;
  const length = from.until(dayAfter, { largestUnit: wholeMonths ? 'months' : 'days' });
  return described(range, undefined, length);
}

function described(
  range: DayRange,
  preset: PeriodPreset | undefined,
  length: Temporal.Duration,
): Period {
  return {
    ...range,
    preset,
    previous: moved(range, length),
    previousYear: moved(range, Temporal.Duration.from({ years: 1 })),
  };
}

/** The range moved back. The last day of a month stays one when moved by months: 30 April ends as 31 March. */
function moved(range: DayRange, by: Temporal.Duration): DayRange | undefined {
  const from = Temporal.PlainDate.from(range.from);
  const to = Temporal.PlainDate.from(range.to);
  const byCalendar = by.months > 0 || by.years > 0;
  const wholeMonths = from.day === 1 && to.day === to.daysInMonth;
  const movedTo = to.subtract(by);
  const movedFrom = from.subtract(by);
  if (movedFrom.year < 1) return undefined;
  return {
    from: movedFrom.toString(),
    to: (byCalendar && wholeMonths
      ? movedTo.with({ day: movedTo.daysInMonth })
      : movedTo
    ).toString(),
  };
}

/** True for a day of the calendar written `YYYY-MM-DD`, from the year 1 on. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(text) || text < always.from) return false;
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

/** The calendar day of an instant in a zone, `YYYY-MM-DD`. */
export function dayIn(zone: string, instant: string): string {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
}
