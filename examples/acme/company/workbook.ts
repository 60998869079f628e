import { strToU8, zipSync } from 'fflate';

import { type Day, daysBetween } from './dates.ts';
import { type Cents, plain } from './money.ts';

/** A cell as people fill them in. */
export type Cell =
  | string
  | null
  | { readonly date: Day }
  | { readonly cents: Cents }
  /** A date whose format was lost: shown, and stored, as a plain number. */
  | { readonly serial: Day }
  | { readonly error: string }
  /** A formula over cells, with the amount it came to. */
  | { readonly formula: string; readonly cents: Cents }
  | { readonly bold: string };

export interface Sheet {
  readonly name: string;
  /** From the first row on. */
  readonly rows: readonly (readonly Cell[])[];
  /** Ranges such as `A4:B4`. */
  readonly merged: readonly string[];
  /** Width of each column in characters. */
  readonly widths: readonly number[];
}

/** Indexes of `cellXfs` in the styles below. */
const styles = { general: 0, bold: 1, date: 2, money: 3 } as const;

/**
 * A workbook of one sheet as Excel writes it: shared strings, dates as serial numbers with a date
 * format, merged cells (ECMA-376). The same sheet gives the same bytes.
 */
export function writeWorkbook(sheet: Sheet): Uint8Array {
  const strings = new Map<string, number>();
  const data = sheetXml(sheet, strings);
  const files = {
    '[Content_Types].xml': contentTypes,
    '_rels/.rels': relationships([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbookXml(sheet.name),
    'xl/_rels/workbook.xml.rels': relationships([
      ['worksheet', 'worksheets/sheet1.xml'],
      ['styles', 'styles.xml'],
      ['sharedStrings', 'sharedStrings.xml'],
    ]),
    'xl/worksheets/sheet1.xml': data,
    'xl/styles.xml': stylesXml,
    'xl/sharedStrings.xml': stringsXml(strings),
  };
  // The date is local time in the archive, so this is the same everywhere.
  const mtime = new Date(2020, 0, 1);
  return zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])),
    { level: 6, mtime },
  );
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const content = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const contentTypes = `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${content}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${content}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${content}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${content}.sharedStrings+xml"/></Types>`;

const stylesXml = `${declaration}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;

function relationships(targets: readonly (readonly [kind: string, target: string])[]): string {
  const items = targets.map(
    ([kind, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${office}/${kind}" Target="${target}"/>`,
  );
  return `${declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`;
}

function workbookXml(sheetName: string): string {
  return `${declaration}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escapeXml(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
}

function stringsXml(strings: ReadonlyMap<string, number>): string {
  const items = [...strings.keys()].map(
    (text) => `<si><t xml:space="preserve">${escapeXml(text)}</t></si>`,
  );
  return `${declaration}<sst xmlns="${main}" uniqueCount="${strings.size}">${items.join('')}</sst>`;
}

function sheetXml(sheet: Sheet, strings: Map<string, number>): string {
  const columns = sheet.widths.map(
    (width, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  const rows = sheet.rows.map((cells, row) => {
    const written = cells.map((cell, column) =>
      cellXml(cell, `${columnName(column)}${row + 1}`, strings),
    );
    return `<row r="${row + 1}">${written.join('')}</row>`;
  });
  const merged = sheet.merged.map((range) => `<mergeCell ref="${range}"/>`);
  const merges =
    merged.length === 0
      ? ''
      : `<mergeCells count="${merged.length}">${merged.join('')}</mergeCells>`;
  return `${declaration}<worksheet xmlns="${main}"><cols>${columns.join('')}</cols><sheetData>${rows.join('')}</sheetData>${merges}</worksheet>`;
}

function cellXml(cell: Cell, at: string, strings: Map<string, number>): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return textXml(cell, at, { style: styles.general, strings });
  if ('bold' in cell) return textXml(cell.bold, at, { style: styles.bold, strings });
  if ('date' in cell) return `<c r="${at}" s="${styles.date}"><v>${serialOf(cell.date)}</v></c>`;
  if ('serial' in cell) return `<c r="${at}"><v>${serialOf(cell.serial)}</v></c>`;
  if ('error' in cell) return `<c r="${at}" t="e"><v>${escapeXml(cell.error)}</v></c>`;
  const formula = 'formula' in cell ? `<f>${escapeXml(cell.formula)}</f>` : '';
  return `<c r="${at}" s="${styles.money}">${formula}<v>${plain(cell.cents)}</v></c>`;
}

function textXml(
  text: string,
  at: string,
  { style, strings }: { style: number; strings: Map<string, number> },
): string {
  const index = strings.get(text) ?? strings.size;
  strings.set(text, index);
  return `<c r="${at}" s="${style}" t="s"><v>${index}</v></c>`;
}

/** Days since the last of 1899, as Excel counts them from March 1900 on. */
function serialOf(day: Day): number {
  return daysBetween('1899-12-30', day);
}

function columnName(index: number): string {
  return String.fromCharCode(65 + index);
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
