import { Temporal } from 'temporal-polyfill';

import type { Grain } from './calendar-axis.ts';
import type { Formatter } from './format.ts';

/** What a point of an axis is called: short under the axis, long in a sentence or a table. */
export function axisLabel(
  x: string,
  grain: Grain | undefined,
  options: { readonly formatter: Formatter; readonly length: 'short' | 'long' },
): string {
  const { formatter, length } = options;
  switch (grain) {
    case undefined:
      return x === '' ? '–' : x;
    case 'year':
      return String(Temporal.PlainDate.from(x).year);
    case 'quarter': {
      const { year, month } = Temporal.PlainDate.from(x);
      return `Q${Math.ceil(month / 3)} ${length === 'short' ? String(year).slice(2) : year}`;
    }
    case 'month':
      return formatter.month(x, length);
    case 'week':
    case 'day':
      return length === 'short' ? formatter.dayOfMonth(x) : formatter.day(x);
  }
}
