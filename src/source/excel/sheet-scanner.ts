import { CellKind, type RecordChunk } from '../source.ts';
import { appendText } from './cell-text.ts';
import { addStored, addText, integerOf, scratchBytes, Stored, storedOf } from './cell-value.ts';
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

const EQUALS = 0x3d;
const LETTER_R = 0x72;
const LETTER_S = 0x73;
const LETTER_T = 0x74;
const SPACE = 0x20;

/** Excel's last column, XFD. */
const columnsMax = 16_384;

/** Reads the cells of a sheet into rows, each at the place its reference names. */
export class SheetScanner {
  readonly #workbook: Workbook;
  readonly #name: string;
  readonly #width: number;
  readonly #sheet = createSheetCells();
  #isTaken = false;
  #inData = false;
  #isEnded = false;
  #row = 0;
  /** Of the row being read: the column after its last cell. */
  #nextColumn = 0;
  /** Of the cell being read. */
  #column = 0;
  #style = 0;
  #stored: number = Stored.number;
  #hasFormula = false;
  #hasValue = false;

  /** @param width rows get at least so many cells. */
  constructor(workbook: Workbook, name: string, width: number) {
    this.#workbook = workbook;
    this.#name = name;
    this.#width = width;
  }

  /** Complete rows since the last `take`. */
  get rowCount(): number {
    return this.#isTaken ? 0 : this.#sheet.count;
  }

  /** The rows read since the last time, blank ones left out. Valid until the next step. */
  take(): RecordChunk {
    this.#isTaken = true;
    return completeRows(this.#sheet, this.#name);
  }

  /** Throws `format-error` when the sheet has not come to its end. */
  finish(): void {
    if (!this.#isEnded) throw brokenXml();
  }

  /** Reads one tag of the sheet or a whole cell; false when the buffer ends inside it. */
  step(xml: XmlScanner): boolean {
    if (this.#isTaken) {
      forgetRows(this.#sheet);
      this.#isTaken = false;
    }
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token === Token.text) return true;
    if (this.#inData && token === Token.open && xml.name === cTag) return this.#readCell(xml);
    if (this.#inData && xml.name === rowTag) {
      if (token === Token.open) this.#beginRow(xml);
      if (token === Token.close || xml.selfClosing) endRow(this.#sheet, this.#row, this.#width);
    } else if (xml.name === 0 && tagName(xml) === 'sheetData') {
      this.#inData = token === Token.open && !xml.selfClosing;
      this.#isEnded = !this.#inData;
    }
    return true;
  }

  #beginRow(xml: XmlScanner): void {
    const number = attribute(xml, 'r');
    const row = number === undefined ? this.#row + 1 : Number(number);
    if (!Number.isSafeInteger(row) || row <= this.#row) throw brokenXml();
    this.#row = row;
    this.#nextColumn = 0;
  }

  #readCell(xml: XmlScanner): boolean {
    const sheet = this.#sheet;
    this.#readAttributes(xml);
    const to = this.#readValue(xml);
    if (to === -1) return false;
    const column = this.#column;
    if (column < this.#nextColumn || column >= columnsMax) throw brokenXml();
    while (this.#nextColumn < column) {
      addCell(sheet, CellKind.missing, sheet.at);
      this.#nextColumn += 1;
    }
    this.#nextColumn = column + 1;
    if (this.#hasFormula && !this.#hasValue) {
      addText(sheet, '(formula without a stored result)', CellKind.error);
    } else {
      addStored(sheet, this.#workbook, { stored: this.#stored, style: this.#style, to });
    }
    return true;
  }

  /** Reads `r`, `s` and `t` in one pass: a full sheet has tens of millions of attributes. */
  #readAttributes(xml: XmlScanner): void {
    const { bytes, attributesEnd } = xml;
    this.#column = this.#nextColumn;
    this.#style = 0;
    this.#stored = Stored.number;
    let position = xml.attributesStart;
    while (position < attributesEnd) {
      const byte = bytes[position] ?? 0;
      if (byte <= SPACE) {
        position += 1;
      } else if (bytes[position + 1] !== EQUALS) {
        position = afterAttribute(xml, position);
      } else {
        const quote = bytes[position + 2];
        const from = position + 3;
        position = from;
        while (position < attributesEnd && bytes[position] !== quote) position += 1;
        if (byte === LETTER_R) this.#column = columnOf(bytes, from, position);
        else if (byte === LETTER_S) this.#style = integerOf(bytes, from, position);
        else if (byte === LETTER_T) this.#stored = storedOf(bytes, from, position);
        position += 1;
      }
    }
  }

  /** Appends the value of the cell just opened to the sheet's bytes; returns where it ends, -1 when the buffer does before. */
  #readValue(xml: XmlScanner): number {
    const sheet = this.#sheet;
    let to = sheet.at;
    this.#hasFormula = false;
    this.#hasValue = false;
    if (xml.selfClosing) return to;
    const isInline = this.#stored === Stored.inline;
    let inValue = false;
    let inPhonetic = false;
    for (;;) {
      const token = nextToken(xml);
      if (token === Token.incomplete) return -1;
      if (token === Token.end) throw brokenXml();
      const isOpen = token === Token.open && !xml.selfClosing;
      const { name } = xml;
      if (token === Token.text) {
        if (!inValue) continue;
        // Thrice: what is no UTF-8 is replaced by three bytes.
        reserveText(sheet, to - sheet.at + 3 * (xml.textEnd - xml.textStart) + scratchBytes);
        to = appendText(xml, sheet.bytes, to);
      } else if (name === vTag || name === tTag) {
        this.#hasValue = true;
        inValue = isOpen && !inPhonetic && (name === tTag) === isInline;
      } else if (name === fTag) {
        this.#hasFormula = true;
      } else if (name === rPhTag) {
        inPhonetic = isOpen;
      } else if (name === cTag && token === Token.close) {
        return to;
      }
    }
  }
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

/** Position after an attribute whose name has more than one letter. */
function afterAttribute(xml: XmlScanner, position: number): number {
  const equals = xml.bytes.indexOf(EQUALS, position);
  // No writer puts spaces around the equals sign; to overlook a reference would misplace the cell.
  if (equals === -1 || equals >= xml.attributesEnd || (xml.bytes[equals - 1] ?? 0) <= SPACE) {
    throw brokenXml();
  }
  const quote = xml.bytes[equals + 1] ?? 0;
  const to = xml.bytes.indexOf(quote, equals + 2);
  if (to === -1 || to >= xml.attributesEnd) throw brokenXml();
  return to + 1;
}
