import { CellKind } from '../source.ts';
import { canonicalNumber } from './canonical-number.ts';
import { copyShort } from './cell-text.ts';
import type { NumberFormat } from './number-format.ts';
import { formatElapsed, formatSerialDate, formatSerialTime } from './serial-date.ts';
import { addCell, reserveText, type SheetCells } from './sheet-cells.ts';
import { brokenXml, shown } from './workbook-fault.ts';
import type { Workbook } from './workbook.ts';

const ZERO = 0x30;
const F = 0x66;
const S = 0x73;

/** How a cell's value is stored: the attribute `t` by its first letter, `str` as `S`. */
export const Stored = {
  number: 0x6e,
  shared: 0x73,
  text: 0x53,
  inline: 0x69,
  boolean: 0x62,
  error: 0x65,
  date: 0x64,
} as const;

/** Room a value needs beyond the text it is stored as: any number, date or error fits. */
export const scratchBytes = 64;

/** Reads the attribute `t`. */
export function storedOf(bytes: Uint8Array, from: number, to: number): number {
  const letter = bytes[from] ?? Stored.number;
  return letter === S && to - from > 1 ? Stored.text : letter;
}

/** A whole number without sign. Throws `format-error` on anything else. */
export function integerOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let position = from; position < to; position += 1) {
    const digit = (bytes[position] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) {
      throw brokenXml(
        `a cell names a text or a style by '${shown(bytes, from, to)}', which is no number`,
      );
    }
    value = value * 10 + digit;
  }
  return value;
}

/** Adds a cell whose stored text is `bytes[at .. to)` of the sheet's cells, as what it means. */
export function addStored(
  sheet: SheetCells,
  workbook: Workbook,
  cell: { readonly stored: number; readonly style: number; readonly to: number },
): void {
  const { bytes, at } = sheet;
  const { stored, to } = cell;
  if (stored === Stored.text || stored === Stored.inline) addCell(sheet, CellKind.text, to);
  else if (to === at) addCell(sheet, CellKind.missing, at);
  else if (stored === Stored.shared) addShared(sheet, workbook, integerOf(bytes, at, to));
  else if (stored === Stored.error) addCell(sheet, CellKind.error, to);
  else if (stored === Stored.boolean) {
    addText(sheet, bytes[at] === ZERO || bytes[at] === F ? 'false' : 'true', CellKind.boolean);
  } else if (stored === Stored.date) {
    addText(sheet, isoDate(bytes.toString('latin1', at, to)), CellKind.date);
  } else addNumber(sheet, workbook, cell);
}

/** A cell with a text of its own, in ASCII. */
export function addText(sheet: SheetCells, text: string, kind: number): void {
  reserveText(sheet, text.length);
  addCell(sheet, kind, sheet.at + sheet.bytes.write(text, sheet.at, 'latin1'));
}

function addShared(sheet: SheetCells, { texts }: Workbook, index: number): void {
  if (!(index < texts.count)) {
    throw brokenXml(`a cell has text ${index}, and there are ${texts.count}`);
  }
  const from = texts.offsets[index] ?? 0;
  const to = texts.offsets[index + 1] ?? 0;
  reserveText(sheet, to - from);
  addCell(sheet, CellKind.text, copyShort(texts.bytes, from, to, sheet.bytes, sheet.at));
}

function addNumber(
  sheet: SheetCells,
  workbook: Workbook,
  cell: { readonly style: number; readonly to: number },
): void {
  const format = workbook.formats[cell.style] ?? 'number';
  if (format !== 'number') {
    const serial = Number(sheet.bytes.toString('latin1', sheet.at, cell.to));
    const text = formatSerial(serial, format, workbook.date1904);
    if (text !== undefined) {
      addText(sheet, text, format === 'elapsed' ? CellKind.text : CellKind.date);
      return;
    }
  }
  const end = canonicalNumber(sheet.bytes, sheet.at, cell.to);
  if (end === -1) addCell(sheet, CellKind.text, cell.to);
  else addCell(sheet, CellKind.number, end);
}

/** A date, time or duration as text; undefined for what Excel shows as `####`. */
export function formatSerial(
  serial: number,
  format: Exclude<NumberFormat, 'number'>,
  date1904: boolean,
): string | undefined {
  if (!Number.isFinite(serial)) return undefined;
  if (format === 'elapsed') return formatElapsed(serial);
  if (format === 'time' && serial >= 0 && serial < 1) return formatSerialTime(serial);
  return formatSerialDate(serial, date1904);
}

/** A date stored as ISO 8601 text, in the form dates of cells have. */
function isoDate(text: string): string {
  const local = text.replace(/Z$/u, '').replace(/T00:00:00(?:\.0+)?$/u, '');
  return local.includes('-') ? local : `1899-12-31T${local}`;
}
