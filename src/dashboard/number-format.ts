import type { Format } from './definition.ts';

/** How the project writes numbers. */
export interface NumberFormatter {
  /** In full: every digit the format has, exact however long the decimal. `'–'` for null. */
  readonly value: (value: string | null, format: Format | undefined) => string;
  /**
   * A number nobody gave a format: one with a fraction is written the project's way with at most four
   * decimals, a whole one as it is, since it may be a year or the number of an invoice.
   */
  readonly plain: (value: string) => string;
  /** Every digit there is, grouped: for sums that must agree to the last one. */
  readonly exact: (value: string) => string;
  /** For a headline: from 10,000 on without decimals. */
  readonly headline: (value: string | null, format: Format | undefined) => string;
  /** For an axis: short, as in `€20k`. */
  readonly compact: (value: number, format: Format | undefined) => string;
  /** `340 ms`, `2.6 s`, of whole milliseconds. */
  readonly duration: (ms: string) => string;
  /** A ratio as a share: 0.159 is `15.9%`. Its sign is left to the arrow beside it. */
  readonly share: (ratio: number) => string;
}

/** What stands for a value that is not there. */
export const noValue = '–';

/** Builds the project's way of writing numbers, of a BCP 47 language and an ISO 4217 currency. */
export function createNumberFormatter(locale: string, currency: string): NumberFormatter {
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
  const whole: Record<Format, Intl.NumberFormat> = {
    ...inShort,
    money: number({ ...currencyStyle, maximumFractionDigits: 0 }),
    number: inFull.integer,
    integer: inFull.integer,
  };
  const hasCents = (inFull.money.resolvedOptions().maximumFractionDigits ?? 0) > 0;
  const seconds = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const value = (text: string | null, format: Format | undefined): string => {
    if (text === null) return noValue;
    if (format === undefined || !isNumber(text)) return text;
    return inFull[format].format(text);
  };
  // Some languages have no short form below a million: `66.074,2 €` is longer than it need be.
  const compact = (amount: number, format: Format = 'number'): string => {
    const shortened = inShort[format].formatToParts(amount).some((part) => part.type === 'compact');
    const hasDecimals = Math.abs(amount) < 1000 && (format !== 'money' || hasCents);
    return (shortened || hasDecimals ? inShort : whole)[format].format(amount);
  };
  return {
    value,
    plain: (text) => {
      const digits = Math.min(text.split('.')[1]?.length ?? 0, 4);
      if (digits === 0 || !isNumber(text)) return text;
      return number({
        ...sign,
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(text);
    },
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
        return whole.money.format(text);
      return value(text, format ?? 'number');
    },
    compact,
    duration: (ms) => (Number(ms) < 1000 ? `${ms} ms` : `${seconds.format(Number(ms) / 1000)} s`),
    share: (ratio) => inFull.percent.format(Math.abs(ratio)),
  };
}

/** A decimal as Postgres writes it; `Intl.NumberFormat` reads such text exactly, without a double. */
export function isNumber(text: string): text is `${number}` {
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/u.test(text);
}
