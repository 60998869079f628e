import { CellKind, Outcome } from './cell.ts';

const zero = 0x30;
const nine = 0x39;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const comma = 0x2c;
const percentSign = 0x25;

/** How texts are read as numbers: byte values, 0 for "none". */
export interface Marks {
  readonly decimal: number;
  readonly group: number;
  /** Neither mark was declared, so `1.234` has two readings. */
  readonly undeclared: boolean;
  readonly symbols: readonly Uint8Array[];
  /** The text is a percentage and says so: `12 %` is 0.12. */
  readonly percent: boolean;
}

/** A number as digits: `sign * digits / 10^fraction`. One scratch value, reused for every cell. */
export interface Digits {
  negative: boolean;
  /** Digit values, without leading zeros. */
  readonly digits: Uint8Array;
  count: number;
  /** How many of them stand behind the decimal mark. */
  fraction: number;
  /** The digits as a number, exact while `count <= 15`. */
  value: number;
}

// No column is wider than numeric's 1,000 digits; a longer text is no number.
const digitsMax = 2_048;
export const createDigits = (): Digits => ({
  negative: false,
  digits: new Uint8Array(digitsMax),
  count: 0,
  fraction: 0,
  value: 0,
});

/** Strips declared symbols (`€`, `EUR`) and the white space around them; returns the new [start, end). */
function stripSymbols(
  bytes: Uint8Array,
  start: number,
  end: number,
  symbols: readonly Uint8Array[],
): [number, number] {
  let from = start;
  let to = end;
  for (const symbol of symbols) {
    if (to - from >= symbol.length && symbol.every((byte, index) => bytes[from + index] === byte))
      from += symbol.length;
    else if (
      to - from >= symbol.length &&
      symbol.every((byte, index) => bytes[to - symbol.length + index] === byte)
    )
      to -= symbol.length;
  }
  return trim(bytes, from, to);
}

/** Length of the white space beyond ASCII at `at`, in UTF-8: no-break, thin, ideographic, BOM. */
function wideSpaceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1];
  if (first === 0xc2) return second === 0xa0 ? 2 : 0;
  const third = bytes[at + 2] ?? 0;
  const isSpace =
    (first === 0xe2 && second === 0x80 && ((third >= 0x80 && third <= 0x8a) || third === 0xaf)) ||
    (first === 0xe2 && second === 0x81 && third === 0x9f) ||
    (first === 0xe3 && second === 0x80 && third === 0x80) ||
    (first === 0xef && second === 0xbb && third === 0xbf);
  return isSpace ? 3 : 0;
}

/** Length of the white space beyond ASCII that ends at `end`. */
const wideSpaceLengthBefore = (bytes: Uint8Array, end: number): number =>
  bytes[end - 2] === 0xc2 ? wideSpaceLength(bytes, end - 2) : wideSpaceLength(bytes, end - 3);

/** True when a text may begin or end with white space: most do not, and are told by one comparison each. */
export const mayNeedTrim = (bytes: Uint8Array, start: number, end: number): boolean => {
  const first = bytes[start] ?? 0;
  const last = bytes[end - 1] ?? 0;
  return (
    first <= 0x20 ||
    last <= 0x20 ||
    first === 0xc2 ||
    first >= 0xe2 ||
    (last >= 0x80 && (last === 0xa0 || (bytes[end - 3] ?? 0) >= 0xe2))
  );
};

/** Narrows [start, end) by white space at both ends. */
export function trim(bytes: Uint8Array, start: number, end: number): [number, number] {
  let from = start;
  let to = end;
  while (from < to) {
    const byte = bytes[from] ?? 0;
    if (byte <= 0x20) from += 1;
    else {
      const length = byte < 0xc2 ? 0 : wideSpaceLength(bytes, from);
      if (length === 0 || length > to - from) break;
      from += length;
    }
  }
  while (from < to) {
    const byte = bytes[to - 1] ?? 0;
    if (byte <= 0x20) to -= 1;
    else {
      const length = byte < 0x80 ? 0 : wideSpaceLengthBefore(bytes, to);
      if (length === 0 || length > to - from) break;
      to -= length;
    }
  }
  return [from, to];
}

