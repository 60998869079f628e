import type { DeclaredColumn } from './check-table.ts';
import { isRate } from './label-words.ts';
import { type ColumnSums, type SumMark, statedNumbers } from './running-sums.ts';
import type { SumRow } from './set-aside.ts';

/** A number that a row of totals states, beside what it may be. */
export interface StatedSum {
  /** Index of the declared column. */
  readonly column: number;
  /** It is the sum of all rows above; for a row above all rows, of all rows. */
  readonly ofAll: boolean;
  /** It is the sum of the rows since the row of totals before. */
  readonly ofSection: boolean;
  /** It repeats the number above it, as a balance does, or is of a kind that nobody adds up. */
  readonly isNoSum: boolean;
}

/** A row of totals compared with the rows it may cover. */
export interface ComparedRow {
  readonly row: SumRow;
  readonly stated: readonly StatedSum[];
}

export interface CompareOptions {
  readonly columns: readonly DeclaredColumn[];
  readonly labels: readonly string[];
  /** The sums of all rows of the table. */
  readonly all: ColumnSums;
  /** What was carried in above the first row: a sum may count it in. */
  readonly opening: ColumnSums;
}

/** `rows` in order, each with what stands above it. */
export function compareSums(
  rows: readonly { readonly row: SumRow; readonly mark: SumMark }[],
  { columns, labels, all, opening }: CompareOptions,
): readonly ComparedRow[] {
  let before: ColumnSums = [];
  return rows.map(({ row, mark }) => {
    const above = row.rowsAbove === 0 ? all : mark.sums;
    const stated = statedNumbers(columns, row).flatMap((value, column): StatedSum[] => {
      const sum = above[column];
      if (value === undefined || sum === undefined) return [];
      const carried = sum + (opening[column] ?? 0n);
      const ofAll = value === sum || value === carried;
      const ofSection = value === (mark.sums[column] ?? 0n) - (before[column] ?? 0n);
      const label = labels[columns[column]?.cell ?? 0] ?? '';
      const isNoSum = !ofAll && !ofSection && (value === mark.last[column] || isRate(label));
      return [{ column, ofAll, ofSection, isNoSum }];
    });
    // The next sums count from where this row ended its section.
    before = mark.sums;
    return { row, stated };
  });
}

/** How many of the numbers of a row are sums of a kind. */
export const countOf = ({ stated }: ComparedRow, kind: 'ofAll' | 'ofSection'): number =>
  stated.filter((each) => each[kind]).length;
