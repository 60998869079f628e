import type { Contract } from '../contract/contract.ts';
import { PlumblineError } from '../errors.ts';
import { rowTexts } from '../source/chunk.ts';
import { detectHeader, type HeaderPlace, isIndexRow } from '../source/csv/detect-header.ts';
import type { SampleRecord } from '../source/csv/sample.ts';
import type { Book, BookSheet } from '../source/excel/book.ts';
import { chooseSheets } from '../source/excel/choose-sheets.ts';
import { type ExcelOptions, parseExcelOptions } from '../source/excel/excel-options.ts';
import type { MergedRange } from '../source/excel/merged-ranges.ts';
import { openBook } from '../source/excel/open-book.ts';
import { readExcel } from '../source/excel/read-excel.ts';
import type { LandedDelivery } from '../source/source.ts';
import type { Question } from './inferred.ts';
import {
  type ExcelSettings,
  type Fact,
  type Given,
  headerRows,
  joinedQuestion,
  type TableFile,
} from './table-file.ts';

/** Rows of a sheet that are looked at for its labels. */
const sampleRows = 1_000;
const headerConfidence = 0.75;
/** A header has as many rows at most. */
const rowsMax = 5;

/** Finds the table of a workbook. Throws as `openBook` and `chooseSheets` do, `format-error` for an empty sheet. */
export async function findSheetTable(
  landed: LandedDelivery,
  given: Given,
  signal: AbortSignal,
): Promise<TableFile> {
  const { name } = landed;
  const book = await openBook(landed);
  const { sheet, records } = await chooseSheet(book, given, name);
  const header = headerOf(records, given, await book.merges(sheet));
  const found: ExcelSettings = {
    ...(book.sheets.length > 1 ? { sheet: sheet.name } : {}),
    ...(header.header === undefined ? {} : { header: header.header }),
  };
  const read = (settings: ExcelSettings) =>
    readAll(landed, { ...settings, sheet: sheet.name }, signal);
  const merged = await mergedHeader(() =>
    readAll(landed, { ...found, sheet: sheet.name }, signal, everyLabel),
  );
  const settings: ExcelSettings = merged === undefined ? found : { ...found, merged: 'top-left' };
  const others = await alikeSheets(book, sheet, header);
  return {
    settings: { builder: 'excel', ...settings },
    facts: [...sheetFacts(book, sheet), header.fact],
    questions: [...header.questions, ...(merged ?? []), ...others, ...hiddenQuestion(sheet)],
    open: () => read(settings),
  };
}

/** Labels that are merged in a way that leaves more than one reading are named by their first cell. */
async function mergedHeader(read: () => Promise<unknown>): Promise<Question[] | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.code !== 'merged-header') throw error;
    const text = `${error.message} It is read by its top left cell, as merged: 'top-left' says.`;
    return [{ text, readings: [] }];
  }
}

/** The sheet asked for, or the first with content that is not hidden. */
async function chooseSheet(
  book: Book,
  given: Given,
  name: string,
): Promise<{ readonly sheet: BookSheet; readonly records: readonly SampleRecord[] }> {
  const choice = given.sheet === undefined ? undefined : [sheetChoice(book, given.sheet)];
  const { read } = chooseSheets(book.sheets, choice, { hidden: 'load', name });
  const visible = book.sheets.filter(({ state }) => state === 'visible');
  for (const sheet of choice === undefined ? [...read, ...visible] : read) {
    const records = await sampleOf(book, sheet);
    if (records.length > 0) return { sheet, records };
  }
  const [first] = read;
  throw new PlumblineError('format-error', {
    message:
      first === undefined
        ? `${name} has no sheet with cells.`
        : `${name}: sheet '${first.name}' is empty. Sheets are ${listOf(book.sheets)}.`,
    remedy: 'Look at it in Excel; another sheet can be chosen with --sheet NAME.',
  });
}

/** A transform may ask for any label, so that each of them is looked at; it is never run. */
const everyLabel: Contract = { columns: {}, transform: () => null };

/** Reads whatever the sheet holds: no contract says which columns are wanted. */
function readAll(
  landed: LandedDelivery,
  settings: ExcelSettings,
  signal: AbortSignal,
  contract: Contract = { columns: {} },
) {
  const from = { kind: 'file', description: 'a file', list: async function* list() {} };
  const options: ExcelOptions<Record<string, never>> = { from, columns: {}, ...settings };
  return readExcel(landed, { format: parseExcelOptions(options), contract }, signal);
}

