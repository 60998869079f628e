import { CellKind } from '../source.ts';
import { canonicalNumber } from './canonical-number.ts';
import { addText, formatSerial, scratchBytes } from './cell-value.ts';
import type { NumberFormat } from './number-format.ts';
import {
  addCell,
  completeRows,
  createSheetCells,
  endRow,
  forgetRows,
  reserveText,
  type SheetRows,
} from './sheet-cells.ts';

/** Builds rows of a sheet from values that another reader made. */
export interface SheetWriter {
  /** Adds missing cells up to a column, from 0. */
  readonly skipTo: (column: number) => void;
  readonly text: (text: string, kind: number) => void;
  /** A number under its format: dates and durations are what they look like. */
  readonly number: (value: number | string, format: NumberFormat) => void;
  readonly endRow: (line: number, isHidden: boolean) => void;
  readonly rowCount: () => number;
  /** The rows since the last time. Valid until the next cell is added. */
  readonly take: () => SheetRows;
}

export interface SheetWriterOptions {
  readonly name: string;
  /** Rows get at least so many cells. */
  readonly width: number;
  readonly date1904: boolean;
}

export function createSheetWriter({ name, width, date1904 }: SheetWriterOptions): SheetWriter {
  const sheet = createSheetCells();
  let isTaken = false;
  let columns = 0;

  function begin(): void {
    if (!isTaken) return;
    forgetRows(sheet);
    isTaken = false;
  }
  function addTextCell(text: string, kind: number): void {
    begin();
    columns += 1;
    reserveText(sheet, 3 * text.length);
    addCell(sheet, kind, sheet.at + sheet.bytes.write(text, sheet.at));
  }
  function addNumber(value: number | string, format: NumberFormat): void {
    const date = format === 'number' ? undefined : formatSerial(Number(value), format, date1904);
    if (date !== undefined) {
      addTextCell(date, format === 'elapsed' ? CellKind.text : CellKind.date);
      return;
    }
    begin();
    columns += 1;
    reserveText(sheet, String(value).length + scratchBytes);
    const to = sheet.at + sheet.bytes.write(String(value), sheet.at, 'latin1');
    const end = canonicalNumber(sheet.bytes, sheet.at, to);
    if (end === -1) addText(sheet, '#NUM!', CellKind.error);
    else addCell(sheet, CellKind.number, end);
  }
  return {
    skipTo: (column) => {
      begin();
      for (; columns < column; columns += 1) addCell(sheet, CellKind.missing, sheet.at);
    },
    text: addTextCell,
    number: addNumber,
    endRow: (line, isHidden) => {
      begin();
      sheet.rowIsHidden = isHidden;
      endRow(sheet, line, width);
      columns = 0;
    },
    rowCount: () => (isTaken ? 0 : sheet.count),
    take: () => {
      isTaken = true;
      return completeRows(sheet, name);
    },
  };
}
