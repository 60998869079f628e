import path from 'node:path';

import { cellReference } from '../source/cell-reference.ts';
import { cellText, placeOf } from '../source/chunk.ts';
import { summarySheet } from '../source/excel/choose-sheets.ts';
import type { RecordChunk, RecordStream } from '../source/source.ts';
import { editNotes } from './cell-notes.ts';
import { describeFaults } from './describe-faults.ts';
import type { Marking } from './mark-delivery.ts';
import { type MarkStyles, markStyles, plainStyles } from './mark-styles.ts';
import { type CellMark, createMarkCounter, notesOf, type RowMarks } from './marks.ts';
import { editShapes } from './note-shapes.ts';
import { notesSheetXml } from './notes-sheet.ts';
import { addContentTypes, addRelations, contentTypes, transitional } from './package-parts.ts';
import { marksOfRow, placeText } from './place-faults.ts';
import { remarksOf } from './remarks.ts';
import { writeZip, type ZipPart } from './write-zip.ts';
import { appendTo, escapeCellText, escapeXml, xmlHead } from './xml-text.ts';

/** Rows of a sheet, its header left out (Excel specifications and limits). */
const recordsMax = 1_048_575;
const columnsMax = 16_384;
/** Before the delivery's own columns stands where each record is in it. */
const ownColumns = 1;

const parts = {
  sheet: 'xl/worksheets/sheet1.xml',
  notes: 'xl/worksheets/sheet2.xml',
  styles: 'xl/styles.xml',
  comments: 'xl/comments1.xml',
  shapes: 'xl/drawings/vmlDrawing1.vml',
} as const;

/** A delivery that is no workbook of Excel, as a table: all its records as text, in their order. */
interface Table extends Marking {
  readonly stream: RecordStream;
}

/**
 * Writes a delivery as a workbook, with its wrong cells marked. Every cell is text as delivered, one
 * that begins like a formula too. One with more records than a sheet has rows gets those that were
 * rejected.
 */
export async function* writeTable(table: Table): AsyncGenerator<Buffer> {
  yield* writeZip(tableParts(table));
}

async function* tableParts(table: Table): AsyncGenerator<ZipPart> {
  const styles = markStyles(
    appendTo(
      plainStyles,
      'cellXfs',
      () =>
        `<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>`,
    ),
  );
  const name = sheetName(table.delivery.name);
  const rows = new TableRows(table, styles);
  yield* packageParts(name);
  yield { kind: 'stream', name: parts.sheet, blocks: rows.blocks() };
  const { marks } = rows;
  const edit = editNotes(undefined, notesOf(marks), transitional.main);
  yield { kind: 'text', name: parts.comments, text: edit.xml };
  yield { kind: 'text', name: parts.shapes, text: editShapes(undefined, { ...edit, sheet: 1 }) };
  yield {
    kind: 'text',
    name: parts.notes,
    text: notesSheetXml(notesOfTable(table, { name, rows }), styles.notes, transitional.main),
  };
  yield { kind: 'text', name: parts.styles, text: styles.xml() };
}

/** The style of cells in the table's style sheet. */
const textStyle = 1;

/** The rows of the table as they are written, and which of them are marked. */
class TableRows {
  readonly #table: Table;
  readonly #styles: MarkStyles;
  readonly #faults: ReadonlyMap<number, readonly CellMark[]>;
  /** Where the rejected records are, by their number. */
  readonly rowOf = new Map<number, number>();
  readonly marks: RowMarks[] = [];
  #row = 1;
  #record = 0;
  #toMark: number;
  isWhole: boolean;

  constructor(table: Table, styles: MarkStyles) {
    this.#table = table;
    this.#styles = styles;
    this.#faults = marksByRecord(table);
    this.#toMark = this.#faults.size;
    this.isWhole = table.delivery.read <= recordsMax;
  }

