import { type CellShape, type DigitRun, shapeOf, wordsPattern } from './cell-shape.ts';

/** A cell as it stands in the file. */
export interface SeenCell {
  readonly text: string;
  /** Line of a text, row of a sheet, from 1. */
  readonly line: number;
}

/** What the runs of digits at one place of a pattern have been. */
export interface RunCounts {
  lengthMin: number;
  lengthMax: number;
  max: number;
  /** The first cell with the largest value. */
  maxCell: SeenCell;
}

/** Cells of one pattern. */
export interface ShapeCounts {
  readonly pattern: string;
  count: number;
  readonly first: SeenCell;
  readonly runs: RunCounts[];
  /** Of those that are eight digits: calendar days from 1900 to 2100, written as one number. */
  compactDays: number;
  /** First runs of several digits that start with a zero. */
  leadingZeros: number;
}

/** Kinds of text in a column; beyond it whatever comes counts as words. */
const patternsMax = 300;

export interface ShapeTable {
  readonly add: (cell: SeenCell, times: number) => ShapeCounts;
  readonly all: () => readonly ShapeCounts[];
}

/** Counts the texts of a column by their patterns, in memory that does not grow with the column. */
export function createShapeTable(): ShapeTable {
  const table = new Map<string, ShapeCounts>();
  return {
    add: (cell, times) => {
      const seen = shapeOf(cell.text);
      const known = table.get(seen.pattern);
      const shape = known !== undefined || table.size < patternsMax ? seen : words;
      const counts = known ?? table.get(shape.pattern) ?? newCounts(shape, cell);
      table.set(shape.pattern, counts);
      addShape(counts, shape, { cell, times });
      return counts;
    },
    all: () => [...table.values()],
  };
}

const words: CellShape = { pattern: wordsPattern, runs: [] };

const newCounts = ({ pattern }: CellShape, first: SeenCell): ShapeCounts => ({
  pattern,
  count: 0,
  first,
  runs: [],
  compactDays: 0,
  leadingZeros: 0,
});

function addShape(
  counts: ShapeCounts,
  { runs }: CellShape,
  { cell, times }: { readonly cell: SeenCell; readonly times: number },
): void {
  counts.count += times;
  for (let index = 0; index < runs.length; index += 1) addRun(counts, index, runs[index], cell);
  const [first] = runs;
  if (first === undefined) return;
  if (runs.length === 1 && first.length === 8 && isCompactDay(first.value)) {
    counts.compactDays += times;
  }
  if (counts.pattern.includes('0') && first.length > 1) counts.leadingZeros += times;
}

function addRun(
  { runs }: ShapeCounts,
  index: number,
  run: DigitRun | undefined,
  cell: SeenCell,
): void {
  if (run === undefined) return;
  const { length, value } = run;
  const known = runs[index];
  if (known === undefined) {
    runs[index] = { lengthMin: length, lengthMax: length, max: value, maxCell: cell };
    return;
  }
  if (length < known.lengthMin) known.lengthMin = length;
  if (length > known.lengthMax) known.lengthMax = length;
  if (value > known.max) {
    known.max = value;
    known.maxCell = cell;
  }
}

function isCompactDay(value: number): boolean {
  const year = Math.floor(value / 10_000);
  const month = Math.floor(value / 100) % 100;
  const day = value % 100;
  return year >= 1900 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
