import { cellReference } from '../source/cell-reference.ts';
import type { NotesStyle } from './mark-styles.ts';
import { escapeCellText, escapeXml, xmlHead } from './xml-text.ts';

/** Wrong cells listed one by one; programs follow 65,530 links of a sheet at most, and nobody reads so many. */
export const listedMax = 10_000;

/** What the sheet for the sender says. */
export interface SenderNotes {
  readonly title: string;
  /** What to do, a sentence a line. */
  readonly advice: readonly string[];
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly groups: readonly {
    readonly rows: number;
    readonly code: string;
    readonly column: string;
    readonly expected: string;
  }[];
  readonly faults: readonly {
    /** Where a click leads; undefined when there is no such cell in this workbook. */
    readonly target: { readonly sheet: string; readonly cell: string } | undefined;
    readonly place: string;
    readonly code: string;
    readonly column: string;
    readonly found: string;
    readonly expected: string;
  }[];
  /** Said below the list when it does not hold all. */
  readonly more: string | undefined;
  readonly columns: readonly { readonly label: string; readonly expected: string }[];
}

/** The colour of the sheet's tab, which no menu offers: by it ours is told from a sheet of the same name. */
const tabColor = 'FFC00001';

/** Whether a sheet, by how its XML begins, is one that was written here. Programs that save it keep the colour. */
export const isNotesSheet = (beginning: string): boolean => beginning.includes(`"${tabColor}"`);

type NotesStyles = Readonly<Record<NotesStyle, number>>;
type NotesCell = readonly [text: string | number, style: NotesStyle];

/** Widths of the columns, in characters. */
const widths = [26, 22, 28, 36, 80];

/** The sheet as XML. All texts are texts: what begins like a formula is none. */
export function notesSheetXml(notes: SenderNotes, styles: NotesStyles, namespace: string): string {
  const rows: string[] = [];
  const links: string[] = [];
  const add = (...cells: readonly NotesCell[]): void => {
    const number = rows.length + 1;
    const content = cells.map(([value, style], column) =>
      cellXml(value, styles[style], cellReference(column, number)),
    );
    rows.push(`<row r="${number}">${content.join('')}</row>`);
  };
  const head = (...titles: readonly string[]): void => {
    add();
    add(...titles.map((title) => [title, 'head'] as const));
  };
  add([notes.title, 'title']);
  for (const line of notes.advice) add([line, 'plain']);
  add(['', 'cell'], ['This cell is wrong; its comment says what was expected.', 'plain']);
  add(['', 'row'], ['The row is wrong as a whole; the comment is on one of its cells.', 'plain']);
  head('About this file');
  for (const [name, value] of notes.facts) add([name, 'plain'], [value, 'plain']);
  head('Rows', 'Code', 'Column', 'Expected');
  for (const { rows: count, code, column, expected } of notes.groups) {
    add([count, 'count'], [code, 'plain'], [column, 'text'], [expected, 'plain']);
  }
  head('Where', 'Code', 'Column', 'Found', 'Expected');
  for (const { target, place, code, column, found, expected } of notes.faults) {
    add(
      [place, target === undefined ? 'plain' : 'link'],
      [code, 'plain'],
      [column, 'text'],
      [found, 'text'],
      [expected, 'plain'],
    );
    if (target === undefined) continue;
    const location = `'${target.sheet.replaceAll("'", "''")}'!${target.cell}`;
    links.push(
      `<hyperlink ref="${cellReference(0, rows.length)}" location="${escapeXml(location)}"/>`,
    );
  }
  if (notes.more !== undefined) add([notes.more, 'plain']);
  head('Column', 'Must hold');
  for (const { label, expected } of notes.columns) {
    add([label, 'text'], [expected, 'plain']);
  }
  const columns = widths.map(
    (width, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  return (
    `${xmlHead}<worksheet xmlns="${namespace}"><sheetPr><tabColor rgb="${tabColor}"/></sheetPr>` +
    `<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/>` +
    `<cols>${columns.join('')}</cols><sheetData>${rows.join('')}</sheetData>` +
    `${links.length === 0 ? '' : `<hyperlinks>${links.join('')}</hyperlinks>`}</worksheet>`
  );
}

function cellXml(value: string | number, style: number, name: string): string {
  if (value === '') return `<c r="${name}" s="${style}"/>`;
  if (typeof value === 'number') return `<c r="${name}" s="${style}"><v>${value}</v></c>`;
  return `<c r="${name}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeCellText(value)}</t></is></c>`;
}
