import type { BookSheet } from './book.ts';
import { checkRangeCount, type MergedRange } from './merged-ranges.ts';
import { isEmptyCell, type OdsCell, readOdsCell, repeatOf } from './ods-cell.ts';
import { WorkbookFault } from './workbook-fault.ts';
import {
  attribute,
  nextToken,
  tagName,
  Token,
  unescapeXml,
  type XmlScanner,
} from './xml-scanner.ts';

/** A row as it is written: one for many when it is repeated. */
export interface OdsRow {
  /** From 1. */
  readonly line: number;
  readonly repeat: number;
  readonly isHidden: boolean;
  readonly cells: readonly OdsCell[];
}

/** LibreOffice's last column. */
const columnsMax = 16_384;

/** LibreOffice's last row. */
export const rowsMax = 1_048_576;

/** Cells that are written once and repeated; more of them is a bomb and no table. */
export const repeatedCellsMax = 10_000_000;

export const tooManyCells = (): WorkbookFault =>
  new WorkbookFault(
    `repeats cells more than ${repeatedCellsMax} times, beyond row ${rowsMax} or beyond column ${columnsMax}, which no table does`,
    'Open it in its program, delete what stands below and beside the table, and save it.',
  );

/**
 * Reads `content.xml` (OpenDocument 1.3, part 3): the names of all sheets, and the rows of one.
 * Only paragraphs that stand in a cell itself are its text: those of notes and shapes are not.
 */
export class OdsScanner {
  readonly sheets: BookSheet[] = [];
  readonly merges: MergedRange[] = [];
  /** First and last of each run of hidden columns, from 0. */
  readonly hiddenColumns: (readonly [number, number])[] = [];
  readonly #wanted: number;
  #rows: OdsRow[] = [];
  #depth = 0;
  /** Depth of the sheet's element; 0 outside. */
  #sheetDepth = 0;
  /** Depth of an element whose content is passed over; 0 outside. */
  #passedDepth = 0;
  #style = '';
  readonly #hiddenStyles = new Set<string>();
  #line = 1;
  #row: { line: number; repeat: number; isHidden: boolean; cells: OdsCell[] } | undefined;
  #column = 0;
  #tableColumn = 0;
  #cell: OdsCell | undefined;
  #cellDepth = 0;
  #inParagraph = false;

  /** @param wanted the sheet whose rows are read, from 0; none when it is left out. */
  constructor(wanted = -1) {
    this.#wanted = wanted;
  }

