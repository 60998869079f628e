import { CellKind, type RecordChunk } from '../source.ts';
import { canonicalNumber } from './canonical-number.ts';
import { appendText, copyShort } from './cell-text.ts';
import type { NumberFormat } from './number-format.ts';
import { formatElapsed, formatSerialDate, formatSerialTime } from './serial-date.ts';
import {
  addCell,
  completeRows,
  createSheetCells,
  endRow,
  forgetRows,
  reserveText,
} from './sheet-cells.ts';
import type { Workbook } from './workbook.ts';
import {
  attribute,
  brokenXml,
  nextToken,
  packName,
  tagName,
  Token,
  type XmlScanner,
} from './xml-scanner.ts';

const cTag = packName('c');
const fTag = packName('f');
const rPhTag = packName('rPh');
const rowTag = packName('row');
const tTag = packName('t');
const vTag = packName('v');

/** Excel's last column, XFD. */
const columnsMax = 16_384;
/** Enough for any number, date or error that replaces a cell's stored text. */
const scratchBytes = 64;

/** How a cell's text is stored: the attribute `t`, by its first letter (`str` as `S`). */
const Stored = {
  number: 0x6e,
  shared: 0x73,
  text: 0x53,
  inline: 0x69,
  boolean: 0x62,
  error: 0x65,
  date: 0x64,
} as const;

export interface SheetScanner {
  /** Reads one row tag or cell; the `step` of `scanPart`. */
  readonly step: (xml: XmlScanner) => boolean;
  readonly rowCount: () => number;
  /** The rows read since the last time, blank ones left out. Valid until the next step. */
  readonly take: () => RecordChunk;
  /** Throws `format-error` when the sheet has not come to its end. */
  readonly finish: () => void;
}

/** Reads cells of a sheet into rows of at least `width` cells, each at the place its reference names. */
export function createSheetScanner(workbook: Workbook, name: string, width: number): SheetScanner {
  const { texts, formats, date1904 } = workbook;
  const sheet = createSheetCells();
  let taken = false;
  let inData = false;
  let ended = false;
  let row = 0;
  /** Of the row being read: the column after its last cell. */
  let nextColumn = 0;
  /** Of the cell being read. */
  let column = 0;
  let style = 0;
  let stored: number = Stored.number;

  function step(xml: XmlScanner): boolean {
    if (taken) {
      forgetRows(sheet);
      taken = false;
    }
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token === Token.text) return true;
    if (inData && token === Token.open && xml.name === cTag) return readCell(xml);
    if (inData && xml.name === rowTag) {
      if (token === Token.open) beginRow(xml);
      if (token === Token.close || xml.selfClosing) endRow(sheet, row, width);
    } else if (xml.name === 0 && tagName(xml) === 'sheetData') {
      inData = token === Token.open && !xml.selfClosing;
      ended = !inData;
    }
    return true;
  }

  function beginRow(xml: XmlScanner): void {
    const number = attribute(xml, 'r');
    const next = number === undefined ? row + 1 : Number(number);
    if (!Number.isSafeInteger(next) || next <= row) throw brokenXml();
    row = next;
    nextColumn = 0;
  }

  function readCell(xml: XmlScanner): boolean {
    readCellAttributes(xml);
    let to = sheet.at;
    let hasFormula = false;
    let hasValue = false;
    if (!xml.selfClosing) {
      let inValue = false;
      let inPhonetic = false;
      for (;;) {
        const token = nextToken(xml);
        if (token === Token.incomplete) return false;
        if (token === Token.end) throw brokenXml();
        const isOpen = token === Token.open && !xml.selfClosing;
        if (token === Token.text) {
          if (inValue) to = appendValue(xml, to);
        } else if (xml.name === vTag || xml.name === tTag) {
          hasValue = true;
          inValue = isOpen && !inPhonetic && (xml.name === tTag) === (stored === Stored.inline);
        } else if (xml.name === fTag) {
          hasFormula = true;
        } else if (xml.name === rPhTag) {
          inPhonetic = isOpen;
        } else if (xml.name === cTag && token === Token.close) {
          break;
        }
      }
    }
    if (column < nextColumn || column >= columnsMax) throw brokenXml();
    for (; nextColumn < column; nextColumn += 1) addCell(sheet, CellKind.missing, sheet.at);
    nextColumn += 1;
    if (hasFormula && !hasValue) writeText('(formula without a stored result)', CellKind.error);
    else convert(to);
    return true;
  }

  /** Reads `r`, `s` and `t` in one pass: an element's attributes are looked at ten million times. */
  function readCellAttributes(xml: XmlScanner): void {
    const { bytes, attributesEnd } = xml;
    column = nextColumn;
    style = 0;
    stored = Stored.number;
    let position = xml.attributesStart;
    while (position < attributesEnd) {
      const byte = bytes[position] ?? 0;
      if (byte <= 0x20) {
        position += 1;
      } else if (bytes[position + 1] !== 0x3d) {
        position = afterAttribute(xml, position);
      } else {
        const quote = bytes[position + 2];
        const from = position + 3;
        position = from;
        while (position < attributesEnd && bytes[position] !== quote) position += 1;
        if (byte === 0x72) column = columnOf(bytes, from, position);
        else if (byte === 0x73) style = integerOf(bytes, from, position);
        else if (byte === 0x74) stored = storedOf(bytes, from, position);
        position += 1;
      }
    }
  }

  function appendValue(xml: XmlScanner, to: number): number {
    reserveText(sheet, to - sheet.at + 3 * (xml.textEnd - xml.textStart) + scratchBytes);
    return appendText(xml, sheet.bytes, to);
  }

  /** Makes the stored text at `[sheet.at, to)` the cell's. */
  function convert(to: number): void {
    const { bytes, at } = sheet;
    const isEmpty = to === at;
    switch (stored) {
      case Stored.shared:
        if (isEmpty) addCell(sheet, CellKind.missing, at);
        else addShared(integerOf(bytes, at, to));
        break;
      case Stored.text:
      case Stored.inline:
        addCell(sheet, CellKind.text, to);
        break;
      case Stored.boolean:
        if (isEmpty) addCell(sheet, CellKind.missing, at);
        else
          writeText(bytes[at] === 0x30 || bytes[at] === 0x66 ? 'false' : 'true', CellKind.boolean);
        break;
      case Stored.error:
        addCell(sheet, CellKind.error, to);
        break;
      case Stored.date:
        if (isEmpty) addCell(sheet, CellKind.missing, at);
        else writeText(isoDate(bytes.toString('latin1', at, to)), CellKind.date);
        break;
      default:
        if (isEmpty) addCell(sheet, CellKind.missing, at);
        else addNumber(to);
    }
  }

  function addShared(index: number): void {
    if (!(index < texts.count)) throw brokenXml();
    const from = texts.offsets[index] ?? 0;
    const to = texts.offsets[index + 1] ?? 0;
    reserveText(sheet, to - from);
    addCell(sheet, CellKind.text, copyShort(texts.bytes, from, to, sheet.bytes, sheet.at));
  }

  function addNumber(to: number): void {
    const format = formats[style] ?? 'number';
    if (format !== 'number') {
      const serial = Number(sheet.bytes.toString('latin1', sheet.at, to));
      const text = Number.isFinite(serial) ? formatSerial(serial, format, date1904) : undefined;
      if (text !== undefined) {
        writeText(text, format === 'elapsed' ? CellKind.text : CellKind.date);
        return;
      }
    }
    const end = canonicalNumber(sheet.bytes, sheet.at, to);
    addCell(sheet, end === -1 ? CellKind.text : CellKind.number, end === -1 ? to : end);
  }

  function writeText(text: string, kind: number): void {
    reserveText(sheet, scratchBytes + text.length);
    addCell(sheet, kind, sheet.at + sheet.bytes.write(text, sheet.at, 'latin1'));
  }

  return {
    step,
    rowCount: () => (taken ? 0 : sheet.count),
    take: () => {
      taken = true;
      return completeRows(sheet, name);
    },
    finish: () => {
      if (!ended) throw brokenXml();
    },
  };
}

