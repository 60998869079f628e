import { Temporal } from 'temporal-polyfill';

/** The length of time a point on an axis stands for. */
export type Grain = 'day' | 'week' | 'month' | 'quarter' | 'year';

const lengths: Readonly<Record<Grain, Temporal.Duration>> = {
  day: Temporal.Duration.from({ days: 1 }),
  week: Temporal.Duration.from({ days: 7 }),
  month: Temporal.Duration.from({ months: 1 }),
  quarter: Temporal.Duration.from({ months: 3 }),
  year: Temporal.Duration.from({ years: 1 }),
};

/**
 * The coarsest length of time that all the days begin: first days of months are months. Given one
 * day only, a month at most: a single January is no reason to speak of years.
 */
export function grainOf(days: readonly string[]): Grain {
  const dates = days.map((day) => Temporal.PlainDate.from(day));
  const all = (test: (date: Temporal.PlainDate) => boolean): boolean => dates.every(test);
  if (dates.length > 1 && all((date) => date.day === 1 && date.month === 1)) return 'year';
  if (dates.length > 1 && all((date) => date.day === 1 && date.month % 3 === 1)) {
    const months = dates.map((date) => date.year * 12 + date.month).sort((a, b) => a - b);
    // First quarters only, without a month between them ever: January, April, July are months as well.
    if (months.length > 2) return 'quarter';
  }
  if (all((date) => date.day === 1)) return 'month';
  if (dates.length > 2 && all((date) => date.dayOfWeek === dates[0]?.dayOfWeek)) return 'week';
  return 'day';
}

/** The first day after the period that begins on `day`. */
export function nextPeriod(day: string, grain: Grain): string {
  return Temporal.PlainDate.from(day).add(lengths[grain]).toString();
}

/** The period that begins on `day` is not over on `today`. */
export function isUnfinished(day: string, grain: Grain, today: string): boolean {
  return day <= today && nextPeriod(day, grain) > today;
}

/** Beginnings of the periods from the first to the last given day, none left out. At most 10,000. */
export function everyPeriod(first: string, last: string, grain: Grain): readonly string[] {
  const periods: string[] = [];
  for (let day = first; day <= last && periods.length < 10_000; day = nextPeriod(day, grain)) {
    periods.push(day);
  }
  return periods;
}
