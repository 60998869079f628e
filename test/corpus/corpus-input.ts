import { column } from '../../src/contract/column.ts';
import type { Columns } from '../../src/contract/column.ts';
import type { Contract } from '../../src/contract/contract.ts';
import type { RowCode, SkipReason } from '../../src/contract/row-codes.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { ApiOptions } from '../../src/source/api/api.ts';
import type { CsvOptions } from '../../src/source/csv/csv-options.ts';
import type { ExcelOptions } from '../../src/source/excel/excel-options.ts';
import type { Answer } from '../helpers/scripted-server.ts';

/** What must become of an input. */
export type Expected =
  | { readonly refused: ErrorCode }
  | {
      /** Rows that are in the table afterwards. */
      readonly loaded: number;
      /** Rows that are kept out, by code; a row with two codes counts under both. */
      readonly rejected?: Readonly<Partial<Record<RowCode, number>>>;
      /** Rows that repeat another. */
      readonly duplicate?: number;
      /** Loaded rows that failed a rule of level `warn`. */
      readonly flagged?: number;
      /** Rows of nested tables that are kept out, by code. */
      readonly nested?: Readonly<Partial<Record<RowCode, number>>>;
      /** Records that are no rows, the header and blank ones aside. */
      readonly skipped?: Readonly<Partial<Record<SkipReason, number>>>;
    };

export type Bytes = string | Uint8Array;

interface Input {
  readonly name: string;
  readonly expected: Expected;
  /**
   * Records that hold something, header included, counted by hand: for inputs that no other
   * program reads, or that it reads otherwise.
   */
  readonly records?: number;
  /** The name it comes under, when that is what is wrong. */
  readonly deliveredAs?: string;
  /** Takes seconds or much disk: not part of a short run. */
  readonly isBig?: boolean;
}

type Given<Options> = Partial<Omit<Options, 'from' | 'url'>>;

export interface CsvInput extends Input {
  readonly kind: 'csv';
  readonly content: () => Bytes | Iterable<Uint8Array>;
  readonly options?: Given<CsvOptions<Columns>>;
}

export interface ExcelInput extends Input {
  readonly kind: 'excel';
  readonly content: () => Bytes | Iterable<Uint8Array>;
  readonly options?: Given<ExcelOptions<Columns>>;
}

export interface ApiInput extends Input {
  readonly kind: 'api';
  readonly content: () => Answer;
  readonly options?: Given<ApiOptions<Columns>>;
}

export type CorpusInput = CsvInput | ExcelInput | ApiInput;

/** The contract of inputs that declare no other; that of `test/faults/bad-input.ts`. */
export const orders: Contract = {
  columns: {
    id: column.integer({ required: true }),
    name: column.text({ required: true }),
    amount: column.decimal(12, 2),
    paid_on: column.date(),
  },
  key: ['id'],
  controlTotals: ['amount'],
};

export const refused = (code: ErrorCode): Expected => ({ refused: code });

export const loads = (
  loaded: number,
  rejected?: Readonly<Partial<Record<RowCode, number>>>,
  more: Omit<Extract<Expected, { loaded: number }>, 'loaded' | 'rejected'> = {},
): Expected => ({ loaded, ...(rejected === undefined ? {} : { rejected }), ...more });