/** A date, time or duration as text; undefined for what Excel shows as `####`. */
function formatSerial(
  serial: number,
  format: Exclude<NumberFormat, 'number'>,
  date1904: boolean,
): string | undefined {
  if (format === 'elapsed') return formatElapsed(serial);
  if (format === 'time' && serial >= 0 && serial < 1) return formatSerialTime(serial);
  return formatSerialDate(serial, date1904);
}

/** Column of a reference such as `AB12`, from 0. */
function columnOf(bytes: Uint8Array, from: number, to: number): number {
  let column = 0;
  for (let position = from; position < to; position += 1) {
    const letter = (bytes[position] ?? 0) & 0xdf;
    if (letter < 0x41 || letter > 0x5a) break;
    column = column * 26 + letter - 0x40;
  }
  return column - 1;
}

function integerOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let position = from; position < to; position += 1) {
    const digit = (bytes[position] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) throw brokenXml();
    value = value * 10 + digit;
  }
  return value;
}

function storedOf(bytes: Uint8Array, from: number, to: number): number {
  const letter = bytes[from] ?? Stored.number;
  return letter === Stored.shared && to - from > 1 ? Stored.text : letter;
}

/** Position after an attribute whose name has more than one letter. */
function afterAttribute(xml: XmlScanner, position: number): number {
  const equals = xml.bytes.indexOf(0x3d, position);
  // No writer puts spaces around the equals sign; to overlook a reference would misplace the cell.
  if (equals === -1 || equals >= xml.attributesEnd || (xml.bytes[equals - 1] ?? 0) <= 0x20) {
    throw brokenXml();
  }
  const quote = xml.bytes[equals + 1] ?? 0;
  const to = xml.bytes.indexOf(quote, equals + 2);
  if (to === -1 || to >= xml.attributesEnd) throw brokenXml();
  return to + 1;
}

/** A cell stored as ISO 8601 text, in the form dates of cells have. */
function isoDate(text: string): string {
  const local = text.replace(/Z$/u, '').replace(/T00:00:00(?:\.0+)?$/u, '');
  return local.includes('-') ? local : `1899-12-31T${local}`;
}
