import { Temporal } from 'temporal-polyfill';

import { createNumberFormatter } from './number-format.ts';
import type { NumberFormatter } from './number-format.ts';

/** How the project writes numbers and times. */
export interface FormatOptions {
  /** BCP 47, e.g. `'en-GB'`. */
  readonly locale: string;
  /** ISO 4217, e.g. `'EUR'`. */
  readonly currency: string;
  /** IANA zone in which instants are shown. */
  readonly zone: string;
}

export interface Formatter extends FormatOptions, NumberFormatter {
  /** `22 Nov 2026`, of `YYYY-MM-DD`. */
  readonly day: (day: string) => string;
  /** `22 Nov`, where the year is plain. */
  readonly dayOfMonth: (day: string) => string;
  /** `22 Nov 2026, 06:04` in the project's zone, of an instant in ISO form or as Postgres writes it. */
  readonly instant: (instant: string) => string;
  /** `06:04` when the instant is of the given day, else the whole. */
  readonly moment: (instant: string, today: string) => string;
  /** `Nov 2026` (`'short'`: `Nov 26`), of a day in it. */
  readonly month: (day: string, length?: 'short' | 'long') => string;
}

/** Builds the project's way of writing numbers and dates. Pure but for the ICU data of Node. */
export function createFormatter(options: FormatOptions): Formatter {
  const { locale, currency, zone } = options;
  const day = dateFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
  const dayShort = dateFormat(locale, { day: 'numeric', month: 'short' });
  const monthLong = dateFormat(locale, { month: 'short', year: 'numeric' });
  const monthShort = dateFormat(locale, { month: 'short', year: '2-digit' });
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const time = new Intl.DateTimeFormat(locale, { ...clock, timeZone: zone });
  const dayTime = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    ...clock,
    timeZone: zone,
  });

  const inZone = (instant: string): string =>
    Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
  return {
    ...options,
    ...createNumberFormatter(locale, currency),
    day: (text) => day.format(noon(text)),
    dayOfMonth: (text) => dayShort.format(noon(text)),
    instant: (instant) => dayTime.format(dateOf(instant)),
    moment: (instant, today) =>
      (inZone(instant) === today ? time : dayTime).format(dateOf(instant)),
    month: (text, length = 'long') =>
      (length === 'long' ? monthLong : monthShort).format(noon(text)),
  };
}

/** Postgres writes `2026-11-22 06:04:00+01`, which `Date` need not understand. */
function dateOf(instant: string): Date {
  return new Date(Temporal.Instant.from(instant).epochMilliseconds);
}

function dateFormat(locale: string, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...parts, timeZone: 'UTC' });
}

/** A calendar day as an instant that is that day in UTC. */
function noon(day: string): Date {
  return new Date(`${day.slice(0, 10)}T12:00:00Z`);
}
