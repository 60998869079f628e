import type { Contract } from '../contract/contract.ts';
import { PlumblineError } from '../errors.ts';
import { rowTexts } from '../source/chunk.ts';
import { detectHeader } from '../source/csv/detect-header.ts';
import type { SampleRecord } from '../source/csv/sample.ts';
import type { Book, BookSheet } from '../source/excel/book.ts';
import { chooseSheets } from '../source/excel/choose-sheets.ts';
import { type ExcelOptions, parseExcelOptions } from '../source/excel/excel-options.ts';
import { openBook } from '../source/excel/open-book.ts';
import { readExcel } from '../source/excel/read-excel.ts';
import type { LandedDelivery } from '../source/source.ts';
import type { Question } from './inferred.ts';
import {
  type ExcelSettings,
  type Fact,
  type Given,
  headerRows,
  type TableFile,
} from './table-file.ts';

/** Rows of a sheet that are looked at for its labels. */
const sampleRows = 1_000;
const headerConfidence = 0.75;

/** Finds the table of a workbook. Throws as `openBook` and `chooseSheets` do, `format-error` for an empty sheet. */
export async function findSheetTable(
  landed: LandedDelivery,
  given: Given,
  signal: AbortSignal,
): Promise<TableFile> {
  const { name } = landed;
  const book = await openBook(landed);
  const choice = given.sheet === undefined ? undefined : [sheetChoice(book, given.sheet)];
  const [sheet] = chooseSheets(book.sheets, choice, { hidden: 'load', name }).read;
  if (sheet === undefined) {
    throw new PlumblineError('format-error', { message: `${name} has no sheet with cells.` });
  }
  const records = await sampleOf(book, sheet);
  if (records.length === 0) {
    throw new PlumblineError('format-error', {
      message: `${name}: sheet '${sheet.name}' is empty. Sheets are ${listOf(book.sheets)}.`,
      remedy: 'Choose another with --sheet NAME.',
    });
  }
  const header = headerOf(records, given);
  const settings: ExcelSettings = {
    ...(book.sheets.length > 1 ? { sheet: sheet.name } : {}),
    ...(header.header === undefined ? {} : { header: header.header }),
  };
  const others = await alikeSheets(book, sheet, header);
  return {
    settings: { builder: 'excel', ...settings },
    facts: [...sheetFacts(book, sheet), header.fact],
    questions: [...header.questions, ...others, ...hiddenQuestion(sheet)],
    open: () => readAll(landed, { ...settings, sheet: sheet.name }, signal),
  };
}

/** Reads whatever the sheet holds: no contract says which columns are wanted. */
function readAll(landed: LandedDelivery, settings: ExcelSettings, signal: AbortSignal) {
  const from = { kind: 'file', description: 'a file', list: async function* list() {} };
  const options: ExcelOptions<Record<string, never>> = { from, columns: {}, ...settings };
  const contract: Contract = { columns: {} };
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

function headerOf(records: readonly SampleRecord[], { headerRow }: Given): FoundHeader {
  const guess = detectHeader(records);
  const [first] = records;
  const row = headerRow ?? guess.value?.row ?? first?.row ?? 1;
  const rows = guess.value?.row === row ? guess.value.rows : 1;
  const labels = records.find((record) => record.row === row)?.cells ?? [];
  const isDefault = row === first?.row && rows === 1;
  const isAsked = headerRow !== undefined;
  const isSure = isAsked || (guess.value !== undefined && guess.confidence >= headerConfidence);
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
      ? []
      : [
          {
            text: `Row ${row} is taken for the labels, but ${guess.why}. If they stand elsewhere: --header ROW.`,
            readings: [],
          },
        ],
  };
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
