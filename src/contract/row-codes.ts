/**
 * Codes of what can be wrong with a row or a cell. Frictionless' names where one fits
 * (https://framework.frictionlessdata.io/docs/errors), ours where none does.
 */
export const rowCodes = {
  'type-error': "The value is not of the column's type.",
  'constraint-error': 'The value breaks a rule of the contract.',
  'missing-cell': 'A required cell is empty, or the row is shorter than the header.',
  'extra-cell': 'The row has more cells than the header.',
  'primary-key': 'Two rows of the delivery have the same key and different content.',
  'duplicate-row': 'The row repeats another row of the delivery.',
  'foreign-key': 'The record that the row belongs to was rejected.',
  'encoding-error': 'The text is not valid in the declared encoding.',
  'format-error': 'The row cannot be parsed, e.g. a quote that is never closed.',
  'ambiguous-number':
    'The number has two readings, e.g. 1.234; declare decimalMark or thousandsMark.',
  'ambiguous-date': 'The date has two readings, e.g. 03/04/2025; declare a format.',
  'date-serial-as-number':
    'The cell holds a number where a date is expected, and has no date format.',
  'formula-error': 'The cell holds a spreadsheet error such as #N/A.',
  'stale-formula': 'The cell holds a formula whose result is missing or to be calculated again.',
  'merged-cell': 'The cell lies in a merged range.',
  'hidden-row': 'The row is hidden in the workbook.',
} as const satisfies Record<string, string>;

export type RowCode = keyof typeof rowCodes;

/** Why records were passed over without being rows: each is counted. */
export type SkipReason =
  | 'blank-row'
  | 'preamble-row'
  | 'totals-row'
  | 'carry-over-row'
  | 'header-row'
  | 'hidden-row'
  | 'hidden-sheet'
  | 'footer-row'
  | 'comment-row'
  /** Nested in a record that is delivered again, further on or later. */
  | 'repeated-record'
  | 'transform';

/**
 * What is worth knowing of records that were loaded: each is counted. Columns are counted as
 * columns; all others as rows.
 */
export type NoticedReason =
  | 'hidden-row'
  | 'hidden-column'
  | 'hidden-sheet'
  | 'merged-cell'
  | 'stale-formula';

/** What is wrong with one cell or row. */
export interface RowFault {
  readonly code: RowCode;
  /** Null when the fault is the row's. */
  readonly column: string | null;
  /** Where a reader found it: the index of the cell in its row, by which the loader finds the column. */
  readonly cellIndex?: number;
  readonly value: string | null;
  readonly expected: string;
  /** In a workbook: the cell's reference, such as `C14`. */
  readonly cell?: string;
}
