import { CellKind } from '../source.ts';
import type { MergedRange } from './merged-ranges.ts';
import type { SheetRows } from './sheet-cells.ts';
import { brokenXml, type WorkbookFault } from './workbook-fault.ts';

/** A merged range and the value of its top left cell, which is the range's. */
export interface ValuedRange extends MergedRange {
  readonly text: Uint8Array;
  readonly kind: number;
}

/** Walks down a sheet beside its rows, and knows which merged ranges lie over the row at hand. */
export interface RangeCursor {
  /** Whether a range may lie over one of the rows down to this one, `moveTo` not having been called for them. */
  readonly touches: (lastLine: number) => boolean;
  /** Goes down to a row, which holds the values of the ranges that begin in it. */
  readonly moveTo: (line: number, rows: SheetRows, row: number) => void;
  /** Whether any range lies over the row. */
  readonly isActive: () => boolean;
  /** The range over a column of the row. */
  readonly rangeAt: (column: number) => ValuedRange | undefined;
}

/** Ranges do not overlap, so there are no more over a row than a sheet has columns. */
const columnsMax = 16_384;

const overlapping = (): WorkbookFault => brokenXml('merged ranges of a sheet overlap');

const nothing = Buffer.alloc(0);

export function createRangeCursor(ranges: readonly MergedRange[]): RangeCursor {
  const sorted = ranges.toSorted((a, b) => a.top - b.top);
  let next = 0;
  let active: ValuedRange[] = [];

  /** Rows without content come by unseen: so do the ranges that begin in them, which are empty. */
  function moveTo(line: number, rows: SheetRows, row: number): void {
    if (active.length > 0) active = active.filter((range) => range.bottom >= line);
    for (let range = sorted[next]; range !== undefined && range.top <= line; range = sorted[next]) {
      next += 1;
      if (range.bottom < line) continue;
      if (active.length === columnsMax) throw overlapping();
      active.push({ ...range, ...(range.top === line ? valueAt(rows, row, range.left) : empty) });
    }
  }
  return {
    touches: (lastLine) => active.length > 0 || (sorted[next]?.top ?? Infinity) <= lastLine,
    moveTo,
    isActive: () => active.length > 0,
    rangeAt: (column) => active.find(({ left, right }) => left <= column && column <= right),
  };
}

const empty = { text: nothing, kind: CellKind.missing };

function valueAt(rows: SheetRows, row: number, column: number): Pick<ValuedRange, 'text' | 'kind'> {
  const cell = (rows.rows[row] ?? 0) + column;
  if (cell >= (rows.rows[row + 1] ?? 0)) return empty;
  const { bytes } = rows;
  const from = rows.cells[2 * cell] ?? 0;
  const to = rows.cells[2 * cell + 1] ?? 0;
  return {
    text: Buffer.from(bytes.subarray(from, to)),
    kind: rows.kinds?.[cell] ?? CellKind.text,
  };
}
