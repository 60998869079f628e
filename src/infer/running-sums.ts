import { type CellWriter, createCellWriter, Outcome } from '../contract/cell.ts';
import type { ColumnSpec } from '../contract/column.ts';
import { createCellReader } from '../contract/read-cell.ts';
import type { DeclaredColumn } from './check-table.ts';
import type { AsideRow } from './set-aside.ts';

/** Sums of columns at the places where the file states totals. */
export interface RunningSums {
  /** Adds the number that was just written for a column. */
  readonly add: (column: number, out: CellWriter) => void;
  /** Called before each row and at the end, with the number of rows so far. */
  readonly pass: (rows: number) => void;
  /** For each row of totals, what stands above it. */
  readonly marks: () => readonly SumMark[];
  /** The sums of all rows. */
  readonly all: () => ColumnSums;
}

/** By column, scaled as the column is; undefined where it has no numbers. */
export type ColumnSums = readonly (bigint | undefined)[];

/** What stands above a place in the table. */
export interface SumMark {
  /** The sums of all rows above. */
  readonly sums: ColumnSums;
  /** The last number above, as a running balance has it. */
  readonly last: ColumnSums;
}

const chunkMax = 2 ** 51;

/** `places` in order: the rows of totals. */
export function createRunningSums(
  columns: readonly DeclaredColumn[],
  places: readonly AsideRow[],
): RunningSums {
  const isSummed = columns.map(({ spec }) => spec.type === 'decimal' || spec.type === 'integer');
  // Sums stay exact: what a double cannot hold is moved to the bigint.
  const small = columns.map(() => 0);
  const large = columns.map(() => 0n);
  const last: (number | bigint | undefined)[] = columns.map(() => undefined);
  const marks: SumMark[] = [];
  const sumsNow = (): ColumnSums =>
    columns.map((_, index) =>
      isSummed[index] === true ? (large[index] ?? 0n) + BigInt(small[index] ?? 0) : undefined,
    );
  return {
    add: (column, out) => {
      if (isSummed[column] !== true) return;
      // Four bytes alone are a null, which repeats nothing.
      if (out.at > 4) last[column] = Number.isNaN(out.scaled) ? out.exact : out.scaled;
      if (Number.isNaN(out.scaled)) {
        large[column] = (large[column] ?? 0n) + out.exact;
        return;
      }
      const sum = (small[column] ?? 0) + out.scaled;
      if (Math.abs(sum) < chunkMax && Math.abs(out.scaled) < chunkMax) small[column] = sum;
      else {
        large[column] = (large[column] ?? 0n) + BigInt(small[column] ?? 0) + BigInt(out.scaled);
        small[column] = 0;
      }
    },
    pass: (rows) => {
      while (marks.length < places.length && (places[marks.length]?.rowsAbove ?? 0) <= rows) {
        marks.push({
          sums: sumsNow(),
          last: last.map((value) => (value === undefined ? undefined : BigInt(value))),
        });
      }
    },
    marks: () => marks,
    all: sumsNow,
  };
}

/** The numbers a row states, scaled as their columns are; undefined for a cell that holds none. */
export function statedNumbers(columns: readonly DeclaredColumn[], row: AsideRow): ColumnSums {
  return columns.map(({ spec, cell }) => {
    if (cell === row.column) return undefined;
    return readStated(spec, row.texts[cell] ?? '', row.kinds[cell] ?? 0);
  });
}

/** As a load reads a stated total: bounds are for cells, not for their sums. */
function readStated(spec: ColumnSpec, text: string, kind: number): bigint | undefined {
  if (spec.type !== 'decimal' && spec.type !== 'integer') return undefined;
  if (!/\d/u.test(text)) return undefined;
  const { min: _min, max: _max, ...unbounded } = spec;
  const wide: ColumnSpec =
    unbounded.type === 'decimal' ? { ...unbounded, precision: 1000 } : unbounded;
  const bytes = Buffer.from(text);
  const out = createCellWriter(2 * bytes.length + 1024);
  const outcome = createCellReader(wide, 'UTC')(bytes, 0, bytes.length, kind, out);
  if (outcome !== Outcome.ok) return undefined;
  return Number.isNaN(out.scaled) ? out.exact : BigInt(out.scaled);
}
