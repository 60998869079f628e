import { columnLetters } from '../cell-reference.ts';
import { CellKind } from '../source.ts';
import type { ReadingOptions } from './book.ts';
import { appendText } from './cell-text.ts';
import { addStored, addText, integerOf, scratchBytes, Stored, storedOf } from './cell-value.ts';
import { checkRangeCount, type MergedRange, parseRange } from './merged-ranges.ts';
import { readRowTag, type RowTag } from './row-tag.ts';
import {
  addCell,
  completeRows,
  createSheetCells,
  endRow,
  forgetRows,
  reserveText,
  type SheetRows,
} from './sheet-cells.ts';
import { brokenXml, type WorkbookFault } from './workbook-fault.ts';
import { isTrue, type Workbook } from './workbook.ts';
import { attribute, nextToken, packName, tagName, Token, type XmlScanner } from './xml-scanner.ts';

const cTag = packName('c');
const colTag = packName('col');
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
  readonly #options: ReadingOptions;
  readonly #sheet = createSheetCells();
  #isTaken = false;
  #inData = false;
  #isEnded = false;
  readonly #rowTag: RowTag = { row: 0, isHidden: false };
  /** First and last of each run of hidden columns, from 0. */
  readonly #hiddenColumns: (readonly [number, number])[] = [];
  readonly #merges: MergedRange[] = [];
  #staleRows = 0;
  #lastStaleRow = 0;
  /** Of the row being read: the column after its last cell. */
  #nextColumn = 0;
  /** Of the cell being read. */
  #column = 0;
  #style = 0;
  #stored: number = Stored.number;
  #hasFormula = false;
  #hasValue = false;

  constructor(workbook: Workbook, name: string, options: ReadingOptions) {
    this.#workbook = workbook;
    this.#name = name;
    this.#options = options;
  }

  /** The row at hand, from 1; 0 before the first. */
  get row(): number {
    return this.#rowTag.row;
  }

  /** Complete rows since the last `take`. */
  get rowCount(): number {
    return this.#isTaken ? 0 : this.#sheet.count;
  }

  /** The rows read since the last time, blank ones left out. Valid until the next step. */
  take(): SheetRows {
    this.#isTaken = true;
    return completeRows(this.#sheet, this.#name);
  }

  /** Columns stand before the rows: known with the first of them. */
  isHidden(column: number): boolean {
    return this.#hiddenColumns.some(([first, last]) => first <= column && column <= last);
  }

  /** Merged ranges stand after the rows. */
  get merges(): readonly MergedRange[] {
    return this.#merges;
  }

  /** Rows with formulas taken as stored, though the workbook wants them calculated again. */
  get staleRows(): number {
    return this.#staleRows;
  }

  /** Throws `format-error` when the sheet has not come to its end. */
  finish(): void {
    if (!this.#isEnded) throw brokenXml('the sheet has no end');
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
      if (token === Token.close || xml.selfClosing) this.#endRow();
    } else if (xml.name === 0 || xml.name === colTag) {
      this.#readAround(xml, token === Token.open);
    }
    return true;
  }

  /** What stands before the cells and after them. */
  #readAround(xml: XmlScanner, isOpen: boolean): void {
    const name = tagName(xml);
    if (name === 'sheetData') {
      this.#inData = isOpen && !xml.selfClosing;
      this.#isEnded = !this.#inData;
    } else if (name === 'col' && isOpen) {
      const isHidden =
        isTrue(attribute(xml, 'hidden')) || Number(attribute(xml, 'width') ?? NaN) === 0;
      const first = Number(attribute(xml, 'min')) - 1;
      const last = Number(attribute(xml, 'max')) - 1;
      if (isHidden && this.#hiddenColumns.length < columnsMax) {
        this.#hiddenColumns.push([first, last]);
      }
    } else if (name === 'mergeCell' && isOpen) {
      const range = parseRange(attribute(xml, 'ref') ?? '');
      if (range !== undefined) this.#merges.push(range);
      checkRangeCount(this.#merges.length);
    }
  }

  #beginRow(xml: XmlScanner): void {
    readRowTag(xml, this.#rowTag);
    this.#sheet.rowIsHidden = this.#rowTag.isHidden;
    this.#nextColumn = 0;
  }

  #misplaced(column: number): WorkbookFault {
    if (column < 0 || column >= columnsMax) {
      return brokenXml(`a cell stands in no column from A to ${columnLetters(columnsMax - 1)}`);
    }
    const name = columnLetters(column);
    return brokenXml(`its cell in column ${name} comes twice, or after a later one`);
  }

  #endRow(): void {
    endRow(this.#sheet, this.#rowTag.row, this.#options.width);
  }

  #readCell(xml: XmlScanner): boolean {
    const sheet = this.#sheet;
    this.#readAttributes(xml);
    const to = this.#readValue(xml);
    if (to === -1) return false;
    const column = this.#column;
    if (column < this.#nextColumn || column >= columnsMax) throw this.#misplaced(column);
    while (this.#nextColumn < column) {
      addCell(sheet, CellKind.missing, sheet.at);
      this.#nextColumn += 1;
    }
    this.#nextColumn = column + 1;
    if (this.#hasFormula) this.#addResult(to);
    else addStored(sheet, this.#workbook, { stored: this.#stored, style: this.#style, to });
    return true;
  }

  /** The result of a formula: a workbook that no program calculated has none, or a stand-in. */
  #addResult(to: number): void {
    const sheet = this.#sheet;
    const isEmptyText = this.#stored === Stored.text && this.#hasValue;
    if (to === sheet.at && !isEmptyText) {
      addText(sheet, '(formula without a stored result)', CellKind.stale);
      return;
    }
    const { recalculates } = this.#workbook;
    if (recalculates && this.#options.staleFormulas === 'reject') {
      addCell(sheet, CellKind.stale, to);
      return;
    }
    if (recalculates) this.#noteStaleRow();
    addStored(sheet, this.#workbook, { stored: this.#stored, style: this.#style, to });
  }

  #noteStaleRow(): void {
    const { row } = this.#rowTag;
    if (row <= this.#options.headerRow || row === this.#lastStaleRow) return;
    this.#lastStaleRow = row;
    this.#staleRows += 1;
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
