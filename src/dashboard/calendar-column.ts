/** What the values of a column of dates or timestamps mean, and so how they are written. */
export type CalendarMeaning = 'month' | 'day' | 'instant';

/** Fewer first days of months than this may be days by chance. */
const monthsAtLeast = 3;

const midnightOfDay = /^(\d{4}-\d{2}-\d{2})(?: 00:00:00(?:[+-]\d{2}(?::\d{2})?)?)?$/u;

/**
 * Reads the meaning of a column off its values, as Postgres wrote them: `date_trunc` gives midnights
 * that are days, and first days that are months. First days are months when the column is called one
 * (`month`, `closed_month`) or when there are enough of them.
 */
export function calendarMeaning(name: string, values: readonly (string | null)[]): CalendarMeaning {
  const known = [...new Set(values.filter((value) => value !== null))];
  const days = known.map((value) => value.match(midnightOfDay)?.[1]);
  if (days.includes(undefined)) return 'instant';
  const named = /(?:^|_)month$/u.test(name);
  const first = days.every((day) => day?.endsWith('-01') === true);
  return first && (named || days.length >= monthsAtLeast) ? 'month' : 'day';
}
