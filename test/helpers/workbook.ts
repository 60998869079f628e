import { strToU8, zipSync } from 'fflate';

/** A cell as Excel stores it: texts are shared, formats are by code. */
export type TestCell =
  | string
  | number
  | boolean
  | null
  /** A number under a number format. */
  | { readonly value: number | string; readonly format: string }
  /** Anything else: the attributes of `<c>` beside `r`, and what stands in it. */
  | { readonly attributes?: string; readonly xml: string };

export interface TestSheet {
  readonly name: string;
  /** Rows from 1; an undefined one is absent from the sheet. */
  readonly rows: readonly (readonly TestCell[] | undefined)[];
  readonly merges?: readonly string[];
  readonly state?: 'hidden' | 'veryHidden';
  /** Attributes of `<row>` by row number. */
  readonly rowAttributes?: Readonly<Record<number, string>>;
  /** Attributes of `<col>` elements. */
  readonly columns?: readonly string[];
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/package/2006/relationships';
const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export interface WorkbookOptions {
  readonly date1904?: boolean;
  /** Attributes of `<calcPr>`. */
  readonly calculation?: string;
}

/** The parts of a workbook by name, so that a test can change or drop one before `zipParts`. */
export function workbookParts(
  sheets: readonly TestSheet[],
  options: WorkbookOptions = {},
): Record<string, string> {
  const texts: string[] = [];
  const formats: string[] = [];
  const parts = Object.fromEntries(
    sheets.map((sheet, index) => [
      `xl/worksheets/sheet${index + 1}.xml`,
      sheetXml(sheet, texts, formats),
    ]),
  );
  const list = sheets.map(
    ({ name, state }, index) =>
      `<sheet name="${escapeXml(name)}" sheetId="${index + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${index + 1}"/>`,
  );
  const links = sheets.map(
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${types}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  );
  const overrides = [
    ['xl/workbook.xml', 'sheet.main'],
    ['xl/styles.xml', 'styles'],
    ['xl/sharedStrings.xml', 'sharedStrings'],
    ...Object.keys(parts).map((part) => [part, 'worksheet']),
  ].map(
    ([part, kind]) =>
      `<Override PartName="/${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${kind}+xml"/>`,
  );
  return {
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${types}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${types}"><workbookPr${options.date1904 === true ? ' date1904="1"' : ''}/><sheets>${list.join('')}</sheets>${options.calculation === undefined ? '' : `<calcPr ${options.calculation}/>`}</workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="${relations}">${links.join('')}<Relationship Id="rIdS" Type="${types}/styles" Target="/xl/styles.xml"/><Relationship Id="rIdT" Type="${types}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    'xl/styles.xml': stylesXml(formats),
    'xl/sharedStrings.xml': `${head}<sst xmlns="${main}">${texts.map((text) => `<si><t xml:space="preserve">${escapeXml(text)}</t></si>`).join('')}</sst>`,
    ...parts,
  };
}

export const zipParts = (parts: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(parts).map(([name, xml]) => [name, strToU8(xml)])));

/** An .xlsx of one or more sheets. */
export const writeWorkbook = (
  sheets: readonly TestSheet[],
  options: WorkbookOptions = {},
): Uint8Array => zipParts(workbookParts(sheets, options));

/** An .xlsx of one sheet, `Data`. */
export const writeSheet = (rows: TestSheet['rows']): Uint8Array =>
  writeWorkbook([{ name: 'Data', rows }]);

function sheetXml(sheet: TestSheet, texts: string[], formats: string[]): string {
  const rows = sheet.rows.map((cells, index) => {
    if (cells === undefined) return '';
    const content = cells.map((cell, column) =>
      cellXml(cell, `${columnLetters(column)}${index + 1}`, texts, formats),
    );
    return `<row r="${index + 1}" ${sheet.rowAttributes?.[index + 1] ?? ''}>${content.join('')}</row>`;
  });
  const merges = (sheet.merges ?? []).map((ref) => `<mergeCell ref="${ref}"/>`).join('');
  const columns = (sheet.columns ?? []).map((attributes) => `<col ${attributes}/>`).join('');
  return `${head}<worksheet xmlns="${main}">${columns === '' ? '' : `<cols>${columns}</cols>`}<sheetData>${rows.join('')}</sheetData>${merges === '' ? '' : `<mergeCells>${merges}</mergeCells>`}</worksheet>`;
}

function cellXml(cell: TestCell, ref: string, texts: string[], formats: string[]): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${ref}"><v>${cell}</v></c>`;
  if (typeof cell === 'boolean') return `<c r="${ref}" t="b"><v>${Number(cell)}</v></c>`;
  if (typeof cell === 'string') {
    return `<c r="${ref}" t="s"><v>${indexIn(texts, cell)}</v></c>`;
  }
  if ('format' in cell) {
    const style = 1 + indexIn(formats, cell.format);
    return `<c r="${ref}" s="${style}"><v>${cell.value}</v></c>`;
  }
  return `<c r="${ref}" ${cell.attributes ?? ''}>${cell.xml}</c>`;
}

function stylesXml(formats: readonly string[]): string {
  const codes = formats.map(
    (code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${escapeXml(code)}"/>`,
  );
  const styles = formats.map((_, index) => `<xf numFmtId="${164 + index}"/>`);
  return `${head}<styleSheet xmlns="${main}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${styles.join('')}</cellXfs></styleSheet>`;
}

function indexIn(list: string[], value: string): number {
  const found = list.indexOf(value);
  return found === -1 ? list.push(value) - 1 : found;
}

/** `A` … `Z`, `AA`, … of a column from 0. */
export function columnLetters(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnLetters(Math.floor(column / 26) - 1) + letter;
}

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
