import { cellReference, columnIndex } from '../source/cell-reference.ts';
import { brokenXml } from '../source/excel/workbook-fault.ts';
import { scanPart } from '../source/excel/xml-part.ts';
import {
  attribute,
  nextToken,
  packName,
  tagName,
  Token,
  type XmlScanner,
} from '../source/excel/xml-scanner.ts';
import type { RowMarks, Tone } from './marks.ts';
import { withAttribute } from './xml-text.ts';

const cTag = packName('c');
const rowTag = packName('row');
const lessThan = 0x3c;
/** Rows whose cells are looked at for the styles of their columns. */
const sampledRows = 200;

/** Children of a sheet that stand behind its `legacyDrawing` (ECMA-376, 18.3.1.99, CT_Worksheet). */
const behindNotes = new Set([
  'legacyDrawingHF',
  'drawingHF',
  'picture',
  'oleObjects',
  'controls',
  'webPublishItems',
  'tableParts',
  'extLst',
]);

export interface SheetEdit {
  /** In the order of their rows, their cells in the order of columns. */
  readonly marks: readonly RowMarks[];
  /** The style of a cell that is marked, from the one it has. */
  readonly styleOf: (base: number, tone: Tone) => number;
  /** The relation by which the sheet finds the shapes of its comments when it has none yet. */
  readonly notes: { readonly id: string; readonly namespace: string } | undefined;
}

/** What only the sheet itself tells. */
export interface EditedSheet {
  readonly blocks: AsyncIterable<Buffer>;
  /** After the last block: the relation of the shapes the sheet had before; undefined when it had none. */
  readonly notesId: () => string | undefined;
}

/**
 * A sheet's XML with the cells of `marks` styled anew, block by block: bytes between them pass as
 * they are. Cells and rows that are not there are put in. Throws `format-error` as the reader does.
 */
export function markSheet(blocks: AsyncIterable<Buffer>, edit: SheetEdit): EditedSheet {
  const editor = new SheetEditor(edit);
  return { blocks: editor.edit(blocks), notesId: () => editor.notesId };
}

class SheetEditor {
  readonly #edit: SheetEdit;
  readonly #out: Buffer[] = [];
  /** Of the scanner's bytes: how far they have been passed on. */
  #passed = 0;
  /** A block was passed on: what is left of it moves to the front of the scanner's memory when the next one comes. */
  #isPaused = false;
  #next = 0;
  #depth = 0;
  #inData = false;
  #hasNotes = false;
  #prefix = '';
  #row = 0;
  #column = 0;
  /** Rows that were there, and by column the style its cells have, as far as some rows tell. */
  #rows = 0;
  readonly #styles = new Map<number, number>();
  /** Styles of whole columns and of the row at hand, which cells have that are not there. */
  readonly #columns: { readonly from: number; readonly to: number; readonly style: number }[] = [];
  #rowStyle: number | undefined;
  readonly #lastStyles = new Map<number, number>();
  /** Marks of the row being read that are still to come, and whether it has any. */
  #cell = 0;
  #marked: RowMarks | undefined;
  notesId: string | undefined;

  constructor(edit: SheetEdit) {
    this.#edit = edit;
  }