/** `--sheet 2` is a name where there is one, else a number. */
function sheetChoice({ sheets }: Book, sheet: string): string | number {
  const isNumber = /^\d{1,4}$/u.test(sheet) && sheets.every(({ name }) => name !== sheet);
  return isNumber ? Number(sheet) : sheet;
}

/** Rows with content as records of one width, as a text file has them. */
async function sampleOf(book: Book, sheet: BookSheet): Promise<SampleRecord[]> {
  const rows: { row: number; cells: string[] }[] = [];
  const reading = book.read(sheet, { width: 0, headerRow: 0, staleFormulas: 'load' });
  for await (const chunk of reading.chunks) {
    for (let row = 0; row < chunk.count && rows.length < sampleRows; row += 1) {
      const cells = rowTexts(chunk, row);
      while (cells.at(-1)?.trim() === '') cells.pop();
      if (cells.length > 0) rows.push({ row: chunk.lines[row] ?? 0, cells });
    }
    if (rows.length >= sampleRows) break;
  }
  const width = tableWidth(rows.map(({ cells }) => cells));
  return rows.map(({ row, cells }) => {
    // Cells without content need not be stored at the end of a row; of a title nothing is.
    const isTable = filledCount(cells) * 2 >= width;
    const padded = isTable
      ? [...cells, ...Array<string>(Math.max(0, width - cells.length)).fill('')]
      : cells;
    return { row, cells: padded, quoted: padded.map(() => false) };
  });
}

const filledCount = (cells: readonly string[]): number =>
  cells.filter((cell) => cell.trim() !== '').length;

/** The width that most rows reach within a cell or so: the widest of those that are common. */
function tableWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count >= Math.max(1, rows.length / 10));
  return Math.max(0, ...(common.length === 0 ? counts : new Map(common)).keys());
}

interface FoundHeader {
  readonly header: ExcelSettings['header'];
  readonly row: number;
  readonly labels: readonly string[];
  readonly fact: Fact;
  readonly questions: readonly Question[];
}

function headerOf(
  records: readonly SampleRecord[],
  { headerRow }: Given,
  ranges: readonly MergedRange[],
): FoundHeader {
  const guess = detectHeader(records);
  const [first] = records;
  // Where no row has names, the first that is as wide as the table stands for them.
  const widest = Math.max(0, ...records.map(({ cells }) => cells.length));
  const top = records.find(({ cells }) => cells.length === widest) ?? first;
  const found = headerRow ?? guess.value?.row ?? top?.row ?? 1;
  const counted = guess.value?.row === found ? guess.value.rows : 1;
  const place = mergedRows({ row: found, rows: counted }, ranges, records);
  const { row, rows } =
    headerRow === undefined ? withIndex(withGroups(place, ranges, records), records) : place;
  const labels = records.find((record) => record.row === row)?.cells ?? [];
  const isDefault = row === first?.row && rows === 1;
  const isAsked = headerRow !== undefined;
  const isSure = isAsked || (guess.value !== undefined && guess.confidence >= headerConfidence);
  // Merged cells say themselves that they are labels over labels.
  const isMerged = ranges.some(({ top: from, bottom }) => from >= row && bottom < row + rows);
  const joined = rows === 1 || isMerged || isAsked ? [] : [joinedQuestion(row, rows)];
  return {
    header: isDefault && !isAsked ? undefined : headerRows(row, rows),
    row,
    labels,
    fact: {
      what: 'Labels',
      value: rows === 1 ? `row ${row}` : `rows ${row} to ${row + rows - 1}, joined`,
      confidence: isAsked
        ? undefined
        : guess.value === undefined
          ? 1 - guess.confidence
          : guess.confidence,
      why: isAsked ? undefined : guess.why,
    },
    questions: isSure
      ? joined
      : [
          {
            text: `Row ${row} is taken for the labels, but ${guess.why}. If they stand elsewhere: --header ROW.`,
            readings: [],
          },
        ],
  };
}

