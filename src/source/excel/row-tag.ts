import { brokenXml, shown } from './workbook-fault.ts';
import type { XmlScanner } from './xml-scanner.ts';

const EQUALS = 0x3d;
const LETTER_H = 0x68;
const LETTER_I = 0x69;
const LETTER_R = 0x72;
const LETTER_T = 0x74;
const ONE = 0x31;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** Excel's last row. */
const rowsMax = 1_048_576;

/** The row at hand: one value, changed from row to row. */
export interface RowTag {
  /** From 1; 0 before the first. */
  row: number;
  /** By hand, by a filter, in a collapsed group, or of no height. */
  isHidden: boolean;
}

/**
 * Reads `r`, `hidden` and `ht` of a row's tag, without a text for any name: a sheet has a million
 * rows. A row without number follows the one before. Throws `format-error` when rows do not go down.
 */
export function readRowTag(xml: XmlScanner, tag: RowTag): void {
  const { bytes, attributesEnd } = xml;
  let row = tag.row + 1;
  tag.isHidden = false;
  let position = xml.attributesStart;
  while (position < attributesEnd) {
    if ((bytes[position] ?? 0) <= SPACE) {
      position += 1;
      continue;
    }
    const name = position;
    const equals = bytes.indexOf(EQUALS, position);
    // No writer puts spaces around the equals sign; to overlook a number would misplace the row.
    if (equals === -1 || equals >= attributesEnd || (bytes[equals - 1] ?? 0) <= SPACE) {
      throw brokenXml();
    }
    const quote = bytes[equals + 1] ?? 0;
    const from = equals + 2;
    let to = from;
    while (to < attributesEnd && bytes[to] !== quote) to += 1;
    if (to === attributesEnd) throw brokenXml();
    const length = equals - name;
    if (length === 1 && bytes[name] === LETTER_R) row = rowNumber(bytes, from, to);
    else if (length === 2 && bytes[name] === LETTER_H && bytes[name + 1] === LETTER_T) {
      if (isZero(bytes, from, to)) tag.isHidden = true;
    } else if (length === 6 && bytes[name] === LETTER_H && bytes[name + 1] === LETTER_I) {
      // `1` or `true`.
      if (bytes[from] === ONE || bytes[from] === LETTER_T) tag.isHidden = true;
    }
    position = to + 1;
  }
  if (row < 1 || row > rowsMax) {
    throw brokenXml(`it has a row ${row}, and rows go from 1 to ${rowsMax}`);
  }
  if (row <= tag.row) throw brokenXml(`row ${row} stands below row ${tag.row}`);
  tag.row = row;
}

function rowNumber(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let position = from; position < to; position += 1) {
    const byte = bytes[position] ?? 0;
    if (byte < ZERO || byte > NINE) {
      throw brokenXml(`a row has the number '${shown(bytes, from, to)}'`);
    }
    value = value * 10 + byte - ZERO;
  }
  return value;
}

/** `0`, `0.0`. */
function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let position = from; position < to; position += 1) {
    const byte = bytes[position] ?? 0;
    if (byte > ZERO && byte <= NINE) return false;
  }
  return to > from;
}
