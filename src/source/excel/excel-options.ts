import type { Columns } from '../../contract/column.ts';
import { checkOptions, invalidOption } from '../check-options.ts';
import { type Footer, footerProblem } from '../footer.ts';
import { type HeaderRows, headerProblem } from '../header.ts';
import type { Location, SourceOptions } from '../source.ts';
import { type TotalsRow, totalsProblem } from '../totals-row.ts';

/** A sheet by its name, number from 1, name with `*` and `?`, or pattern. */
export type SheetChoice = string | number | RegExp;

/** What becomes of hidden rows, columns or sheets. */
export type Treatment = 'load' | 'skip' | 'reject';

/** By kind; what is not named is loaded. */
export interface HiddenOptions {
  /** Hidden, filtered out, collapsed or of no height. `'reject'`: each is a reject, `hidden-row`. */
  readonly rows?: Treatment;
  /** `'skip'`: as if they were not there. `'reject'`: the delivery is refused. */
  readonly columns?: Treatment;
  /** Of those that `sheet` means. `'reject'`: the delivery is refused. */
  readonly sheets?: Treatment;
}

/**
 * What the cells of a merged range below the header hold. `'reject'`: nobody said; a row is rejected
 * (`merged-cell`) when a column of the contract lies in one. `'fill'`: each the range's value.
 * `'top-left'`: what is stored, the value in the top left cell and nothing in the others.
 */
export type MergedTreatment = 'reject' | 'fill' | 'top-left';

export interface ExcelOptions<C extends Columns> extends SourceOptions<C> {
  readonly from: Location;
  /**
   * A sheet's name, number from 1, name with `*` and `?` (`'2025-*'`), pattern, or several of these;
   * each must be found. Default: the first that is not hidden.
   */
  readonly sheet?: SheetChoice | readonly SheetChoice[];
  /** Adds a column under this label, after the others, with the name of the sheet a row stands in. */
  readonly sheetColumn?: string;
  /** Default: the first row that is not blank. */
  readonly header?: HeaderRows;
  readonly totalsRow?: TotalsRow | readonly TotalsRow[];
  readonly footer?: Footer;
  /** One word for rows, columns and sheets, or one for each. Default `'load'`. All are counted. */
  readonly hidden?: Treatment | HiddenOptions;
  /** Default `'reject'`. */
  readonly merged?: MergedTreatment;
  /**
   * Formulas of a workbook that wants them calculated again when it is opened, which programs
   * that cannot calculate write: what is stored may be a stand-in. Default `'reject'` (`stale-formula`).
   */
  readonly staleFormulas?: 'reject' | 'load';
}

/** Where the table is in a workbook, and what is made of its oddities. */
export interface ExcelFormat {
  readonly sheets: readonly SheetChoice[] | undefined;
  readonly sheetColumn: string | undefined;
  readonly header: HeaderRows | undefined;
  readonly totalsRow: TotalsRow | readonly TotalsRow[] | undefined;
  readonly footer: Footer | undefined;
  readonly hidden: Required<HiddenOptions>;
  readonly merged: MergedTreatment;
  readonly staleFormulas: 'reject' | 'load';
}

const optionNames = [
  'sheet',
  'sheetColumn',
  'header',
  'totalsRow',
  'footer',
  'hidden',
  'merged',
  'staleFormulas',
];
const treatments = ['load', 'skip', 'reject'];

/** Throws `project-invalid` naming the option, the value seen and what was expected. */
export function parseExcelOptions<C extends Columns>(options: ExcelOptions<C>): ExcelFormat {
  checkOptions('excel', options, optionNames);
  const { sheet, sheetColumn, header, totalsRow, footer, hidden = 'load' } = options;
  const { merged = 'reject', staleFormulas = 'reject' } = options;
  const sheets = sheet === undefined ? undefined : isList(sheet) ? sheet : [sheet];
  const problem =
    sheetsProblem(sheets) ??
    sheetColumnProblem(sheetColumn) ??
    excelHeaderProblem(header) ??
    totalsProblem(totalsRow) ??
    footerProblem(footer) ??
    hiddenProblem(hidden) ??
    wordProblem('merged', merged, ['reject', 'fill', 'top-left']) ??
    wordProblem('staleFormulas', staleFormulas, ['reject', 'load']);
  if (problem !== undefined) throw invalidOption('excel', problem);
  const each = typeof hidden === 'string' ? all(hidden) : { ...all('load'), ...hidden };
  return { sheets, sheetColumn, header, totalsRow, footer, hidden: each, merged, staleFormulas };
}

const isList = (value: SheetChoice | readonly SheetChoice[]): value is readonly SheetChoice[] =>
  Array.isArray(value);

const all = (treatment: Treatment): Required<HiddenOptions> => ({
  rows: treatment,
  columns: treatment,
  sheets: treatment,
});

function sheetsProblem(sheets: readonly SheetChoice[] | undefined): string | undefined {
  if (sheets === undefined) return undefined;
  if (sheets.length === 0) return 'sheet is an empty list; expected at least one sheet.';
  // What no compiler saw may be anything.
  const wrong = sheets.find((choice: unknown) => {
    if (typeof choice === 'number') return !Number.isSafeInteger(choice) || choice < 1;
    return !(choice instanceof RegExp) && (typeof choice !== 'string' || choice.trim() === '');
  });
  return wrong === undefined
    ? undefined
    : `sheet is ${JSON.stringify(wrong)}; expected a sheet's name, its number from 1, a name with * or ?, or a pattern.`;
}

const sheetColumnProblem = (label: unknown): string | undefined =>
  label === undefined || (typeof label === 'string' && label.trim() !== '')
    ? undefined
    : `sheetColumn is ${JSON.stringify(label)}; expected a label such as 'Month'.`;

const excelHeaderProblem = (header: HeaderRows | undefined): string | undefined =>
  header !== undefined && 'names' in header
    ? 'header.names is for CSV without labels; expected header.row, the row of the sheet that holds the labels.'
    : headerProblem(header);

function hiddenProblem(hidden: Treatment | HiddenOptions): string | undefined {
  if (hidden === null || typeof hidden !== 'object') {
    return wordProblem('hidden', hidden, treatments);
  }
  for (const [name, value] of Object.entries(hidden)) {
    if (!['rows', 'columns', 'sheets'].includes(name)) {
      return `hidden.${name} is none of its settings; expected rows, columns and sheets.`;
    }
    const problem = wordProblem(`hidden.${name}`, value, treatments);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const wordProblem = (name: string, value: unknown, words: readonly string[]): string | undefined =>
  typeof value === 'string' && words.includes(value)
    ? undefined
    : `${name} is ${JSON.stringify(value)}; expected ${words.map((word) => `'${word}'`).join(', ')}.`;
