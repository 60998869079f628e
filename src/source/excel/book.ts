import type { MergedRange } from './merged-ranges.ts';
import type { SheetRows } from './sheet-cells.ts';

/** A sheet of a workbook. */
export interface BookSheet {
  readonly name: string;
  /** `veryHidden` is hidden by a program: Excel's menus do not show it. */
  readonly state: 'visible' | 'hidden' | 'veryHidden';
}

/** What a reading is asked for. */
export interface ReadingOptions {
  /** Rows get at least so many cells. */
  readonly width: number;
  /** The last row above the table's body, from 1; formulas are counted below it. */
  readonly headerRow: number;
  /** Whether formulas of a workbook that wants them calculated again are taken as they are stored. */
  readonly staleFormulas: 'reject' | 'load';
}

/** One pass over the cells of a sheet. */
export interface SheetReading {
  /** Rows with content, hidden ones included. Consumed once. */
  readonly chunks: AsyncIterable<SheetRows>;
  /** Whether a column, from 0, is hidden; valid once the first chunk has come. */
  readonly isHidden: (column: number) => boolean;
  /** Valid after the last chunk. */
  readonly merges: () => readonly MergedRange[];
  /** Rows with formulas that were taken as stored, though the workbook wants them calculated again; valid after the last chunk. */
  readonly staleRows: () => number;
}

/**
 * A workbook of any format. Nothing of it stays open: a reading opens the file, and closes it when
 * it has come to its end or is left.
 */
export interface Book {
  /** In the order of their tabs; chart sheets have no cells and are left out. */
  readonly sheets: readonly BookSheet[];
  readonly read: (sheet: BookSheet, options: ReadingOptions) => SheetReading;
  /** Merged ranges of a sheet, before its cells are read: they stand after them. */
  readonly merges: (sheet: BookSheet) => Promise<readonly MergedRange[]>;
}