/** Labels that are merged downwards say in how many rows the header stands. */
function mergedRows(
  { row, rows }: HeaderPlace,
  ranges: readonly MergedRange[],
  records: readonly SampleRecord[],
): HeaderPlace {
  let last = row + rows - 1;
  for (const { top, bottom } of ranges) {
    const isHeader = top >= row && top <= last && bottom > last && bottom < row + rowsMax;
    if (isHeader && records.some((record) => record.row === bottom)) last = bottom;
  }
  return { row, rows: last - row + 1 };
}

/**
 * Groups that are merged over several columns each, in the row above: nothing stands in the cells
 * that they reach over, so that the row is not as wide as the table. A title is one range alone.
 */
function withGroups(
  place: HeaderPlace,
  ranges: readonly MergedRange[],
  records: readonly SampleRecord[],
): HeaderPlace {
  let { row, rows } = place;
  const labels = records.find((record) => record.row === row)?.cells ?? [];
  for (;;) {
    const above = records.find((record) => record.row === row - 1);
    const groups = ranges.filter(
      ({ top, bottom, left, right }) =>
        top === row - 1 && bottom === top && right > left && right < labels.length,
    );
    const filled = above === undefined ? 0 : filledCount(above.cells);
    if (filled < 2 || groups.length === 0 || rows === rowsMax || !repeats(labels, groups)) {
      return { row, rows };
    }
    row -= 1;
    rows += 1;
  }
}

/** With the row of the names of an index below. */
function withIndex({ row, rows }: HeaderPlace, records: readonly SampleRecord[]): HeaderPlace {
  const labels = records.filter((each) => each.row >= row && each.row < row + rows);
  const below = records.find((each) => each.row === row + rows)?.cells ?? [];
  const isBelow =
    rows < rowsMax &&
    isIndexRow(
      labels.map(({ cells }) => cells),
      below,
    );
  return { row, rows: isBelow ? rows + 1 : rows };
}

/** Labels below groups come again: `Net` and `Tax` of each quarter. */
function repeats(labels: readonly string[], groups: readonly MergedRange[]): boolean {
  const below = groups.flatMap(({ left, right }) => labels.slice(left, right + 1));
  return groups.length > 1 || new Set(below).size < below.length;
}

/** Visible sheets whose labels are the same: parts of one table, perhaps. */
async function alikeSheets(
  book: Book,
  sheet: BookSheet,
  { row, labels }: FoundHeader,
): Promise<Question[]> {
  const alike: string[] = [];
  for (const other of book.sheets) {
    if (other === sheet || other.state !== 'visible' || alike.length >= 50) continue;
    const found = await labelsAt(book, other, row);
    if (found.join('\n').trim() === labels.join('\n').trim()) alike.push(other.name);
  }
  if (alike.length === 0) return [];
  const names = [sheet.name, ...alike].map((each) => `'${each}'`).join(', ');
  return [
    {
      text: `Only sheet '${sheet.name}' is read; ${alike.length === 1 ? 'another has' : `${alike.length} others have`} the same labels. To read them as one table: sheet: [${names}], sheetColumn: 'Sheet'.`,
      readings: [],
    },
  ];
}

async function labelsAt(book: Book, sheet: BookSheet, row: number): Promise<readonly string[]> {
  const reading = book.read(sheet, { width: 0, headerRow: 0, staleFormulas: 'load' });
  for await (const chunk of reading.chunks) {
    for (let index = 0; index < chunk.count; index += 1) {
      if ((chunk.lines[index] ?? 0) === row) return rowTexts(chunk, index);
      if ((chunk.lines[index] ?? 0) > row) return [];
    }
  }
  return [];
}

function sheetFacts({ sheets }: Book, sheet: BookSheet): Fact[] {
  const value = sheets.length === 1 ? `'${sheet.name}'` : `'${sheet.name}', of ${listOf(sheets)}`;
  return [{ what: 'Sheet', value, confidence: undefined, why: undefined }];
}

const listOf = (sheets: readonly BookSheet[]): string =>
  sheets
    .slice(0, 12)
    .map(({ name, state }) => (state === 'visible' ? name : `${name} (hidden)`))
    .join(', ') + (sheets.length > 12 ? ` and ${sheets.length - 12} more` : '');

const hiddenQuestion = ({ name, state }: BookSheet): Question[] =>
  state === 'visible'
    ? []
    : [{ text: `Sheet '${name}' is hidden. It is loaded, and counted as hidden.`, readings: [] }];
