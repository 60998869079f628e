import { type CellReader, type CellWriter, Outcome, writeInt32, writeSafeInt64 } from './cell.ts';
import type { ColumnSpec } from './column.ts';
import {
  createDigits,
  encodeSymbols,
  exactScaled,
  fitScale,
  markByte,
  type Marks,
  readCanonical,
  readNumber,
} from './read-digits.ts';
import { powersOfTen, writeScaled, writeSmall } from './write-numeric.ts';

type DecimalSpec = Extract<ColumnSpec, { type: 'decimal' }>;
type IntegerSpec = Extract<ColumnSpec, { type: 'integer' }>;

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
 * scale is `Outcome.scale`. Throws RangeError for a bound that is no such number, and when one mark
 * is declared, or left at its default, for decimals and thousands.
 */
export function createDecimalReader(spec: DecimalSpec): CellReader {
  const { precision, scale, decimalMark = '.', thousandsMark } = spec;
  if (thousandsMark === decimalMark) {
    throw new RangeError(
      `thousandsMark "${thousandsMark}" is the decimal mark too; declare decimalMark "${decimalMark === '.' ? ',' : '.'}"`,
    );
  }
  const marks: Marks = {
    decimal: markByte(decimalMark),
    group: markByte(thousandsMark),
    undeclared: spec.decimalMark === undefined && thousandsMark === undefined,
    symbols: encodeSymbols(spec.symbols),
    percent: spec.percent === true,
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
    // Beyond these a digit could be lost on the way through a double.
    if (number.count + shift <= 15 && scale <= 12) {
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

/**
 * Reads whole numbers into bigint. `5.0` from a spreadsheet is 5; `5.5` is a type error; the text
 * `5.000` could be either, unless a thousands mark is declared.
 */
export function createIntegerReader(spec: IntegerSpec): CellReader {
  const marks: Marks = {
    decimal: 0,
    group: markByte(spec.thousandsMark),
    undeclared: spec.thousandsMark === undefined,
    symbols: encodeSymbols(spec.symbols),
    percent: false,
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
