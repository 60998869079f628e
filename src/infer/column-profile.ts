import { CellKind } from '../contract/cell.ts';
import type { SeenCell } from './shape-counts.ts';
import { createTextTally, type TextProfile } from './text-tally.ts';

/** Numbers of a workbook, which have one reading. */
export interface NumberCells {
  count: number;
  /** Most digits before and behind the decimal mark. */
  wholeMax: number;
  fractionMax: number;
  /** With a fraction. */
  fractions: number;
  negatives: number;
  first: SeenCell | undefined;
}

/** Dates of a workbook. */
export interface DateCells {
  count: number;
  /** With a time of day. */
  timed: number;
  /** A time of day without a date. */
  times: number;
}

/** What a column holds, gathered from all its cells. */
export interface ColumnProfile extends TextProfile {
  readonly label: string;
  /** Cells of complete rows. */
  readonly cells: number;
  readonly empty: number;
  readonly numbers: NumberCells;
  readonly dates: DateCells;
  readonly booleans: number;
  /** Spreadsheet errors, formulas without result, cells of merged ranges. */
  readonly errors: OddCells;
  readonly stale: OddCells;
  readonly merged: OddCells;
  /** The first different values. */
  readonly examples: readonly string[];
  readonly lengthMax: number;
  /** The texts count 1, 2, 3, … from the first row on. */
  readonly isCounter: boolean;
}

/** Cells without a value that could be read. */
export interface OddCells {
  count: number;
  first: SeenCell | undefined;
}

const examplesMax = 3;
const exampleLength = 60;

/** Gathers what a column holds, in memory that does not grow with it. */
export interface ColumnProfiler {
  readonly add: (text: string, kind: number, line: number) => void;
  readonly finish: (label: string) => ColumnProfile;
}

export function createColumnProfiler(): ColumnProfiler {
  const tally = createTextTally();
  const examples = new Set<string>();
  const numbers: NumberCells = {
    count: 0,
    wholeMax: 0,
    fractionMax: 0,
    fractions: 0,
    negatives: 0,
    first: undefined,
  };
  const dates: DateCells = { count: 0, timed: 0, times: 0 };
  const odd = { errors: none(), stale: none(), merged: none() };
  const sums = { cells: 0, empty: 0, booleans: 0, lengthMax: 0 };
  let isCounter = true;

  const addValue = (cell: SeenCell, kind: number): void => {
    switch (kind) {
      case CellKind.number:
        return addNumber(numbers, cell);
      case CellKind.date:
        return addDate(dates, cell.text);
      case CellKind.boolean:
        sums.booleans += 1;
        return;
      case CellKind.error:
        return addOdd(odd.errors, cell);
      case CellKind.stale:
        return addOdd(odd.stale, cell);
      case CellKind.merged:
        return addOdd(odd.merged, cell);
      default:
        return tally.add(cell);
    }
  };

  return {
    add: (raw, kind, line) => {
      const text = raw.trim();
      sums.cells += 1;
      if (kind === CellKind.missing || (text === '' && kind !== CellKind.merged)) {
        sums.empty += 1;
        return;
      }
      if (isCounter) isCounter = text === String(sums.cells);
      if (text.length > sums.lengthMax) sums.lengthMax = text.length;
      if (examples.size < examplesMax && kind !== CellKind.error) {
        examples.add(text.slice(0, exampleLength));
      }
      addValue({ text, line }, kind);
    },
    finish: (label) => ({
      label,
      ...sums,
      ...odd,
      ...tally.finish(),
      numbers,
      dates,
      examples: [...examples],
      isCounter: isCounter && sums.cells > 1,
    }),
  };
}

const none = (): OddCells => ({ count: 0, first: undefined });

function addOdd(odd: OddCells, cell: SeenCell): void {
  odd.count += 1;
  odd.first ??= cell;
}

function addNumber(numbers: NumberCells, cell: SeenCell): void {
  numbers.count += 1;
  numbers.first ??= cell;
  const match = /^(-?)(\d*)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/u.exec(cell.text);
  if (match === null) return;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const fractionDigits = Math.max(0, fraction.length - shift);
  if (sign === '-') numbers.negatives += 1;
  if (fractionDigits > 0) numbers.fractions += 1;
  numbers.fractionMax = Math.max(numbers.fractionMax, fractionDigits);
  numbers.wholeMax = Math.max(numbers.wholeMax, Math.max(1, whole.length + shift));
}

function addDate(dates: DateCells, text: string): void {
  dates.count += 1;
  if (text.startsWith('1899-12-31T')) dates.times += 1;
  else if (text.length > 10) dates.timed += 1;
}