  async *edit(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let scanner: XmlScanner | undefined;
    let hasBegun = false;
    const steps = scanPart(blocks, (xml) => {
      scanner = xml;
      return this.#step(xml);
    });
    for await (const _ of steps) {
      if (scanner === undefined) continue;
      this.#pass(scanner, scanner.position);
      this.#isPaused = true;
      const pieces = this.#out.splice(0);
      if (!hasBegun && pieces[0] !== undefined) {
        pieces[0] = declareUtf8(pieces[0]);
        hasBegun = true;
      }
      yield* pieces;
    }
    if (this.#depth !== 0) throw brokenXml();
  }

  #step(xml: XmlScanner): boolean {
    if (this.#isPaused && !xml.whole) this.#passed = 0;
    this.#isPaused = false;
    const token = nextToken(xml);
    if (token === Token.incomplete || token === Token.end) return false;
    if (token === Token.text) return true;
    if (!this.#inData) this.#outside(xml, token);
    else if (xml.name === rowTag) this.#atRow(xml, token);
    else if (xml.name === cTag && token === Token.open) {
      if (this.#rows <= sampledRows) this.#noteStyle(xml);
      if (this.#marked !== undefined) this.#atCell(xml, this.#marked);
    } else if (xml.name === 0 && token === Token.close && tagName(xml) === 'sheetData') {
      this.#insertRows(xml, Infinity);
      this.#inData = false;
      this.#depth -= 1;
    }
    return true;
  }

  /** Tags around the cells. */
  #outside(xml: XmlScanner, token: Token): void {
    const isOpen = token === Token.open;
    const name = tagName(xml);
    if (isOpen && this.#depth === 0) this.#prefix = prefixOf(xml);
    if (isOpen && this.#depth === 1) {
      if (name === 'sheetData') this.#inData = !xml.selfClosing;
      if (name === 'legacyDrawing') {
        this.#hasNotes = true;
        this.notesId = attribute(xml, 'id');
      }
      if (behindNotes.has(name)) this.#insertNotes(xml);
    }
    if (isOpen && this.#depth === 2 && name === 'col') this.#noteColumns(xml);
    if (!isOpen && this.#depth === 1) this.#insertNotes(xml);
    if (!isOpen) this.#depth -= 1;
    else if (!xml.selfClosing) this.#depth += 1;
  }

  #noteColumns(xml: XmlScanner): void {
    const style = Number(attribute(xml, 'style') ?? 0);
    if (style === 0) return;
    const [from, to] = [Number(attribute(xml, 'min')) - 1, Number(attribute(xml, 'max')) - 1];
    this.#columns.push({ from, to, style });
  }

  #insertNotes(xml: XmlScanner): void {
    const { notes } = this.#edit;
    if (this.#hasNotes || notes === undefined) return;
    this.#hasNotes = true;
    this.#insert(
      xml,
      `<${this.#prefix}legacyDrawing xmlns:r="${notes.namespace}" r:id="${notes.id}"/>`,
    );
  }

  #atRow(xml: XmlScanner, token: Token): void {
    if (token === Token.close) {
      this.#insertCells(xml, Infinity);
      this.#marked = undefined;
      return;
    }
    const given = attribute(xml, 'r');
    const row = given === undefined ? this.#row + 1 : Number(given);
    if (!Number.isSafeInteger(row) || row <= this.#row) throw brokenXml();
    this.#insertRows(xml, row);
    this.#row = row;
    this.#rows += 1;
    this.#column = 0;
    this.#cell = 0;
    const marks = this.#edit.marks[this.#next];
    if (marks?.row !== row) return;
    this.#next += 1;
    this.#marked = marks;
    this.#rowStyle = ownStyle(xml);
    const tag = tagText(xml);
    // The spans are a hint that may be left out; cells outside of them are an error.
    const open = tag.replace(/\sspans\s*=\s*(?:"[^"]*"|'[^']*')/u, '');
    if (!xml.selfClosing) return open === tag ? undefined : this.#replaceTag(xml, open);
    const name = xml.bytes.toString('utf8', tagStart(xml) + 1, xml.nameEnd);
    this.#replaceTag(xml, `${open.slice(0, -2).trimEnd()}>${this.#cellsXml(Infinity)}</${name}>`);
    this.#marked = undefined;
    return;
  }

  /** What cells of a column look like, where the column has no style of its own. Twice the same style is no header's. */
  #noteStyle(xml: XmlScanner): void {
    const column = columnOf(attribute(xml, 'r') ?? '');
    const style = Number(attribute(xml, 's') ?? 0);
    if (this.#lastStyles.get(column) === style) this.#styles.set(column, style);
    this.#lastStyles.set(column, style);
  }

  #atCell(xml: XmlScanner, marked: RowMarks): void {
    const given = attribute(xml, 'r');
    const column = given === undefined ? this.#column : columnOf(given);
    this.#insertCells(xml, column);
    this.#column = column + 1;
    const mark = marked.cells[this.#cell];
    if (mark?.column !== column) return;
    this.#cell += 1;
    const style = this.#edit.styleOf(Number(attribute(xml, 's') ?? 0), mark.tone);
    this.#replaceTag(xml, withAttribute(tagText(xml), 's', String(style)));
  }

  /** Puts in the marked cells before `column`, which the row does not have. */
  #insertCells(xml: XmlScanner, column: number): void {
    const cells = this.#cellsXml(column);
    if (cells !== '') this.#insert(xml, cells);
  }

  /** A cell that is put in looks as it did while it was not there, or as those of its column: a date typed into it is a date. */
  #styleAt(column: number): number {
    const whole = this.#columns.find(({ from, to }) => from <= column && column <= to);
    return this.#rowStyle ?? whole?.style ?? this.#styles.get(column) ?? 0;
  }

  #cellsXml(column: number): string {
    let cells = '';
    for (;;) {
      const mark = this.#marked?.cells[this.#cell];
      if (mark === undefined || mark.column >= column) return cells;
      this.#cell += 1;
      const style = this.#edit.styleOf(this.#styleAt(mark.column), mark.tone);
      cells += `<${this.#prefix}c r="${cellReference(mark.column, this.#row)}" s="${style}"/>`;
    }
  }

  /** Puts in the marked rows before `row`, which the sheet does not have. */
  #insertRows(xml: XmlScanner, row: number): void {
    for (;;) {
      const marks = this.#edit.marks[this.#next];
      if (marks === undefined || marks.row >= row) return;
      this.#next += 1;
      this.#row = marks.row;
      this.#cell = 0;
      this.#marked = marks;
      this.#rowStyle = undefined;
      const cells = this.#cellsXml(Infinity);
      this.#marked = undefined;
      this.#insert(xml, `<${this.#prefix}row r="${marks.row}">${cells}</${this.#prefix}row>`);
    }
  }

  /** Before the last tag. */
  #insert(xml: XmlScanner, text: string): void {
    this.#pass(xml, tagStart(xml));
    this.#out.push(Buffer.from(text));
  }

