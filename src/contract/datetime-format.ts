/** A date and time of day as read, before a zone gives it meaning. Reused for every cell. */
export interface DateTimeFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 to 999,999. */
  microsecond: number;
  /** Minutes east of UTC; undefined when the text says nothing of it. */
  offsetMinutes: number | undefined;
}

/** Reads `text[start .. end)` into `fields`; false when it does not fit. */
export type DateTimeParser = (
  text: Uint8Array,
  start: number,
  end: number,
  fields: DateTimeFields,
) => boolean;

export const createFields = (): DateTimeFields => ({
  year: 1,
  month: 1,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  microsecond: 0,
  offsetMinutes: undefined,
});

const monthNames = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
];
const longMonths = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** Days in a month of the proleptic Gregorian calendar. */
function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** True when the fields name a moment that exists: no 31 April, no 25 o'clock. 24:00 is refused. */
export function isValid(fields: DateTimeFields): boolean {
  return (
    fields.year >= 1 &&
    fields.year <= 9999 &&
    fields.month >= 1 &&
    fields.month <= 12 &&
    fields.day >= 1 &&
    fields.day <= daysInMonth(fields.year, fields.month) &&
    fields.hour <= 23 &&
    fields.minute <= 59 &&
    fields.second <= 59
  );
}

/**
 * Days from 2000-01-01 (Postgres' epoch) to a date of the proleptic Gregorian calendar.
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */
export function daysFrom2000(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 730_425;
}

interface Cursor {
  readonly text: Uint8Array;
  at: number;
  readonly end: number;
}

/** Reads `min` to `max` digits; -1 when there are fewer. */
function readInt(cursor: Cursor, min: number, max: number): number {
  let value = 0;
  let count = 0;
  while (count < max && cursor.at < cursor.end) {
    const digit = (cursor.text[cursor.at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    cursor.at += 1;
    count += 1;
  }
  return count < min ? -1 : value;
}

type Step = (cursor: Cursor, fields: DateTimeFields) => boolean;

const numeric =
  (
    min: number,
    max: number,
    field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second',
  ): Step =>
  (cursor, fields) => {
    fields[field] = readInt(cursor, min, max);
    return fields[field] >= 0;
  };

/** Two-digit years: 00–68 are 20xx and 69–99 are 19xx, as POSIX strptime reads them. */
const shortYear: Step = (cursor, fields) => {
  const value = readInt(cursor, 2, 2);
  fields.year = value < 69 ? 2000 + value : 1900 + value;
  return value >= 0;
};

const named =
  (names: readonly string[]): Step =>
  (cursor, fields) => {
    const rest = Buffer.from(cursor.text.subarray(cursor.at, Math.min(cursor.end, cursor.at + 9)))
      .toString('latin1')
      .toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name));
    if (index < 0) return false;
    fields.month = index + 1;
    cursor.at += names[index]?.length ?? 0;
    return true;
  };

/** Fraction of a second, 1 to 9 digits; digits behind the microseconds must be zero. */
const fraction: Step = (cursor, fields) => {
  const from = cursor.at;
  const value = readInt(cursor, 1, 9);
  const micros = value * 10 ** (6 - (cursor.at - from));
  fields.microsecond = micros;
  return value >= 0 && Number.isInteger(micros);
};

/** `Z`, `+02:00`, `+0200` or `+02`. */
const offset: Step = (cursor, fields) => {
  const sign = cursor.text[cursor.at];
  cursor.at += 1;
  if (sign === 0x5a || sign === 0x7a) {
    fields.offsetMinutes = 0;
    return true;
  }
  if (sign !== 0x2b && sign !== 0x2d) return false;
  const hours = readInt(cursor, 2, 2);
  if (cursor.text[cursor.at] === 0x3a) cursor.at += 1;
  const minutes = cursor.at < cursor.end ? readInt(cursor, 2, 2) : 0;
  fields.offsetMinutes = (sign === 0x2d ? -1 : 1) * (hours * 60 + minutes);
  return hours >= 0 && hours <= 15 && minutes >= 0 && minutes < 60;
};

/** `am`/`pm`, after an hour of 1 to 12. */
const meridiem: Step = (cursor, fields) => {
  const letter = (cursor.text[cursor.at] ?? 0) | 0x20;
  if (((cursor.text[cursor.at + 1] ?? 0) | 0x20) !== 0x6d || fields.hour < 1 || fields.hour > 12)
    return false;
  if (letter !== 0x61 && letter !== 0x70) return false;
  fields.hour = (fields.hour % 12) + (letter === 0x70 ? 12 : 0);
  cursor.at += 2;
  return true;
};

const literal = (text: string): Step => {
  const expected = Buffer.from(text);
  return (cursor) => {
    for (const byte of expected) {
      if (cursor.at >= cursor.end || cursor.text[cursor.at] !== byte) return false;
      cursor.at += 1;
    }
    return true;
  };
};

const steps: Readonly<Record<string, Step>> = {
  yyyy: numeric(4, 4, 'year'),
  yy: shortYear,
  MMMM: named(longMonths),
  MMM: named(monthNames),
  MM: numeric(2, 2, 'month'),
  M: numeric(1, 2, 'month'),
  dd: numeric(2, 2, 'day'),
  d: numeric(1, 2, 'day'),
  HH: numeric(2, 2, 'hour'),
  H: numeric(1, 2, 'hour'),
  hh: numeric(2, 2, 'hour'),
  h: numeric(1, 2, 'hour'),
  mm: numeric(2, 2, 'minute'),
  m: numeric(1, 2, 'minute'),
  ss: numeric(2, 2, 'second'),
  s: numeric(1, 2, 'second'),
  S: fraction,
  XXX: offset,
  a: meridiem,
};