  async *blocks(): AsyncGenerator<Buffer> {
    const { labels } = this.#table.columns;
    const widths = labels.map((label) => Math.min(40, Math.max(12, label.length + 3)));
    const columns = [24, ...widths]
      .slice(0, columnsMax)
      .map(
        (width, index) =>
          `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
      );
    yield Buffer.from(
      `${xmlHead}<worksheet xmlns="${transitional.main}" xmlns:r="${transitional.relation}">` +
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
        `<sheetFormatPr defaultRowHeight="15"/><cols>${columns.join('')}</cols><sheetData>${this.#header(labels)}`,
    );
    for await (const chunk of this.#table.stream.chunks) {
      this.#table.context.signal.throwIfAborted();
      yield Buffer.from(this.#rows(chunk));
    }
    const range = `A1:${cellReference(Math.min(labels.length + ownColumns, columnsMax) - 1, this.#row)}`;
    yield Buffer.from(
      `</sheetData><ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors><legacyDrawing r:id="rId2"/></worksheet>`,
    );
  }

  #header(labels: readonly string[]): string {
    const style = this.#styles.notes.head;
    const cells = ['Where', ...labels]
      .slice(0, columnsMax)
      .map((label, column) => textCell(cellReference(column, 1), style, label));
    return `<row r="1">${cells.join('')}</row>`;
  }

  #rows(chunk: RecordChunk): string {
    let xml = '';
    for (let row = 0; row < chunk.count; row += 1) {
      this.#record += 1;
      const marks = this.#faults.get(this.#record);
      if (marks === undefined && !this.#hasRoom()) continue;
      this.#row += 1;
      if (marks !== undefined) {
        this.#toMark -= 1;
        this.rowOf.set(this.#record, this.#row);
        this.marks.push({ row: this.#row, cells: marks });
      }
      xml += this.#rowXml(chunk, row, marks ?? []);
    }
    return xml;
  }

  /** Rejected records that are still to come have their rows reserved. */
  #hasRoom(): boolean {
    if (this.isWhole && this.#row + this.#toMark > recordsMax) this.isWhole = false;
    return this.isWhole;
  }

  #rowXml(chunk: RecordChunk, row: number, marks: readonly CellMark[]): string {
    const place = placeText(this.#table.source.kind, placeOf(chunk, row));
    let xml = `<row r="${this.#row}">${textCell(cellReference(0, this.#row), textStyle, place)}`;
    const count = (chunk.rows[row + 1] ?? 0) - (chunk.rows[row] ?? 0);
    const last = (marks.at(-1)?.column ?? 0) + 1;
    const width = Math.min(Math.max(count + ownColumns, last), columnsMax);
    let next = 0;
    for (let column = ownColumns; column < width; column += 1) {
      const mark = marks[next]?.column === column ? marks[next] : undefined;
      if (mark !== undefined) next += 1;
      const text = cellText(chunk, row, column - ownColumns) ?? '';
      const style = mark === undefined ? textStyle : this.#styles.styleOf(textStyle, mark.tone);
      if (text !== '' || mark !== undefined)
        xml += textCell(cellReference(column, this.#row), style, text);
    }
    return `${xml}</row>`;
  }
}

function marksByRecord({ rejects, columns }: Table): ReadonlyMap<number, readonly CellMark[]> {
  const counted = createMarkCounter();
  const faults = Map.groupBy(rejects, ({ reject }) => reject.recordNumber);
  return new Map(
    [...faults].map(([record, rows]) => {
      const marks = marksOfRow(
        rows.flatMap((each) => each.faults),
        columns,
      );
      return [
        record,
        counted(marks.map((mark) => ({ ...mark, column: mark.column + ownColumns }))),
      ];
    }),
  );
}

function notesOfTable(
  table: Table,
  { name, rows }: { readonly name: string; readonly rows: TableRows },
) {
  const { delivery, source, columns, rejects, moment } = table;
  const what =
    source.kind === 'api' ? 'at their source' : `in ${path.basename(delivery.name)} itself`;
  return describeFaults({
    delivery,
    kind: source.kind,
    contract: source.contract,
    columns,
    rejects,
    moment,
    cellOf: ({ recordNumber }, cell) => {
      const row = rows.rowOf.get(recordNumber);
      return row === undefined
        ? undefined
        : { sheet: name, cell: cellReference(cell + ownColumns, row) };
    },
    advice: [
      `Please correct the values that are coloured in the first sheet ${what}${source.kind === 'api' ? '.' : ' and send it again under the same name.'}`,
      'This workbook shows them; it is not what is read.',
    ],
    remarks: [
      ...remarksOf(table),
      ...(rows.isWhole
        ? []
        : [
            'There are more records than a sheet has rows: only those that were not taken are shown.',
          ]),
    ],
  });
}

/** A name a sheet may have: at most 31 characters, none of `[]:*?/\`, no apostrophe at either end. */
function sheetName(fileName: string): string {
  const name = path
    .basename(fileName)
    .replaceAll(/[[\]:*?/\\\p{Cc}]/gu, ' ')
    .slice(0, 31)
    .replaceAll(/^['\s]+|['\s]+$/gu, '')
    .toWellFormed();
  return name === '' || name.toLowerCase() === 'history' || name === summarySheet
    ? 'Delivery'
    : name;
}

function* packageParts(name: string): Generator<ZipPart> {
  const types = `${xmlHead}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>`;
  yield {
    kind: 'text',
    name: '[Content_Types].xml',
    text: addContentTypes(types, {
      defaults: {
        rels: contentTypes.relations,
        xml: 'application/xml',
        vml: contentTypes.drawing,
      },
      overrides: {
        'xl/workbook.xml': contentTypes.workbook,
        [parts.sheet]: contentTypes.sheet,
        [parts.notes]: contentTypes.sheet,
        [parts.styles]: contentTypes.styles,
        [parts.comments]: contentTypes.comments,
      },
    }),
  };
  const relations: Readonly<Record<string, readonly (readonly [type: string, target: string])[]>> =
    {
      '_rels/.rels': [['officeDocument', 'xl/workbook.xml']],
      'xl/_rels/workbook.xml.rels': [
        ['worksheet', parts.sheet],
        ['worksheet', parts.notes],
        ['styles', parts.styles],
      ],
      'xl/worksheets/_rels/sheet1.xml.rels': [
        ['comments', parts.comments],
        ['vmlDrawing', parts.shapes],
      ],
    };
  for (const [part, targets] of Object.entries(relations)) {
    const added = targets.map(([type, target], index) => ({ id: `rId${index + 1}`, type, target }));
    yield { kind: 'text', name: part, text: addRelations(undefined, added, transitional) };
  }
  yield {
    kind: 'text',
    name: 'xl/workbook.xml',
    text: `${xmlHead}<workbook xmlns="${transitional.main}" xmlns:r="${transitional.relation}"><bookViews><workbookView activeTab="0"/></bookViews><sheets><sheet name="${escapeXml(name)}" sheetId="1" r:id="rId1"/><sheet name="${summarySheet}" sheetId="2" r:id="rId2"/></sheets></workbook>`,
  };
}

const textCell = (name: string, style: number, text: string): string =>
  text === ''
    ? `<c r="${name}" s="${style}"/>`
    : `<c r="${name}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeCellText(text)}</t></is></c>`;