  #replaceTag(xml: XmlScanner, text: string): void {
    this.#insert(xml, text);
    this.#passed = xml.position;
  }

  #pass(xml: XmlScanner, to: number): void {
    // A copy, since the scanner reads the next block into the same memory.
    if (to > this.#passed) this.#out.push(Buffer.from(xml.bytes.subarray(this.#passed, to)));
    this.#passed = Math.max(this.#passed, to);
  }
}

/** The style of a row as a whole; undefined when it has none. */
function ownStyle(xml: XmlScanner): number | undefined {
  const custom = attribute(xml, 'customFormat');
  if (custom !== '1' && custom !== 'true') return undefined;
  return Number(attribute(xml, 's') ?? 0);
}

const tagStart = (xml: XmlScanner): number => xml.bytes.lastIndexOf(lessThan, xml.nameStart);

/** The last tag as it stands, from `<` to `>`. */
const tagText = (xml: XmlScanner): string =>
  xml.bytes.toString('utf8', tagStart(xml), xml.position);

/** `x:` or nothing, of the last tag. */
const prefixOf = (xml: XmlScanner): string =>
  xml.bytes.toString('utf8', tagStart(xml) + 1, xml.nameStart);

/** Column of a reference such as `AB12`, from 0; -1 of none. */
const columnOf = (reference: string): number => columnIndex(/^[A-Z]+/iu.exec(reference)?.[0] ?? '');

/** The few sheets that came in UTF-16 are read as UTF-8, and go on as that. */
function declareUtf8(first: Buffer): Buffer {
  const declaration = /^<\?xml[^>]*\?>/u.exec(first.toString('latin1', 0, 200))?.[0] ?? '';
  const changed = declaration.replace(/(encoding\s*=\s*["'])[^"']*/u, '$1UTF-8');
  return changed === declaration
    ? first
    : Buffer.concat([Buffer.from(changed), first.subarray(declaration.length)]);
}
