import { parseDuration } from '../../contract/duration.ts';

/** How values of a cursor column are ordered. */
export type CursorOrder = 'instant' | 'number' | 'text';

/**
 * The order of a column of this type, or undefined when the values themselves must tell: a text
 * column may hold timestamps.
 */
export function cursorOrderOf(columnType: string): CursorOrder | undefined {
  if (columnType === 'timestamp' || columnType === 'date') return 'instant';
  if (columnType === 'integer' || columnType === 'decimal') return 'number';
  return undefined;
}

/** The order that fits a value. */
export function guessCursorOrder(value: string): CursorOrder {
  if (parseInstant(value) !== undefined) return 'instant';
  return parseNumber(value) === undefined ? 'text' : 'number';
}

/**
 * The later of two cursor values. A value that is not of the order never wins: one broken timestamp
 * must not move the cursor to where nothing is found again.
 */
export function laterCursor(
  held: string | undefined,
  value: string,
  order: CursorOrder,
): string | undefined {
  if (!isOfOrder(value, order)) return held;
  if (held === undefined || !isOfOrder(held, order)) return value;
  return compareCursors(value, held, order) > 0 ? value : held;
}

/** Whether `a` comes before `b`; false when either is not of the order. */
export function isBefore(a: string, b: string, order: CursorOrder): boolean {
  return isOfOrder(a, order) && isOfOrder(b, order) && compareCursors(a, b, order) < 0;
}

/** Negative, zero or positive as `a` is before, with or after `b`; both must be of the order. */
function compareCursors(a: string, b: string, order: CursorOrder): number {
  switch (order) {
    case 'instant':
      return compareBigints(parseInstant(a)?.picoseconds, parseInstant(b)?.picoseconds);
    case 'number':
      return compareNumbers(a, b);
    case 'text':
      return a < b ? -1 : Number(a > b);
  }
}

/**
 * The cursor moved back by the overlap, written as the cursor is (offset and decimals of the second
 * kept). For numbers the overlap is a number: `'100'`. Throws a RangeError when the two do not fit.
 */
export function rewindCursor(cursor: string, overlap: string): string {
  const instant = parseInstant(cursor);
  if (instant !== undefined) return formatInstant(instant, parseDuration(overlap));
  const number = parseNumber(cursor);
  const step = parseNumber(overlap);
  if (number !== undefined && step !== undefined) {
    const decimals = Math.max(number.decimals, step.decimals);
    return formatNumber(atScale(number, decimals) - atScale(step, decimals), decimals);
  }
  throw new RangeError(
    `the cursor '${cursor}' cannot be moved back by '${overlap}': timestamps take a duration such as '1 hour', numbers a number such as '100'`,
  );
}

interface Instant {
  /** Since 1970 in UTC; values without an offset are taken as UTC. */
  readonly picoseconds: bigint;
  /** As written: `T` or a space, decimals of the second, offset in minutes and its spelling. */
  readonly separator: string;
  readonly seconds: boolean;
  readonly decimals: number;
  readonly offsetMinutes: number;
  readonly offset: string;
}

const picosecondsPerMillisecond = 1_000_000_000n;
const instantPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:([T ])(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12})\d*)?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/u;

function parseInstant(text: string): Instant | undefined {
  const match = instantPattern.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, separator = '', hour, minute, second, fraction = '', offset = ''] =
    match;
  const numbers = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0));
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  const exists = date.getUTCMonth() === mo - 1 && date.getUTCDate() === d;
  if (!exists || h > 24 || mi > 59 || s > 60) return undefined;
  date.setUTCHours(h, mi, s);
  const offsetMinutes = parseOffset(offset);
  const milliseconds = BigInt(date.getTime() - offsetMinutes * 60_000);
  return {
    picoseconds: milliseconds * picosecondsPerMillisecond + BigInt(fraction.padEnd(12, '0')),
    separator,
    seconds: second !== undefined,
    decimals: fraction.length,
    offsetMinutes,
    offset,
  };
}

function parseOffset(offset: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/u.exec(offset);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

function formatInstant(instant: Instant, backMs: number): string {
  const moved = instant.picoseconds - BigInt(backMs) * picosecondsPerMillisecond;
  const local = moved + BigInt(instant.offsetMinutes * 60_000) * picosecondsPerMillisecond;
  const perSecond = picosecondsPerMillisecond * 1000n;
  // BigInt division rounds towards zero; instants before 1970 need the floor.
  const fraction = ((local % perSecond) + perSecond) % perSecond;
  const iso = new Date(Number((local - fraction) / picosecondsPerMillisecond)).toISOString();
  if (instant.separator === '') return iso.slice(0, 10);
  const decimals = fraction.toString().padStart(12, '0').slice(0, instant.decimals);
  const time = iso.slice(11, instant.seconds ? 19 : 16);
  const tail = decimals === '' ? '' : `.${decimals}`;
  return `${iso.slice(0, 10)}${instant.separator}${time}${tail}${instant.offset}`;
}

interface ExactNumber {
  readonly digits: bigint;
  readonly decimals: number;
}

function parseNumber(text: string): ExactNumber | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/u.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, decimals: fraction.length };
}

function atScale(number: ExactNumber, decimals: number): bigint {
  return number.digits * 10n ** BigInt(decimals - number.decimals);
}

function formatNumber(digits: bigint, decimals: number): string {
  if (decimals === 0) return digits.toString();
  const text = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, '0');
  return `${digits < 0n ? '-' : ''}${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

function compareNumbers(a: string, b: string): number {
  const left = parseNumber(a);
  const right = parseNumber(b);
  if (left === undefined || right === undefined) return 0;
  const decimals = Math.max(left.decimals, right.decimals);
  return compareBigints(atScale(left, decimals), atScale(right, decimals));
}

function compareBigints(a: bigint | undefined, b: bigint | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return a < b ? -1 : Number(a > b);
}

function isOfOrder(value: string, order: CursorOrder): boolean {
  if (order === 'text') return value !== '';
  return (order === 'instant' ? parseInstant(value) : parseNumber(value)) !== undefined;
}

/** Whether a text can be an overlap at all: a duration, or a number for numeric cursors. */
export function isOverlap(text: string): boolean {
  if (parseNumber(text) !== undefined) return true;
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}