/**
 * Takes the sign off a number: leading `+`, `-` or U+2212, trailing `-` (as SAP writes it) or
 * U+2212, or parentheses (as accountants do). Returns the rest as [start, end).
 */
function takeSign(bytes: Uint8Array, start: number, end: number, into: Digits): [number, number] {
  const first = bytes[start];
  const last = bytes[end - 1];
  into.negative = true;
  if (first === minus) return trim(bytes, start + 1, end);
  if (last === minus) return trim(bytes, start, end - 1);
  if (first === 0x28 && last === 0x29) return trim(bytes, start + 1, end - 1);
  if (first === 0xe2 && bytes[start + 1] === 0x88 && bytes[start + 2] === 0x92)
    return trim(bytes, start + 3, end);
  if (last === 0x92 && end - start > 3 && bytes[end - 3] === 0xe2 && bytes[end - 2] === 0x88)
    return trim(bytes, start, end - 3);
  into.negative = false;
  return first === plus ? trim(bytes, start + 1, end) : [start, end];
}

/** Length of the group mark at `at`; a space also stands for no-break and narrow no-break spaces. */
function groupMarkLength(bytes: Uint8Array, at: number, group: number): number {
  const byte = bytes[at];
  if (group === 0 || byte === undefined) return 0;
  if (byte === group) return 1;
  if (group === 0x27 && byte === 0xe2 && bytes[at + 1] === 0x80 && bytes[at + 2] === 0x99) return 3;
  if (group !== 0x20) return 0;
  if (byte === 0xc2 && bytes[at + 1] === 0xa0) return 2;
  if (byte === 0xe2 && bytes[at + 1] === 0x80 && (bytes[at + 2] === 0xaf || bytes[at + 2] === 0x89))
    return 3;
  return 0;
}

/** Appends a digit; false when the number is longer than any column. */
function pushDigit(into: Digits, digit: number): boolean {
  if (into.count === 0 && digit === 0) return true;
  if (into.count === digitsMax) return false;
  into.digits[into.count] = digit;
  into.count += 1;
  into.value = into.value * 10 + digit;
  return true;
}

/** Reads digits, group marks and one decimal mark; false when the text is no number. */
function readDigits(
  bytes: Uint8Array,
  start: number,
  end: number,
  marks: Marks,
  into: Digits,
): boolean {
  into.count = 0;
  into.fraction = 0;
  into.value = 0;
  let seen = 0;
  let sinceGroup = -1;
  let inFraction = false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= zero && byte <= nine) {
      if (!pushDigit(into, byte - zero)) return false;
      seen += 1;
      if (inFraction) into.fraction += 1;
      else if (sinceGroup >= 0) sinceGroup += 1;
      continue;
    }
    if (byte === marks.decimal && !inFraction) {
      if (sinceGroup >= 0 && sinceGroup !== 3) return false;
      inFraction = true;
      continue;
    }
    const length = inFraction ? 0 : groupMarkLength(bytes, at, marks.group);
    if (length === 0 || seen === 0 || (sinceGroup < 0 ? seen > 3 : sinceGroup !== 3)) return false;
    sinceGroup = 0;
    at += length - 1;
  }
  return seen > 0 && (inFraction || sinceGroup < 0 || sinceGroup === 3);
}

const canonical: Marks = {
  decimal: dot,
  group: 0,
  undeclared: false,
  symbols: [],
  percent: false,
};

/** Reads a canonical number (`-12.5`, `1e21`, `2.5E-7`) as spreadsheets and JSON write it. */
export function readCanonical(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Digits,
): boolean {
  let mantissaEnd = start;
  while (mantissaEnd < end && bytes[mantissaEnd] !== 0x65 && bytes[mantissaEnd] !== 0x45)
    mantissaEnd += 1;
  const [from, to] = takeSign(bytes, start, mantissaEnd, into);
  if (!readDigits(bytes, from, to, canonical, into)) return false;
  if (mantissaEnd === end) return true;
  const exponent = Number(
    Buffer.from(bytes.buffer, bytes.byteOffset + mantissaEnd + 1, end - mantissaEnd - 1).toString(
      'latin1',
    ),
  );
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 1_000) return false;
  into.fraction -= exponent;
  while (into.fraction < 0) {
    if (into.count > 0 && !pushDigit(into, 0)) return false;
    into.fraction += 1;
  }
  return true;
}

