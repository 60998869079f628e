import {
  CellKind,
  type CellReader,
  type CellWriter,
  Outcome,
  writeInt32,
  writeSafeInt64,
} from './cell.ts';
import type { ColumnSpec } from './column.ts';

type DecimalSpec = Extract<ColumnSpec, { type: 'decimal' }>;
type IntegerSpec = Extract<ColumnSpec, { type: 'integer' }>;

const zero = 0x30;
const nine = 0x39;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const comma = 0x2c;

/** How texts are read as numbers: byte values, 0 for "none". */
interface Marks {
  readonly decimal: number;
  readonly group: number;
  /** Neither mark was declared, so `1.234` has two readings. */
  readonly undeclared: boolean;
  readonly symbols: readonly Uint8Array[];
}

/** A number as digits: `sign * digits / 10^fraction`. One scratch value, reused for every cell. */
interface Digits {
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
const createDigits = (): Digits => ({
  negative: false,
  digits: new Uint8Array(digitsMax),
  count: 0,
  fraction: 0,
  value: 0,
});

const powersOfTen = Array.from({ length: 16 }, (_, power) => 10 ** power);

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

/** Narrows [start, end) by white space at both ends: ASCII, and no-break space in UTF-8. */
export function trim(bytes: Uint8Array, start: number, end: number): [number, number] {
  let from = start;
  let to = end;
  for (;;) {
    const byte = bytes[from];
    if (from < to && byte !== undefined && byte <= 0x20) from += 1;
    else if (to - from >= 2 && byte === 0xc2 && bytes[from + 1] === 0xa0) from += 2;
    else break;
  }
  for (;;) {
    const byte = bytes[to - 1];
    if (from < to && byte !== undefined && byte <= 0x20) to -= 1;
    else if (to - from >= 2 && byte === 0xa0 && bytes[to - 2] === 0xc2) to -= 2;
    else break;
  }
  return [from, to];
}

/**
 * Takes the sign off a number: leading `+`, `-` or U+2212, trailing `-` (as SAP writes it), or
 * parentheses (as accountants do). Returns the rest as [start, end).
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
  into.negative = false;
  return first === plus ? [start + 1, end] : [start, end];
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

/** Reads a canonical number (`-12.5`, `1e21`, `2.5E-7`) as spreadsheets and JSON write it. */
function readCanonical(bytes: Uint8Array, start: number, end: number, into: Digits): boolean {
  let mantissaEnd = start;
  while (mantissaEnd < end && bytes[mantissaEnd] !== 0x65 && bytes[mantissaEnd] !== 0x45)
    mantissaEnd += 1;
  const [from, to] = takeSign(bytes, start, mantissaEnd, into);
  if (
    !readDigits(bytes, from, to, { decimal: dot, group: 0, undeclared: false, symbols: [] }, into)
  )
    return false;
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

/** Reads a cell as digits; an Outcome. */
function readNumber(
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
  const [inner, outer] =
    marks.symbols.length > 0 ? stripSymbols(bytes, start, end, marks.symbols) : [start, end];
  let [from, to] = takeSign(bytes, inner, outer, into);
  if (marks.symbols.length > 0) [from, to] = stripSymbols(bytes, from, to, marks.symbols);
  if (marks.undeclared && hasTwoReadings(bytes, from, to)) return Outcome.ambiguousNumber;
  return readDigits(bytes, from, to, marks, into) ? Outcome.ok : Outcome.type;
}

const markByte = (mark: string | undefined): number =>
  mark === undefined ? 0 : mark.charCodeAt(0);
const encodeSymbols = (symbols: readonly string[] | undefined): Uint8Array[] =>
  (symbols ?? []).map((symbol) => Buffer.from(symbol));

/** The value times `10^scale` as a bigint; only valid when no digit behind the scale is set. */
function exactScaled(number: Digits, scale: number): bigint {
  let text = '';
  for (let index = 0; index < number.count; index += 1) text += number.digits[index];
  const shift = scale - number.fraction;
  const digits = BigInt(text === '' ? '0' : text);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return number.negative ? -scaled : scaled;
}

/** Removes zeros behind the last digit the scale allows; false when another digit stands there. */
function fitScale(number: Digits, scale: number): boolean {
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

/** Writes numeric's binary form from base-10,000 digits, most significant first. */
function writeNumeric(
  out: CellWriter,
  groups: readonly number[] | Int16Array,
  span: { count: number; weight: number; negative: boolean; scale: number },
): void {
  let first = 0;
  let last = span.count;
  while (first < last && groups[first] === 0) first += 1;
  while (last > first && groups[last - 1] === 0) last -= 1;
  const count = last - first;
  const { bytes } = out;
  let at = out.at;
  writeInt32(bytes, at, 8 + 2 * count);
  const weight = count === 0 ? 0 : span.weight - first;
  bytes[at + 4] = count >> 8;
  bytes[at + 5] = count;
  bytes[at + 6] = weight >> 8;
  bytes[at + 7] = weight;
  bytes[at + 8] = span.negative && count > 0 ? 0x40 : 0;
  bytes[at + 9] = 0;
  bytes[at + 10] = span.scale >> 8;
  bytes[at + 11] = span.scale;
  at += 12;
  for (let index = first; index < last; index += 1) {
    const group = groups[index] ?? 0;
    bytes[at] = group >> 8;
    bytes[at + 1] = group;
    at += 2;
  }
  out.at = at;
}

/** Splits a scaled integer into groups of four decimal digits around the decimal point. */
function writeScaled(out: CellWriter, scaled: bigint, scale: number): void {
  const negative = scaled < 0n;
  const fractionGroups = Math.ceil(scale / 4);
  let rest = (negative ? -scaled : scaled) * 10n ** BigInt(fractionGroups * 4 - scale);
  const groups: number[] = [];
  for (; rest > 0n; rest /= 10_000n) groups.unshift(Number(rest % 10_000n));
  writeNumeric(out, groups, {
    count: groups.length,
    weight: groups.length - fractionGroups - 1,
    negative,
    scale,
  });
}

const smallGroups = new Int16Array(8);

/** The same for a safe integer of at most 15 digits, without allocating. */
function writeSmall(out: CellWriter, magnitude: number, negative: boolean, scale: number): void {
  const unit = powersOfTen[scale] ?? 1;
  let whole = Math.floor(magnitude / unit);
  const fractionGroups = (scale + 3) >> 2;
  let fraction = (magnitude - whole * unit) * (powersOfTen[fractionGroups * 4 - scale] ?? 1);
  let at = 8;
  for (let index = 0; index < fractionGroups; index += 1) {
    at -= 1;
    const next = Math.floor(fraction / 10_000);
    smallGroups[at] = fraction - next * 10_000;
    fraction = next;
  }
  let wholeGroups = 0;
  while (whole > 0) {
    at -= 1;
    wholeGroups += 1;
    const next = Math.floor(whole / 10_000);
    smallGroups[at] = whole - next * 10_000;
    whole = next;
  }
  writeNumeric(out, smallGroups.subarray(at), {
    count: 8 - at,
    weight: wholeGroups - 1,
    negative,
    scale,
  });
}

/** A bound as `value * 10^scale`, rounded so that comparing scaled values stays exact. */
function scaledBound(
  bound: string | number | bigint | undefined,
  scale: number,
): bigint | undefined {
  if (bound === undefined) return undefined;
  const number = createDigits();
  const text = Buffer.from(String(bound));
  if (!readCanonical(text, 0, text.length, number) || !fitScale(number, scale)) {
    throw new RangeError(`${bound} is not a number with at most ${scale} decimals`);
  }
  return exactScaled(number, scale);
}

interface Bounds {
  readonly min: bigint | undefined;
  readonly max: bigint | undefined;
  readonly minSafe: number;
  readonly maxSafe: number;
}

function createBounds(spec: DecimalSpec | IntegerSpec, scale: number): Bounds {
  const min = scaledBound(spec.min, scale);
  const max = scaledBound(spec.max, scale);
  return {
    min,
    max,
    minSafe: min === undefined ? -Infinity : Number(min),
    maxSafe: max === undefined ? Infinity : Number(max),
  };
}

function checkBounds(out: CellWriter, bounds: Bounds): number {
  if (Number.isNaN(out.scaled)) {
    if (bounds.min !== undefined && out.exact < bounds.min) return Outcome.min;
    return bounds.max !== undefined && out.exact > bounds.max ? Outcome.max : Outcome.ok;
  }
  if (out.scaled < bounds.minSafe) return Outcome.min;
  return out.scaled > bounds.maxSafe ? Outcome.max : Outcome.ok;
}

/**
 * Reads exact decimals into numeric(precision, scale). Nothing is rounded: a digit behind the
 * scale is `Outcome.scale`. Throws RangeError for a bound that is no such number.
 */
export function createDecimalReader(spec: DecimalSpec): CellReader {
  const { precision, scale } = spec;
  const marks: Marks = {
    decimal: markByte(spec.decimalMark ?? '.'),
    group: markByte(spec.thousandsMark),
    undeclared: spec.decimalMark === undefined && spec.thousandsMark === undefined,
    symbols: encodeSymbols(spec.symbols),
  };
  const bounds = createBounds(spec, scale);
  const number = createDigits();
  const limit = 10n ** BigInt(precision);
  const safeLimit = precision <= 15 ? 10 ** precision : Infinity;
  return (bytes, start, end, kind, out) => {
    const outcome = readNumber(bytes, start, end, kind, marks, number);
    if (outcome !== Outcome.ok) return outcome;
    if (number.fraction > scale && !fitScale(number, scale)) return Outcome.scale;
    const shift = scale - number.fraction;
    if (number.count + shift <= 15 && scale <= 15) {
      const magnitude = number.value * (powersOfTen[shift] ?? 1);
      if (magnitude >= safeLimit) return Outcome.precision;
      out.scaled = number.negative ? -magnitude : magnitude;
      writeSmall(out, magnitude, number.negative, scale);
    } else {
      const exact = exactScaled(number, scale);
      if (exact >= limit || -exact >= limit) return Outcome.precision;
      out.scaled = Number.NaN;
      out.exact = exact;
      writeScaled(out, exact, scale);
    }
    return checkBounds(out, bounds);
  };
}

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

/** Reads whole numbers into bigint. `5.0` from a spreadsheet is 5; `5.5` is a type error. */
export function createIntegerReader(spec: IntegerSpec): CellReader {
  const marks: Marks = {
    decimal: 0,
    group: markByte(spec.thousandsMark),
    undeclared: false,
    symbols: encodeSymbols(spec.symbols),
  };
  const bounds = createBounds(spec, 0);
  const number = createDigits();
  return (bytes, start, end, kind, out) => {
    const outcome = readNumber(bytes, start, end, kind, marks, number);
    if (outcome !== Outcome.ok) return outcome;
    if (number.fraction > 0 && !fitScale(number, 0)) return Outcome.type;
    writeInt32(out.bytes, out.at, 8);
    if (number.count <= 15) {
      out.scaled = number.negative ? -number.value : number.value;
      writeSafeInt64(out.bytes, out.at + 4, out.scaled);
    } else {
      out.scaled = Number.NaN;
      out.exact = exactScaled(number, 0);
      if (out.exact > int64Max || out.exact < int64Min) return Outcome.precision;
      out.bytes.writeBigInt64BE(out.exact, out.at + 4);
    }
    out.at += 12;
    return checkBounds(out, bounds);
  };
}