const formatTokens = (format: string): readonly string[] =>
  format.match(/'[^']*'|yyyy|yy|M{1,4}|dd?|HH?|hh?|mm?|ss?|S+|X+|a|./gsu) ?? [];

/** What the format of a date, and that of a time of day, has to name, by the letters of its tokens. */
export const dateTokens = ['y', 'M', 'd'];
export const timeTokens = ['H'];

/**
 * What is wrong with a format: a letter that is no token and stands unquoted, as in formats of other
 * languages, or a part that is missing. Undefined when it can be meant.
 */
function findFormatFault(format: string, needs: readonly string[]): string | undefined {
  const tokens = formatTokens(format);
  const stray = tokens.find((token) => /^[A-RU-WYZa-z]$/u.test(token) && !(token in steps));
  const known =
    'tokens are yyyy yy MMMM MMM MM M dd d HH H hh h a mm m ss s S XXX, and other letters stand in single quotes';
  if (stray !== undefined) return `has "${stray}", which means nothing; ${known}`;
  const lacks = needs.find((letter) => !tokens.some((token) => token.startsWith(letter)));
  const isTwelve = lacks === 'H' && tokens.some((token) => token.startsWith('h'));
  return lacks === undefined || isTwelve ? undefined : `has no "${lacks}"; ${known}`;
}

/**
 * Compiles a format such as `dd.MM.yyyy HH:mm`. Tokens: yyyy yy MMMM MMM MM M dd d HH H hh h a mm
 * m ss s S… XXX; marks, T, and text in single quotes stand for themselves. Throws RangeError for a
 * format that cannot be meant, which lacks one of `needs` or has a letter that is none of these.
 */
export function createDateTimeParser(format: string, needs: readonly string[]): DateTimeParser {
  const fault = findFormatFault(format, needs);
  if (fault !== undefined) throw new RangeError(`format "${format}" ${fault}`);
  const compiled = formatTokens(format).map((token): Step => {
    const step = steps[/^S+$/.test(token) ? 'S' : /^X+$/.test(token) ? 'XXX' : token];
    return step ?? literal(token.length > 1 && token.startsWith("'") ? token.slice(1, -1) : token);
  });
  return (text, start, end, fields) => {
    reset(fields);
    const cursor = { text, at: start, end };
    for (const step of compiled) if (!step(cursor, fields)) return false;
    return cursor.at === end && isValid(fields);
  };
}

function reset(fields: DateTimeFields): void {
  fields.year = 2000;
  fields.month = 1;
  fields.day = 1;
  fields.hour = 0;
  fields.minute = 0;
  fields.second = 0;
  fields.microsecond = 0;
  fields.offsetMinutes = undefined;
}

const digit = (text: Uint8Array, at: number): number => {
  const value = (text[at] ?? 0) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
};

/** Reads `yyyy-MM-dd` without allocating: the date of nearly every export. */
export function parseIsoDate(
  text: Uint8Array,
  start: number,
  end: number,
  fields: DateTimeFields,
): boolean {
  if (end - start < 10 || text[start + 4] !== 0x2d || text[start + 7] !== 0x2d) return false;
  fields.year =
    digit(text, start) * 1000 +
    digit(text, start + 1) * 100 +
    digit(text, start + 2) * 10 +
    digit(text, start + 3);
  fields.month = digit(text, start + 5) * 10 + digit(text, start + 6);
  fields.day = digit(text, start + 8) * 10 + digit(text, start + 9);
  fields.hour = 0;
  fields.minute = 0;
  fields.second = 0;
  fields.microsecond = 0;
  fields.offsetMinutes = undefined;
  // NaN fails every comparison, so a letter among the digits is no valid date.
  return isValid(fields);
}

/** Reads ISO 8601 date-times: `2026-03-31T14:30:00.123456+02:00`, with a space for T, seconds and offset optional. */
export function parseIsoDateTime(
  text: Uint8Array,
  start: number,
  end: number,
  fields: DateTimeFields,
): boolean {
  if (!parseIsoDate(text, start, end, fields)) return false;
  const cursor = { text, at: start + 10, end };
  if (cursor.at === end) return true;
  const separator = text[cursor.at];
  if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return false;
  cursor.at += 1;
  return (
    parseIsoTime(cursor, fields) &&
    (cursor.at === end || (offset(cursor, fields) && cursor.at === end)) &&
    isValid(fields)
  );
}

/** Reads `HH:mm`, `HH:mm:ss` or `HH:mm:ss.ffffff` at the cursor. */
function parseIsoTime(cursor: Cursor, fields: DateTimeFields): boolean {
  fields.hour = readInt(cursor, 2, 2);
  if (fields.hour < 0 || cursor.text[cursor.at] !== 0x3a) return false;
  cursor.at += 1;
  fields.minute = readInt(cursor, 2, 2);
  if (fields.minute < 0) return false;
  if (cursor.at >= cursor.end || cursor.text[cursor.at] !== 0x3a) return true;
  cursor.at += 1;
  fields.second = readInt(cursor, 2, 2);
  if (fields.second < 0) return false;
  const mark = cursor.at < cursor.end ? cursor.text[cursor.at] : undefined;
  if (mark !== 0x2e && mark !== 0x2c) return true;
  cursor.at += 1;
  return fraction(cursor, fields);
}

/** Reads a time of day in ISO form. */
export function parseIsoTimeOfDay(
  text: Uint8Array,
  start: number,
  end: number,
  fields: DateTimeFields,
): boolean {
  reset(fields);
  const cursor = { text, at: start, end };
  return parseIsoTime(cursor, fields) && cursor.at === end && isValid(fields);
}
