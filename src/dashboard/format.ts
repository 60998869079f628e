import { Temporal } from 'temporal-polyfill';

import type { Format } from './definition.ts';

/** How the project writes numbers and times. */
export interface FormatOptions {
  /** BCP 47, e.g. `'en-GB'`. */
  readonly locale: string;
  /** ISO 4217, e.g. `'EUR'`. */
  readonly currency: string;
  /** IANA zone in which instants are shown. */
  readonly zone: string;
}

export interface Formatter extends FormatOptions {
  /** In full: every digit the format has, exact however long the decimal. `'–'` for null. */
  readonly value: (value: string | null, format: Format | undefined) => string;
  /** Every digit there is, grouped: for sums that must agree to the last one. */
  readonly exact: (value: string) => string;
  /** For a headline: from 10,000 on without decimals. */
  readonly headline: (value: string | null, format: Format | undefined) => string;
  /** For an axis: short, as in `€20k`. */
  readonly compact: (value: number, format: Format | undefined) => string;
  /** A ratio as a share: 0.159 is `15.9%`. Its sign is left to the arrow beside it. */
  readonly share: (ratio: number) => string;
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

/** What stands for a value that is not there. */
export const noValue = '–';

/** Builds the project's way of writing numbers and dates. Pure but for the ICU data of Node. */
export function createFormatter(options: FormatOptions): Formatter {
  const { locale, currency, zone } = options;
  // Without it what rounds to nothing from below would be written `-0`.
  const sign = { signDisplay: 'negative' } as const;
  const currencyStyle = { ...sign, style: 'currency', currency } as const;
  const shareStyle = { ...sign, style: 'percent', maximumFractionDigits: 1 } as const;
  const short = { ...sign, notation: 'compact', maximumFractionDigits: 1 } as const;
  const number = (style: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, style);
  const inFull: Record<Format, Intl.NumberFormat> = {
    money: number(currencyStyle),
    number: number({ ...sign, maximumFractionDigits: 2 }),
    integer: number({ ...sign, maximumFractionDigits: 0 }),
    percent: number(shareStyle),
  };
  const inShort: Record<Format, Intl.NumberFormat> = {
    money: number({ ...short, style: 'currency', currency }),
    number: number(short),
    integer: number(short),
    percent: inFull.percent,
  };
  const moneyRound = number({ ...currencyStyle, maximumFractionDigits: 0 });
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
  const value = (text: string | null, format: Format | undefined): string => {
    if (text === null) return noValue;
    if (format === undefined || !isNumber(text)) return text;
    return inFull[format].format(text);
  };
  return {
    ...options,
    value,
    exact: (text) => {
      const digits = text.split('.')[1]?.length ?? 0;
      if (!isNumber(text)) return text;
      return new Intl.NumberFormat(locale, {
        minimumFractionDigits: Math.min(digits, 100),
        maximumFractionDigits: Math.min(digits, 100),
      }).format(text);
    },
    headline: (text, format) => {
      if (format === 'money' && text !== null && isNumber(text) && Math.abs(Number(text)) >= 10_000)
        return moneyRound.format(text);
      return value(text, format ?? 'number');
    },
    compact: (amount, format) => inShort[format ?? 'number'].format(amount),
    share: (ratio) => inFull.percent.format(Math.abs(ratio)),
    day: (text) => day.format(noon(text)),
    dayOfMonth: (text) => dayShort.format(noon(text)),
    instant: (instant) => dayTime.format(dateOf(instant)),
    moment: (instant, today) =>
      (inZone(instant) === today ? time : dayTime).format(dateOf(instant)),
    month: (text, length = 'long') =>
      (length === 'long' ? monthLong : monthShort).format(noon(text)),
  };
}

/** A decimal as Postgres writes it; `Intl.NumberFormat` reads such text exactly, without a double. */
export function isNumber(text: string): text is `${number}` {
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/u.test(text);
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
