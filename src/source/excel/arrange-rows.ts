import type { RowFault } from '../../contract/row-codes.ts';
import { CellKind, type RecordChunk } from '../source.ts';
import { copyShort } from './cell-text.ts';
import type { Treatment } from './excel-options.ts';
import type { MergedRange } from './merged-ranges.ts';
import { createRangeCursor, type RangeCursor } from './range-cursor.ts';
import {
  addCell,
  completeRows,
  createSheetCells,
  endRow,
  forgetRows,
  reserveText,
  type SheetCells,
  type SheetRows,
} from './sheet-cells.ts';

/** How the rows of one sheet become records. */
export interface Arrangement {
  /** The sheet's name, and whether it is added as a cell. */
  readonly sheet: string;
  readonly addsSheet: boolean;
  /** For each label, the sheet's column; -1 where it has none. */
  readonly columns: readonly number[];
  /** Columns the header has; cells beyond are kept, as cells too many. */
  readonly width: number;
  /** Whether a column is to be passed over; undefined when none is. */
  readonly isSkipped: ((column: number) => boolean) | undefined;
  readonly hiddenRows: Treatment;
  readonly merges: readonly MergedRange[];
  /** What cells of merged ranges get. */
  readonly merged: 'reject' | 'fill';
}

/** Turns rows of a sheet into records of the delivery. */
export interface RowArranger {
  /** Valid until the next call. */
  readonly arrange: (rows: SheetRows) => RecordChunk;
  /** Hidden rows seen. */
  readonly hiddenRows: () => number;
  /** Rows seen with cells in merged ranges. */
  readonly mergedRows: () => number;
}

const hiddenFault: RowFault = {
  code: 'hidden-row',
  column: null,
  value: null,
  expected: "a row that is shown; the source refuses hidden rows (hidden: { rows: 'reject' })",
};

/**
 * Rows that stand as they should already, which is nearly all, are passed on as they are; the cells
 * of others are copied.
 */
export function createRowArranger(arrangement: Arrangement): RowArranger {
  const { columns, width, addsSheet, hiddenRows, merges } = arrangement;
  const isPlain =
    !addsSheet &&
    arrangement.isSkipped === undefined &&
    columns.length === width &&
    columns.every((column, index) => column === index);
  const sheetColumns = addsSheet ? [...columns, -1] : columns;
  const cursor = createRangeCursor(merges);
  const state: ArrangerState = {
    ...arrangement,
    out: createSheetCells(),
    name: Buffer.from(arrangement.sheet),
    cursor,
    mergedCount: 0,
  };
  let hiddenCount = 0;

  function arrange(rows: SheetRows): RecordChunk {
    const lastLine = rows.lines[rows.count - 1] ?? 0;
    if (rows.hidden !== undefined) hiddenCount += countHidden(rows);
    const asTheyAre =
      isPlain && (rows.hidden === undefined || hiddenRows === 'load') && !cursor.touches(lastLine);
    return { ...(asTheyAre ? rows : rewriteRows(state, rows)), sheetColumns };
  }
  return { arrange, hiddenRows: () => hiddenCount, mergedRows: () => state.mergedCount };
}

interface ArrangerState extends Arrangement {
  readonly out: SheetCells;
  /** The sheet's name as a cell. */
  readonly name: Buffer;
  readonly cursor: RangeCursor;
  mergedCount: number;
}

function countHidden({ hidden, count }: SheetRows): number {
  let sum = 0;
  for (let row = 0; row < count; row += 1) sum += hidden?.[row] ?? 0;
  return sum;
}

function rewriteRows(state: ArrangerState, rows: SheetRows): RecordChunk {
  const { out, cursor, hiddenRows } = state;
  forgetRows(out);
  const faults = new Map<number, readonly RowFault[]>();
  for (let row = 0; row < rows.count; row += 1) {
    const line = rows.lines[row] ?? 0;
    cursor.moveTo(line, rows, row);
    const isHidden = rows.hidden?.[row] === 1;
    if (isHidden && hiddenRows === 'skip') continue;
    const before = out.count;
    copyRow(state, rows, row);
    if (out.count > before && isHidden && hiddenRows === 'reject')
      faults.set(before, [hiddenFault]);
  }
  const chunk = completeRows(out, state.sheet);
  return { ...chunk, faults: faults.size === 0 ? undefined : faults };
}

function copyRow(state: ArrangerState, rows: SheetRows, row: number): void {
  const { out, columns, width, cursor } = state;
  const first = rows.rows[row] ?? 0;
  const count = (rows.rows[row + 1] ?? 0) - first;
  const isMerged =
    cursor.isActive() && columns.some((column) => cursor.rangeAt(column) !== undefined);
  for (const column of columns) {
    const range = isMerged ? cursor.rangeAt(column) : undefined;
    if (range !== undefined) {
      copyCell(out, range.text, state.merged === 'fill' ? range.kind : CellKind.merged);
    } else if (column === -1 || column >= count) {
      addCell(out, CellKind.missing, out.at);
    } else {
      copyFrom(out, rows, first + column);
    }
  }
  if (state.addsSheet) {
    // A name that every row has is no content: without a cell of its own the row is blank.
    const { rowHasContent } = out;
    copyCell(out, state.name, CellKind.text);
    out.rowHasContent = rowHasContent;
  }
  for (let column = width; column < count; column += 1) {
    if (state.isSkipped?.(column) !== true) copyFrom(out, rows, first + column);
  }
  const { count: before } = out;
  endRow(out, rows.lines[row] ?? 0, columns.length + (state.addsSheet ? 1 : 0));
  if (isMerged && out.count > before) state.mergedCount += 1;
}

function copyCell(out: SheetCells, text: Uint8Array, kind: number): void {
  reserveText(out, text.length);
  addCell(out, kind, copyShort(text, 0, text.length, out.bytes, out.at));
}

function copyFrom(out: SheetCells, rows: SheetRows, cell: number): void {
  const from = rows.cells[2 * cell] ?? 0;
  const to = rows.cells[2 * cell + 1] ?? 0;
  reserveText(out, to - from);
  const kind = rows.kinds?.[cell] ?? CellKind.text;
  addCell(out, kind, copyShort(rows.bytes, from, to, out.bytes, out.at));
}