/** True for `1.234` and `1,234`: one mark, one to three digits before it, exactly three behind it. */
function hasTwoReadings(bytes: Uint8Array, start: number, end: number): boolean {
  const markAt = end - 4;
  const mark = bytes[markAt];
  if (
    markAt <= start ||
    markAt - start > 3 ||
    (mark !== dot && mark !== comma) ||
    bytes[start] === zero
  )
    return false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (at !== markAt && (byte < zero || byte > nine)) return false;
  }
  return true;
}

const hasPercentSign = (bytes: Uint8Array, start: number, end: number): boolean =>
  start < end && (bytes[start] === percentSign || bytes[end - 1] === percentSign);

/** Takes one percent sign off, and the white space beside it. */
const stripPercentSign = (bytes: Uint8Array, start: number, end: number): [number, number] =>
  bytes[end - 1] === percentSign ? trim(bytes, start, end - 1) : trim(bytes, start + 1, end);

/** Reads a cell as digits; an Outcome. */
export function readNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  kind: number,
  marks: Marks,
  into: Digits,
): number {
  if (kind === CellKind.number)
    return readCanonical(bytes, start, end, into) ? Outcome.ok : Outcome.type;
  if (kind !== CellKind.text) return Outcome.type;
  let [from, to] =
    marks.symbols.length > 0 ? stripSymbols(bytes, start, end, marks.symbols) : [start, end];
  // The percent sign stands within the parentheses or outside of them, once.
  const isOutside = marks.percent && hasPercentSign(bytes, from, to);
  if (isOutside) [from, to] = stripPercentSign(bytes, from, to);
  [from, to] = takeSign(bytes, from, to, into);
  if (marks.symbols.length > 0) [from, to] = stripSymbols(bytes, from, to, marks.symbols);
  if (marks.percent && !isOutside) {
    if (!hasPercentSign(bytes, from, to)) return Outcome.type;
    [from, to] = stripPercentSign(bytes, from, to);
  }
  if (marks.undeclared && hasTwoReadings(bytes, from, to)) return Outcome.ambiguousNumber;
  if (!readDigits(bytes, from, to, marks, into)) return Outcome.type;
  if (marks.percent) into.fraction += 2;
  return Outcome.ok;
}

export const markByte = (mark: string | undefined): number =>
  mark === undefined ? 0 : mark.charCodeAt(0);
/** Longest first, so that `kr` does not leave the point of `kr.` behind. */
export const encodeSymbols = (symbols: readonly string[] | undefined): Uint8Array[] =>
  (symbols ?? []).toSorted((a, b) => b.length - a.length).map((symbol) => Buffer.from(symbol));
/** The value times `10^scale` as a bigint; only valid when no digit behind the scale is set. */
export function exactScaled(number: Digits, scale: number): bigint {
  let text = '';
  for (let index = 0; index < number.count; index += 1) text += number.digits[index];
  const shift = scale - number.fraction;
  const digits = BigInt(text === '' ? '0' : text);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return number.negative ? -scaled : scaled;
}

/** Removes zeros behind the last digit the scale allows; false when another digit stands there. */
export function fitScale(number: Digits, scale: number): boolean {
  const inexact = number.count > 15;
  while (number.fraction > scale) {
    if (number.count > 0) {
      if (number.digits[number.count - 1] !== 0) return false;
      number.count -= 1;
      number.value = Math.floor(number.value / 10);
    }
    number.fraction -= 1;
  }
  if (inexact && number.count <= 15) {
    number.value = 0;
    for (let index = 0; index < number.count; index += 1)
      number.value = number.value * 10 + (number.digits[index] ?? 0);
  }
  return true;
}