  /** Rows since the last time. */
  takeRows(): readonly OdsRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  step(xml: XmlScanner): boolean {
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token === Token.text) {
      if (this.#inParagraph && this.#passedDepth === 0) this.#addText(xml);
      return true;
    }
    const name = tagName(xml);
    if (token === Token.open) {
      this.#depth += 1;
      if (this.#passedDepth === 0) this.#open(xml, name);
    }
    if (token === Token.close || xml.selfClosing) {
      if (this.#passedDepth === 0) this.#close(name);
      else if (this.#passedDepth === this.#depth) this.#passedDepth = 0;
      this.#depth -= 1;
    }
    return true;
  }

  #open(xml: XmlScanner, name: string): void {
    if (this.#cell !== undefined) this.#openInCell(xml, name);
    else if (name === 'table' && this.#sheetDepth === 0) this.#openSheet(xml);
    else if (name === 'dde-link' || name === 'tracked-changes') this.#passedDepth = this.#depth;
    else if (name === 'style') this.#style = attribute(xml, 'name') ?? '';
    else if (name === 'table-properties' && attribute(xml, 'display') === 'false') {
      this.#hiddenStyles.add(this.#style);
    } else if (this.#isWanted()) this.#openInSheet(xml, name);
  }

  #isWanted(): boolean {
    return this.#sheetDepth > 0 && this.sheets.length - 1 === this.#wanted;
  }

  #openSheet(xml: XmlScanner): void {
    const isHidden = this.#hiddenStyles.has(attribute(xml, 'style-name') ?? '');
    this.sheets.push({
      name: attribute(xml, 'name') ?? '',
      state: isHidden ? 'hidden' : 'visible',
    });
    this.#sheetDepth = this.#depth;
  }

  #openInSheet(xml: XmlScanner, name: string): void {
    if (name === 'table-column') {
      const count = repeatOf(xml, 'number-columns-repeated');
      if (isCollapsed(xml)) {
        this.hiddenColumns.push([this.#tableColumn, this.#tableColumn + count - 1]);
      }
      this.#tableColumn += count;
    } else if (name === 'table-row') {
      const repeat = repeatOf(xml, 'number-rows-repeated');
      this.#row = { line: this.#line, repeat, isHidden: isCollapsed(xml), cells: [] };
      this.#column = 0;
    } else if (name === 'table-cell' || name === 'covered-table-cell') {
      this.#openCell(xml);
    }
  }

  #openCell(xml: XmlScanner): void {
    const cell = readOdsCell(xml, this.#column);
    const rows = repeatOf(xml, 'number-rows-spanned');
    const columns = repeatOf(xml, 'number-columns-spanned');
    if (rows > 1 || columns > 1) {
      const { column } = cell;
      const range = {
        top: this.#line,
        left: column,
        bottom: this.#line + rows - 1,
        right: column + columns - 1,
      };
      this.merges.push(range);
      checkRangeCount(this.merges.length);
    }
    this.#cell = cell;
    this.#cellDepth = this.#depth;
  }

  #openInCell(xml: XmlScanner, name: string): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    if (this.#inParagraph) {
      if (name === 's') cell.text += ' '.repeat(Math.min(repeatOf(xml, 'c'), columnsMax));
      else if (name === 'tab') cell.text += '\t';
      else if (name === 'line-break') cell.text += '\n';
      // Notes, and how a word is read aloud.
      else if (name === 'annotation' || name === 'ruby-text') this.#passedDepth = this.#depth;
    } else if (name === 'p' && this.#depth === this.#cellDepth + 1) {
      if (cell.hasText) cell.text += '\n';
      cell.hasText = true;
      this.#inParagraph = true;
    } else {
      this.#passedDepth = this.#depth;
    }
  }

  /** White space is one space however much there is of it (OpenDocument 1.3, part 3, 6.1.2). */
  #addText(xml: XmlScanner): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    const raw = xml.bytes.toString('utf8', xml.textStart, xml.textEnd);
    const text = (xml.textHasEntities ? unescapeXml(raw) : raw).replaceAll(/[ \t\r\n]+/gu, ' ');
    const isAtStart = cell.text === '' || /[ \t\n]$/u.test(cell.text);
    cell.text += isAtStart ? text.replace(/^ /u, '') : text;
  }

  #close(name: string): void {
    if (this.#cell !== undefined) {
      if (this.#depth === this.#cellDepth) this.#closeCell(this.#cell);
      else if (name === 'p') this.#inParagraph = false;
    } else if (name === 'table-row' && this.#row !== undefined) {
      if (this.#row.cells.length > 0) this.#rows.push(this.#row);
      this.#line += this.#row.repeat;
      this.#row = undefined;
    } else if (this.#depth === this.#sheetDepth) {
      this.#sheetDepth = 0;
      this.#line = 1;
    }
  }

  #closeCell(cell: OdsCell): void {
    this.#column += cell.repeat;
    this.#cell = undefined;
    if (isEmptyCell(cell)) return;
    if (this.#column > columnsMax || this.#row === undefined) throw tooManyCells();
    this.#row.cells.push(cell);
  }
}

/** Hidden by hand or in a collapsed group, or by a filter. */
const isCollapsed = (xml: XmlScanner): boolean =>
  ['collapse', 'filter'].includes(attribute(xml, 'visibility') ?? '');
