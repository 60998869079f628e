import { isUtf8 } from 'node:buffer';

import { CellKind, type RecordChunk } from '../source.ts';
import { brokenXml } from './workbook-fault.ts';

/**
 * Cells and rows as they are read, in the layout of `RecordChunk`. The row being read follows the
 * complete ones, and is kept when a chunk is taken. Fields are public for the sheet's scanner.
 */
export interface SheetCells {
  bytes: Buffer;
  /** Where the next cell's text goes. */
  at: number;
  /** Cells so far, the row being read included. */
  cellCount: number;
  /** Complete rows. */
  count: number;
  cells: Int32Array<ArrayBuffer>;
  kinds: Uint8Array<ArrayBuffer>;
  rows: Int32Array<ArrayBuffer>;
  lines: Float64Array<ArrayBuffer>;
  /** 1 for each row that is hidden. */
  hidden: Uint8Array<ArrayBuffer>;
  /** Complete rows that are hidden. */
  hiddenCount: number;
  /** Where the row being read begins in `bytes`, whether any of its cells has content, and whether it is hidden. */
  rowAt: number;
  rowHasContent: boolean;
  rowIsHidden: boolean;
}

const firstCells = 1024;
const firstRows = 256;

export function createSheetCells(): SheetCells {
  return {
    bytes: Buffer.allocUnsafeSlow(16 * 1024),
    at: 0,
    cellCount: 0,
    count: 0,
    cells: new Int32Array(firstCells * 2),
    kinds: new Uint8Array(firstCells),
    rows: new Int32Array(firstRows + 1),
    lines: new Float64Array(firstRows),
    hidden: new Uint8Array(firstRows),
    hiddenCount: 0,
    rowAt: 0,
    rowHasContent: false,
    rowIsHidden: false,
  };
}

/** Makes room for `sizeBytes` more bytes of text. */
export function reserveText(sheet: SheetCells, sizeBytes: number): void {
  if (sheet.at + sizeBytes <= sheet.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(sheet.bytes.length * 2, sheet.at + sizeBytes));
  sheet.bytes.copy(larger, 0, 0, sheet.at);
  sheet.bytes = larger;
}

/** Ends a cell whose text stands at `sheet.at` and reaches to `to`. */
export function addCell(sheet: SheetCells, kind: number, to: number): void {
  const index = sheet.cellCount;
  if (index === sheet.kinds.length) {
    sheet.cells = grown(sheet.cells, new Int32Array(index * 4));
    sheet.kinds = grown(sheet.kinds, new Uint8Array(index * 2));
  }
  sheet.cells[2 * index] = sheet.at;
  sheet.cells[2 * index + 1] = to;
  sheet.kinds[index] = kind;
  sheet.cellCount = index + 1;
  if (!sheet.rowHasContent) sheet.rowHasContent = hasContent(sheet.bytes, sheet.at, to);
  sheet.at = to;
}

/** Ends the row being read, padded to `width` cells; a row without content is forgotten. */
export function endRow(sheet: SheetCells, line: number, width: number): void {
  const { count } = sheet;
  const rowStart = sheet.rows[count] ?? 0;
  if (!sheet.rowHasContent) {
    sheet.cellCount = rowStart;
    sheet.at = sheet.rowAt;
    return;
  }
  while (sheet.cellCount > rowStart + width && isEmpty(sheet, sheet.cellCount - 1)) {
    sheet.cellCount -= 1;
  }
  while (sheet.cellCount < rowStart + width) addCell(sheet, CellKind.missing, sheet.at);
  if (count === sheet.lines.length) {
    sheet.rows = grown(sheet.rows, new Int32Array(count * 2 + 1));
    sheet.lines = grown(sheet.lines, new Float64Array(count * 2));
    sheet.hidden = grown(sheet.hidden, new Uint8Array(count * 2));
  }
  sheet.lines[count] = line;
  sheet.hidden[count] = sheet.rowIsHidden ? 1 : 0;
  if (sheet.rowIsHidden) sheet.hiddenCount += 1;
  sheet.rows[count + 1] = sheet.cellCount;
  sheet.count = count + 1;
  sheet.rowAt = sheet.at;
  sheet.rowHasContent = false;
}

/** Rows of a sheet as they stand in it: cell i of a row is that of the sheet's column i. */
export interface SheetRows extends RecordChunk {
  /** 1 for each row that is hidden; undefined when none is. */
  readonly hidden: Uint8Array | undefined;
}

/** The complete rows. Valid until `forgetRows`. Throws `format-error` on bytes that are no text. */
export function completeRows(sheet: SheetCells, name: string): SheetRows {
  const text = sheet.bytes.subarray(0, sheet.rowAt);
  if (!isUtf8(text) || text.includes(0)) throw brokenXml();
  const { bytes, cells, kinds, rows, lines, count } = sheet;
  const hidden = sheet.hiddenCount > 0 ? sheet.hidden : undefined;
  return { bytes, cells, kinds, rows, lines, count, hidden, sheet: name, faults: undefined };
}

/** Drops the complete rows; the row being read moves to the front. */
export function forgetRows(sheet: SheetCells): void {
  const firstCell = sheet.rows[sheet.count] ?? 0;
  const { rowAt } = sheet;
  sheet.bytes.copyWithin(0, rowAt, sheet.at);
  sheet.kinds.copyWithin(0, firstCell, sheet.cellCount);
  for (let cell = 2 * firstCell; cell < 2 * sheet.cellCount; cell += 1) {
    sheet.cells[cell - 2 * firstCell] = (sheet.cells[cell] ?? 0) - rowAt;
  }
  sheet.at -= rowAt;
  sheet.cellCount -= firstCell;
  sheet.count = 0;
  sheet.hiddenCount = 0;
  sheet.rows[0] = 0;
  sheet.rowAt = 0;
}

function isEmpty(sheet: SheetCells, index: number): boolean {
  return sheet.cells[2 * index] === sheet.cells[2 * index + 1];
}

function hasContent(bytes: Uint8Array, from: number, to: number): boolean {
  for (let position = from; position < to; position += 1) {
    if ((bytes[position] ?? 0) > 0x20) return true;
  }
  return false;
}

function grown<
  T extends Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
>(array: T, larger: T): T {
  larger.set(array);
  return larger;
}
